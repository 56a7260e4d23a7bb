/** Files that an owner chose or dropped. */

import type { Sent } from "./parts";

const TABLE = /\.(csv|tsv|txt|xlsx|json|jsonl|ndjson|parquet)$/i;
/** Files that file managers leave in folders. */
const LITTER = /^(\.|Thumbs\.db$|desktop\.ini$)/i;

/** The files of an input, with their folders where a folder was chosen. */
export function chosen(input: HTMLInputElement): Sent[] {
  const files = [...(input.files ?? [])].filter(({ name }) => !LITTER.test(name));
  const isTable = input.name === "table";
  return files.map((file) => ({ path: file.webkitRelativePath || file.name, file, isTable }));
}

/** All files of a drop, those in folders too; a table is one that lies in no folder. */
export async function dropped(transfer: DataTransfer): Promise<Sent[]> {
  // The entries are gone after the first await.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files = await Promise.all(entries.map((entry) => {
    if (!entry) return [];
    return entry instanceof File ? [sent(entry.name, entry)] : inside(entry);
  }));
  return files.flat().filter(({ file }) => !LITTER.test(file.name));
}

async function inside(entry: FileSystemEntry): Promise<Sent[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail));
    return [sent(entry.fullPath.replace(/^\//, ""), file)];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: Sent[] = [];
  for (;;) {
    // A directory is read in portions, until an empty one.
    const portion = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (portion.length === 0) return files;
    files.push(...(await Promise.all(portion.map(inside))).flat());
  }
}

function sent(path: string, file: File): Sent {
  return { path, file, isTable: !path.includes("/") && TABLE.test(path) };
}

/** In an order of their own: the same files are the same upload however they were chosen. */
export function ordered(files: readonly Sent[]): Sent[] {
  const unique = new Map(files.map((one) => [`${one.path}\n${one.file.size}\n${one.file.lastModified}`, one]));
  return [...unique.entries()].sort(([one], [other]) => (one < other ? -1 : 1)).map(([, file]) => file);
}

/** A size in the unit that a person would use, in the page's language. */
export function inBytes(bytes: number): string {
  const units = ["byte", "kilobyte", "megabyte", "gigabyte"] as const;
  const power = Math.min(units.length - 1, Math.floor(Math.log10(Math.max(1, bytes)) / 3));
  const unit = units[power] as string;
  const style = { style: "unit", unit, unitDisplay: "short", maximumFractionDigits: 1 } as const;
  const language = document.documentElement.lang || undefined;
  return new Intl.NumberFormat(language, style).format(bytes / 1000 ** power);
}

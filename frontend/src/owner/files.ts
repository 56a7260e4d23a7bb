/** Files that an owner chose or dropped. */

export interface Chosen {
  readonly table: readonly File[];
  readonly images: readonly File[];
}

const TABLE = /\.(csv|tsv|txt|xlsx|json|jsonl|ndjson|parquet)$/i;
/** Files that file managers leave in folders. */
const LITTER = /^(\.|Thumbs\.db$|desktop\.ini$)/i;

/** Tables from images; what a file manager left behind is dropped. */
export function sorted(files: readonly File[]): Chosen {
  const wanted = files.filter(({ name }) => !LITTER.test(name));
  return {
    table: wanted.filter(({ name }) => TABLE.test(name)),
    images: wanted.filter(({ name }) => !TABLE.test(name)),
  };
}

/** All files of a drop, those in folders too. */
export async function dropped(transfer: DataTransfer): Promise<File[]> {
  // The entries are gone after the first await.
  const entries = [...transfer.items].map((item) => item.webkitGetAsEntry() ?? item.getAsFile());
  const files = await Promise.all(entries.map((entry) => {
    if (!entry) return [];
    return entry instanceof File ? [entry] : inside(entry);
  }));
  return files.flat();
}

async function inside(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    return [await new Promise<File>((done, fail) => (entry as FileSystemFileEntry).file(done, fail))];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    // A directory is read in portions, until an empty one.
    const portion = await new Promise<FileSystemEntry[]>((done, fail) => reader.readEntries(done, fail));
    if (portion.length === 0) return files;
    files.push(...(await Promise.all(portion.map(inside))).flat());
  }
}

/** Puts files into an input, so that the plain form sends them. */
export function fill(input: HTMLInputElement, files: readonly File[]): void {
  const transfer = new DataTransfer();
  for (const file of files) transfer.items.add(file);
  input.files = transfer.files;
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

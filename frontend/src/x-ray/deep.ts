import type { Frame } from "./frame";
import type { Level, Pixels } from "./pyramid";
import type { Reply, Request } from "./worker";

/** Lossless images are large: the one on the screen, the next, and the one before. */
const KEPT = 3;

type Unnumbered<T> = T extends unknown ? Omit<T, "id"> : never;

interface Waiting {
  readonly resolve: (reply: Reply) => void;
  readonly reject: (error: Error) => void;
}

const waiting = new Map<number, Waiting>();
const loaded = new Map<string, Promise<Pixels>>();
let worker: Worker | undefined;
let asked = 0;

/** The values behind an address, fetched and decoded once, away from the page. */
export function pixelsAt(address: string): Promise<Pixels> {
  const known = loaded.get(address);
  if (known) {
    loaded.delete(address);
    loaded.set(address, known);
    return known;
  }
  const pending = ask({ kind: "load", address }).then((reply) => (reply as { pixels: Pixels }).pixels);
  loaded.set(address, pending);
  pending.catch(() => loaded.delete(address));
  for (const oldest of loaded.keys()) {
    if (loaded.size <= KEPT) break;
    loaded.delete(oldest);
  }
  return pending;
}

/** A frame painted by the worker; a level is sent where `level` is given, and known by its key. */
export async function paintedAway(
  frame: Frame, key: string, level: Level | undefined, curve: Uint16Array | undefined,
): Promise<ImageBitmap> {
  const reply = await ask({ kind: "paint", frame, key, level, curve });
  return (reply as { bitmap: ImageBitmap }).bitmap;
}

function ask(request: Unnumbered<Request>): Promise<Reply> {
  const id = (asked += 1);
  return new Promise((resolve, reject) => {
    waiting.set(id, { resolve, reject });
    started().postMessage({ ...request, id } as Request);
  });
}

function started(): Worker {
  if (worker) return worker;
  worker = new Worker(new URL("./x-ray-worker.js", import.meta.url), { type: "module" });
  worker.onmessage = ({ data }: MessageEvent<Reply>) => {
    const found = waiting.get(data.id);
    waiting.delete(data.id);
    if ("problem" in data) found?.reject(new Error(data.problem));
    else found?.resolve(data);
  };
  worker.onerror = () => {
    for (const { reject } of waiting.values()) reject(new Error("the worker failed"));
    waiting.clear();
    worker = undefined;
  };
  return worker;
}

/** Beside the page: fetches and decodes lossless images, and paints them where there is no WebGL2. */

import type { Frame } from "./frame";
import { painted } from "./paint";
import { isPlanes, readPlanes } from "./planes";
import { histogramOf, pyramid, type Level, type Pixels } from "./pyramid";

export type Request = { readonly id: number } & (
  | { readonly kind: "load"; readonly address: string }
  | {
    readonly kind: "paint"; readonly frame: Frame; readonly curve: Uint16Array | undefined;
    /** The level, where the worker has not got it yet. */
    readonly level: Level | undefined; readonly key: string;
  }
);

export type Reply = { readonly id: number } & (
  { readonly pixels: Pixels } | { readonly bitmap: ImageBitmap } | { readonly problem: string }
);

const scope = globalThis as unknown as {
  onmessage: ((event: MessageEvent<Request>) => void) | null;
  postMessage(reply: Reply, transfer?: Transferable[]): void;
};
let kept: { readonly key: string; readonly level: Level } | undefined;

scope.onmessage = ({ data }) => void answer(data);

async function answer(request: Request): Promise<void> {
  const { id } = request;
  try {
    if (request.kind === "load") {
      const pixels = await load(request.address);
      scope.postMessage({ id, pixels }, pixels.levels.map(({ values }) => values.buffer));
    } else {
      const bitmap = await paint(request);
      scope.postMessage({ id, bitmap }, [bitmap]);
    }
  } catch (error) {
    scope.postMessage({ id, problem: String(error) });
  }
}

async function load(address: string): Promise<Pixels> {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${response.status}`);
  const data = await response.arrayBuffer();
  const first = isPlanes(data) ? await readPlanes(data) : await readPicture(data);
  return { levels: pyramid(first), histogram: histogramOf(first) };
}

/** Any picture that the browser knows; renditions are grey, so one colour says it all. */
async function readPicture(data: ArrayBuffer): Promise<Level> {
  const bitmap = await createImageBitmap(new Blob([data]), { colorSpaceConversion: "none" });
  const { width, height } = bitmap;
  const context = new OffscreenCanvas(width, height).getContext("2d", { willReadFrequently: true });
  if (!context) throw new Error("no canvas");
  context.drawImage(bitmap, 0, 0);
  const colours = context.getImageData(0, 0, width, height).data;
  const values = new Uint8Array(width * height);
  for (let at = 0; at < values.length; at += 1) values[at] = colours[4 * at] as number;
  return { width, height, values };
}

function paint(request: Request & { kind: "paint" }): Promise<ImageBitmap> {
  const { frame, curve, level, key } = request;
  if (level) kept = { key, level };
  if (kept?.key !== key) throw new Error("level not sent");
  return createImageBitmap(painted(frame, kept.level, curve));
}

/** Images decoded ahead of time, at the size of the screen, so that the next unit paints at once. */

import { fitted, type Size } from "./viewport";

const KEPT = 16;

/** An image to be there soon, and the size at which its pixels count. */
export interface Awaited extends Size {
  readonly address: string;
}

interface Entry {
  readonly pending: Promise<ImageBitmap>;
  bitmap?: ImageBitmap;
  /** The same at the size at which it fits the screen. */
  fit?: ImageBitmap;
}

const entries = new Map<string, Entry>();

/** The bitmap of an address where it is decoded already. */
export function decoded(address: string): ImageBitmap | undefined {
  return entries.get(address)?.bitmap;
}

/** The same at exactly this size, where it was made ahead of time. */
export function fitting(address: string, width: number, height: number): ImageBitmap | undefined {
  const fit = entries.get(address)?.fit;
  return fit?.width === width && fit.height === height ? fit : undefined;
}

/** Fetches and decodes an image once; rejects where it can't be loaded or is no image. */
export function decode(address: string): Promise<ImageBitmap> {
  const known = entries.get(address);
  if (known) {
    entries.delete(address);
    entries.set(address, known);
    return known.pending;
  }
  const entry: Entry = { pending: load(address) };
  entries.set(address, entry);
  entry.pending.then(
    (bitmap) => (entry.bitmap = bitmap),
    () => entries.delete(address),
  );
  forgetOldest();
  return entry.pending;
}

/** Decodes images one after the other, in the order in which they will be needed. */
export async function prefetch(images: readonly Awaited[], canvas: Size | undefined): Promise<void> {
  for (const image of images.slice(0, KEPT)) {
    // A broken image is reported where it is shown.
    const bitmap = await decode(image.address).catch(() => undefined);
    if (bitmap && canvas) await fit(image, bitmap, canvas);
  }
}

/** Making an image smaller well takes longer than a frame: it is done before it is needed. */
async function fit(image: Awaited, bitmap: ImageBitmap, canvas: Size): Promise<void> {
  const { scale } = fitted(image, canvas);
  const width = Math.round(image.width * scale);
  const height = Math.round(image.height * scale);
  const entry = entries.get(image.address);
  if (!entry || width >= bitmap.width || fitting(image.address, width, height)) return;
  const options = { resizeWidth: width, resizeHeight: height, resizeQuality: "high" } as const;
  entry.fit = await createImageBitmap(bitmap, { ...options, colorSpaceConversion: "none" });
}

async function load(address: string): Promise<ImageBitmap> {
  const response = await fetch(address, { credentials: "same-origin" });
  if (!response.ok) throw new Error(`${address}: ${response.status}`);
  // The greys are shown as they were stored, without a colour profile's conversion.
  return createImageBitmap(await response.blob(), { colorSpaceConversion: "none" });
}

function forgetOldest(): void {
  for (const address of entries.keys()) {
    if (entries.size <= KEPT) return;
    entries.delete(address);
  }
}

/** Curves from the values of an image to other values: look-up tables and equalisation. */

import { range, type Greys, type Window } from "./greys";

/** How many values of an image, each held in 16 bits, a histogram and a curve have. */
export const VALUES = 65_536;

/** The curve that a VOI look-up table asks for; undefined where the image has none. */
export function curveOf(greys: Greys): Uint16Array<ArrayBuffer> | undefined {
  const { curve } = greys;
  if (curve.length < 2) return undefined;
  const highest = range(greys) - 1;
  return Uint16Array.from({ length: VALUES }, (_, value) => {
    const at = (Math.min(value, highest) / highest) * (curve.length - 1);
    const before = Math.min(Math.floor(at), curve.length - 2);
    const [from, to] = [curve[before] as number, curve[before + 1] as number];
    return Math.round((from + (to - from) * (at - before)) * highest);
  });
}

/** Histogram equalisation: every grey comes about equally often (Gonzalez and Woods, 3.3.1). */
export function equalising(histogram: Uint32Array, greys: Greys): Uint16Array<ArrayBuffer> {
  const highest = range(greys) - 1;
  const curve = new Uint16Array(VALUES);
  const all = histogram.reduce((sum, count) => sum + count, 0);
  let below = 0;
  for (let value = 0; value < VALUES; value += 1) {
    const here = histogram[value] ?? 0;
    curve[value] = Math.round(((below + here / 2) / all) * highest);
    below += here;
  }
  return curve;
}

/** The window between two shares of the pixels, such as .01 and .99. */
export function windowBetween(histogram: Uint32Array, from: number, to: number): Window {
  const all = histogram.reduce((sum, count) => sum + count, 0);
  const [lowest, highest] = [quantile(histogram, all * from), quantile(histogram, all * to)];
  const width = Math.max(2, highest - lowest + 1);
  return { centre: lowest + 0.5 + (width - 1) / 2, width };
}

function quantile(histogram: Uint32Array, count: number): number {
  let below = 0;
  for (let value = 0; value < histogram.length; value += 1) {
    below += histogram[value] as number;
    if (below > count) return value;
  }
  return histogram.length - 1;
}

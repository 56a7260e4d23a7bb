/** The values of an image at full size and at halves of it. */

export type Values = Uint8Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

export interface Level {
  readonly width: number;
  readonly height: number;
  readonly values: Values;
}

export interface Pixels {
  readonly levels: readonly Level[];
  /** How often each value occurs. */
  readonly histogram: Uint32Array;
}

const SMALLEST = 256;

/** Halves a level, mean by mean, until it is small. */
export function pyramid(first: Level): Level[] {
  const levels = [first];
  for (let last = first; Math.max(last.width, last.height) > SMALLEST; levels.push(last)) {
    last = half(last);
  }
  return levels;
}

function half({ width, height, values }: Level): Level {
  const [across, down] = [Math.max(1, width >> 1), Math.max(1, height >> 1)];
  const made = alike(values, across * down);
  const [right, below] = [width > 1 ? 1 : 0, height > 1 ? width : 0];
  for (let y = 0, at = 0; y < down; y += 1) {
    let from = 2 * y * width;
    for (let x = 0; x < across; x += 1, at += 1, from += 2) {
      const sum = (values[from] as number) + (values[from + right] as number)
        + (values[from + below] as number) + (values[from + below + right] as number);
      made[at] = (sum + 2) >> 2;
    }
  }
  return { width: across, height: down, values: made };
}

function alike(values: Values, length: number): Values {
  return values instanceof Uint8Array ? new Uint8Array(length) : new Uint16Array(length);
}

export function histogramOf({ values }: Level): Uint32Array {
  const counts = new Uint32Array(values instanceof Uint8Array ? 256 : 65_536);
  for (const value of values) counts[value] = (counts[value] as number) + 1;
  return counts;
}

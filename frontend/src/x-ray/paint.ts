import type { Frame, Lens } from "./frame";
import type { Level } from "./pyramid";

const OPAQUE = 0xff000000;
/** Finer than the screen's greys, so that the mean of four values rounds as the shader's does. */
const PARTS = 4;

/**
 * What the shader does, without a graphics processor: a frame's pixels, to be put on a canvas.
 * Greys are looked up in a table; while something moves the nearest value is enough.
 */
export function painted(frame: Frame, level: Level, curve: Uint16Array | undefined): ImageData {
  const image = new ImageData(frame.width, frame.height);
  const out = new Uint32Array(image.data.buffer).fill(OPAQUE);
  const greys = tableFor(frame, curve);
  if (frame.isCoarse && !frame.lens) paintNearest(out, frame, level, greys);
  else paintSmooth(out, frame, level, greys);
  return image;
}

/** The grey of every quarter of a value. */
function tableFor(frame: Frame, curve: Uint16Array | undefined): Uint32Array {
  const table = new Uint32Array(frame.values * PARTS);
  for (let part = 0; part < table.length; part += 1) {
    const value = part / PARTS;
    const shown = curve ? (curve[Math.round(value)] as number) : value;
    const share = Math.min(1, Math.max(0, (shown - frame.low) / frame.span));
    table[part] = OPAQUE | (Math.round((frame.inverted ? 1 - share : share) * 255) * 0x010101);
  }
  return table;
}

function paintNearest(out: Uint32Array, frame: Frame, level: Level, greys: Uint32Array): void {
  const { width, height, values } = level;
  const [a, b, c, d, e, f] = frame.toLevel;
  for (let row = 0, at = 0; row < frame.height; row += 1) {
    let x = a * 0.5 + c * (row + 0.5) + e;
    let y = b * 0.5 + d * (row + 0.5) + f;
    for (let column = 0; column < frame.width; column += 1, at += 1, x += a, y += b) {
      if (x < 0 || y < 0 || x >= width || y >= height) continue;
      out[at] = greys[(values[Math.floor(y) * width + Math.floor(x)] as number) * PARTS] as number;
    }
  }
}

function paintSmooth(out: Uint32Array, frame: Frame, level: Level, greys: Uint32Array): void {
  const { toLevel: [a, b, c, d, e, f], lens } = frame;
  for (let row = 0, at = 0; row < frame.height; row += 1) {
    for (let column = 0; column < frame.width; column += 1, at += 1) {
      const x = lens ? through(lens, column + 0.5, row + 0.5, "x") : column + 0.5;
      const y = lens ? through(lens, column + 0.5, row + 0.5, "y") : row + 0.5;
      const value = sampled(level, a * x + c * y + e, b * x + d * y + f);
      if (value >= 0) out[at] = greys[Math.round(value * PARTS)] as number;
    }
  }
}

function through(lens: Lens, x: number, y: number, axis: "x" | "y"): number {
  const here = axis === "x" ? x : y;
  const isIn = (x - lens.x) ** 2 + (y - lens.y) ** 2 < lens.radius ** 2;
  return isIn ? lens[axis] + (here - lens[axis]) / lens.power : here;
}

/** The value at a point of a level, between its four neighbours; -1 outside. */
function sampled({ width, height, values }: Level, x: number, y: number): number {
  if (x < 0 || y < 0 || x > width || y > height) return -1;
  const left = Math.floor(x - 0.5);
  const top = Math.floor(y - 0.5);
  const across = x - 0.5 - left;
  const down = y - 0.5 - top;
  const x0 = left < 0 ? 0 : left;
  const x1 = left + 1 < width ? left + 1 : width - 1;
  const y0 = (top < 0 ? 0 : top) * width;
  const y1 = (top + 1 < height ? top + 1 : height - 1) * width;
  const above = (values[y0 + x0] as number) * (1 - across) + (values[y0 + x1] as number) * across;
  const below = (values[y1 + x0] as number) * (1 - across) + (values[y1 + x1] as number) * across;
  return above * (1 - down) + below * down;
}

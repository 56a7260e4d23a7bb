import { low, range, span, type Greys, type Tone } from "./greys";
import { after, inverse, type Affine, type Size } from "./viewport";

/** One picture to be painted: everything a renderer has to know beside the values. */
export interface Frame extends Size {
  /** From points of the frame to points of the level. */
  readonly toLevel: Affine;
  readonly level: number;
  readonly low: number;
  readonly span: number;
  readonly inverted: boolean;
  /** How many values there are. */
  readonly values: number;
  /** Something moves: quick is better than smooth. */
  readonly isCoarse: boolean;
  /** Centre, radius and magnification of a round glass, in points of the frame. */
  readonly lens: Lens | undefined;
}

export interface Lens {
  readonly x: number;
  readonly y: number;
  readonly radius: number;
  readonly power: number;
}

interface Wanted {
  readonly canvas: Size;
  /** From the image to the canvas, in device pixels. */
  readonly matrix: Affine;
  readonly levels: number;
  readonly tone: Tone;
  readonly greys: Greys;
  readonly lens: Lens | undefined;
  /** Device pixels to one pixel of the frame: 2 while something moves. */
  readonly coarse: number;
}

/** The frame for what is wanted, from the level whose pixels are just small enough. */
export function frameOf(wanted: Wanted): Frame {
  const { canvas, matrix, levels, tone, greys, lens, coarse } = wanted;
  const scale = Math.hypot(matrix[0], matrix[1]) / coarse;
  const level = Math.min(levels - 1, Math.max(0, Math.floor(-Math.log2(scale) + 1e-6)));
  const toCanvas: Affine = [coarse, 0, 0, coarse, 0, 0];
  const shrunk = 2 ** -level;
  return {
    width: Math.max(1, Math.round(canvas.width / coarse)),
    height: Math.max(1, Math.round(canvas.height / coarse)),
    toLevel: after(after(toCanvas, inverse(matrix)), [shrunk, 0, 0, shrunk, 0, 0]),
    level,
    low: low(tone),
    span: span(tone),
    inverted: tone.inverted !== greys.inverted,
    values: range(greys),
    isCoarse: coarse > 1,
    lens: lens && {
      ...lens, x: lens.x / coarse, y: lens.y / coarse, radius: lens.radius / coarse,
    },
  };
}

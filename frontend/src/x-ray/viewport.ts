/**
 * Where an image lies on a canvas.
 *
 * A point of the turned image times `scale` plus `x` and `y` is a point of the canvas, in device
 * pixels: at scale 1 one pixel of the image is one pixel of the screen.
 */

export interface Size {
  readonly width: number;
  readonly height: number;
}

export interface Point {
  readonly x: number;
  readonly y: number;
}

export interface View extends Point {
  readonly scale: number;
}

/** First mirrored left to right, then turned clockwise by so many quarters. */
export interface Turn {
  readonly quarters: number;
  readonly mirrored: boolean;
}

/** x' = a x + c y + e, y' = b x + d y + f, as in SVG and on a canvas. */
export type Affine = readonly [a: number, b: number, c: number, d: number, e: number, f: number];

export const AS_TAKEN: Turn = { quarters: 0, mirrored: false };
/** Screen pixels for one of the image, and how much closer a small image may still come. */
const LARGEST_SCALE = 16;
const CLOSER = 4;

/** The size of an image once it is turned. */
export function turnedSize({ width, height }: Size, { quarters }: Turn): Size {
  return quarters % 2 === 1 ? { width: height, height: width } : { width, height };
}

/** From points of an image to points of the turned image. */
export function turnedBy(image: Size, { quarters, mirrored }: Turn): Affine {
  const mirror: Affine = mirrored ? [-1, 0, 0, 1, image.width, 0] : [1, 0, 0, 1, 0, 0];
  let [matrix, height] = [mirror, image.height];
  for (let done = 0; done < quarters; done += 1) {
    matrix = after(matrix, [0, 1, -1, 0, height, 0]);
    height = done % 2 === 0 ? image.width : image.height;
  }
  return matrix;
}

/** The matrix that does `first`, then `second`. */
export function after(first: Affine, second: Affine): Affine {
  const [a, b, c, d, e, f] = first;
  const [g, h, i, j, k, l] = second;
  return [
    g * a + i * b, h * a + j * b, g * c + i * d, h * c + j * d, g * e + i * f + k, h * e + j * f + l,
  ];
}

export function inverse([a, b, c, d, e, f]: Affine): Affine {
  const area = a * d - b * c;
  return [
    d / area, -b / area, -c / area, a / area, (c * f - d * e) / area, (b * e - a * f) / area,
  ];
}

export function apply([a, b, c, d, e, f]: Affine, { x, y }: Point): Point {
  return { x: a * x + c * y + e, y: b * x + d * y + f };
}

/** The whole image, as large as the canvas allows, in its middle. */
export function fitted(image: Size, canvas: Size): View {
  return centred(image, canvas, Math.min(canvas.width / image.width, canvas.height / image.height));
}

export function centred(image: Size, canvas: Size, scale: number): View {
  return {
    scale,
    x: Math.round((canvas.width - image.width * scale) / 2),
    y: Math.round((canvas.height - image.height * scale) / 2),
  };
}

/** `factor` times as large, with the point of the image under `at` staying where it is. */
export function zoomed(view: View, factor: number, at: Point, image: Size, canvas: Size): View {
  const whole = fitted(image, canvas).scale;
  const largest = Math.max(LARGEST_SCALE, whole * CLOSER);
  const scale = Math.min(Math.max(view.scale * factor, Math.min(whole, 1)), largest);
  const ratio = scale / view.scale;
  return inSight(
    { scale, x: at.x - (at.x - view.x) * ratio, y: at.y - (at.y - view.y) * ratio },
    image,
    canvas,
  );
}

export function moved(view: View, by: Point, image: Size, canvas: Size): View {
  return inSight({ ...view, x: view.x + by.x, y: view.y + by.y }, image, canvas);
}

/** The same view where no edge of the image leaves a gap that could be filled. */
export function inSight(view: View, image: Size, canvas: Size): View {
  return {
    scale: view.scale,
    x: along(view.x, image.width * view.scale, canvas.width),
    y: along(view.y, image.height * view.scale, canvas.height),
  };
}

/** Whole device pixels, so that at 1:1 each pixel of the image is one of the screen. */
function along(offset: number, length: number, room: number): number {
  if (length <= room) return Math.round((room - length) / 2);
  return Math.round(Math.min(0, Math.max(room - length, offset)));
}

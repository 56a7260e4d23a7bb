import type { Film } from "./film";
import type { Lens } from "./frame";
import { firstTone, low, span, type Tone } from "./greys";
import type { Affine } from "./viewport";

interface Wanted {
  readonly film: Film;
  /** From the image to the canvas, in device pixels. */
  readonly matrix: Affine;
  readonly tone: Tone;
  readonly lens: Lens | undefined;
}

/** Draws the bitmap, the quickest that a browser can: nothing of it is read or sent. */
export function drawPreview(canvas: HTMLCanvasElement, wanted: Wanted | undefined): void {
  const context = canvas.getContext("2d");
  if (!context) return;
  context.resetTransform();
  context.clearRect(0, 0, canvas.width, canvas.height);
  if (!wanted) return;
  const { matrix, lens } = wanted;
  draw(context, wanted, matrix);
  if (!lens) return;
  const [a, b, c, d, e, f] = matrix;
  const { x, y, radius, power } = lens;
  context.save();
  context.resetTransform();
  context.beginPath();
  context.arc(x, y, radius, 0, 2 * Math.PI);
  context.clip();
  draw(context, wanted, [
    a * power, b * power, c * power, d * power, x + (e - x) * power, y + (f - y) * power,
  ]);
  context.restore();
}

function draw(context: CanvasRenderingContext2D, { film, tone }: Wanted, matrix: Affine): void {
  context.setTransform(...matrix);
  context.imageSmoothingEnabled = Math.hypot(matrix[0], matrix[1]) !== 1;
  context.imageSmoothingQuality = "high";
  context.filter = filterFor(film, tone);
  const [a, b, c, d, e, f] = matrix;
  const isUpright = b === 0 && c === 0 && a > 0 && d > 0;
  const fit = isUpright
    ? film.fitting(Math.round(film.width * a), Math.round(film.height * d)) : undefined;
  if (fit) context.setTransform(1, 0, 0, 1, e, f);
  if (fit) context.drawImage(fit, 0, 0);
  else context.drawImage(film.bitmap, 0, 0, film.width, film.height);
  context.setTransform(...matrix);
  context.filter = "none";
  if (!tone.inverted) return;
  context.globalCompositeOperation = "difference";
  context.fillStyle = "#fff";
  context.fillRect(0, 0, film.width, film.height);
  context.globalCompositeOperation = "source-over";
}

/**
 * Nearly the window that is wanted, until the values are there: the bitmap's grey g becomes
 * factor * g + offset.
 */
function filterFor({ greys }: Film, tone: Tone): string {
  const first = firstTone(greys);
  const factor = span(first) / span(tone);
  const shift = (low(first) - low(tone)) / span(tone);
  const offset = greys.inverted ? 1 - factor - shift : shift;
  const contrast = 1 - 2 * offset;
  if (greys.curve.length > 0 || contrast <= 0 || (factor === 1 && offset === 0)) return "none";
  return `brightness(${factor / contrast}) contrast(${contrast})`;
}

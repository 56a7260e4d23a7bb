import { paintedAway } from "./deep";
import type { Frame } from "./frame";
import { GlPainter } from "./gl";
import type { Pixels } from "./pyramid";

export type Curve = Uint16Array<ArrayBuffer> | undefined;

/** Paints the values of one image at a time. */
export interface Painter {
  /** What it paints on, where that is no canvas of the display. */
  readonly canvas: HTMLCanvasElement | undefined;
  /** Whether a frame of full resolution takes too long while something moves. */
  readonly isSlow: boolean;
  /** Whether a frame is still on its way. */
  readonly isBusy: boolean;
  load(pixels: Pixels): void;
  curve: Curve;
  paint(frame: Frame): void;
}

/**
 * WebGL2 where a graphics processor does it, else the worker: a WebGL2 in software takes longer
 * to paint, and longer still to be read back into the page. `lost` is called when it gives up.
 */
export function painterFor(
  pixels: Pixels, show: (bitmap: ImageBitmap) => void, lost: () => void,
): Painter {
  try {
    const painter = new GlPainter(lost);
    if (!painter.isSlow && pixels.levels[0] && painter.holds(pixels.levels[0])) return painter;
  } catch {
    // No WebGL2, or none that works.
  }
  return new AwayPainter(show);
}

/** Frames come from the worker; while one is under way only the newest is remembered. */
export class AwayPainter implements Painter {
  static #made = 0;
  readonly canvas = undefined;
  readonly isSlow = true;
  readonly #show: (bitmap: ImageBitmap) => void;
  readonly #name = (AwayPainter.#made += 1);
  #loads = 0;
  /** What the one worker holds: another image's painter may have sent it something else since. */
  static #sent = "";
  #pixels: Pixels | undefined;
  #next: Frame | undefined;
  isBusy = false;
  curve: Curve;

  constructor(show: (bitmap: ImageBitmap) => void) {
    this.#show = show;
  }

  load(pixels: Pixels): void {
    this.#pixels = pixels;
    this.#loads += 1;
  }

  paint(frame: Frame): void {
    this.#next = frame;
    if (!this.isBusy) void this.#work();
  }

  async #work(): Promise<void> {
    this.isBusy = true;
    while (this.#next && this.#pixels) {
      const frame = this.#next;
      this.#next = undefined;
      const key = `${this.#name} ${this.#loads} ${frame.level}`;
      const level = key === AwayPainter.#sent ? undefined : this.#pixels.levels[frame.level];
      AwayPainter.#sent = key;
      try {
        this.#show(await paintedAway(frame, key, level, this.curve));
      } catch {
        AwayPainter.#sent = "";
      }
    }
    this.isBusy = false;
  }
}

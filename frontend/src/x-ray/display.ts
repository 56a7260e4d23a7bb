import { curves } from "./curves";
import type { Film } from "./film";
import { frameOf, type Lens } from "./frame";
import { firstTone, isWindowOf, type Tone, type Window } from "./greys";
import { painterFor, type Painter } from "./painters";
import { Pane } from "./pane";
import { drawPreview } from "./preview";
import {
  after, apply, AS_TAKEN, centred, fitted, inSight, inverse, moved, turnedBy, turnedSize, zoomed,
  type Affine, type Point, type Turn, type View,
} from "./viewport";

const REST_MS = 120;
const GLASS_RADIUS = 110;
const GLASS_POWER = 2.5;
const NO_TONE: Tone = { centre: 128, width: 256, inverted: false, equalised: false };

/** What the reader sees: the compressed preview, or the values themselves. */
export type Shown = "nothing" | "preview" | "values";

/** A canvas that shows one film: which part of it, how large, turned how, at which window. */
export class Display {
  /** Takes the reader's hand, and shows the preview. */
  readonly canvas = document.createElement("canvas");
  /** Over it: what WebGL2 paints. */
  readonly values = new Pane();
  readonly #changed: () => void;
  #film: Film | undefined;
  #painter: Painter | undefined;
  #painted: Film | undefined;
  #view: View | undefined;
  #turn: Turn = AS_TAKEN;
  #tone: Tone = NO_TONE;
  #glass: Point | undefined;
  #shown: Shown = "nothing";
  #frame = 0;
  #rest: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is called with each frame, for what lies over and beside the image. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  get film(): Film | undefined {
    return this.#film;
  }

  get shown(): Shown {
    return this.#shown;
  }

  get tone(): Tone {
    return this.#tone;
  }

  set tone(tone: Tone) {
    this.#tone = tone;
    this.#redraw();
  }

  set window(window: Window) {
    this.tone = { ...this.#tone, centre: window.centre, width: window.width };
  }

  /** A round glass at a place in CSS pixels; undefined takes it away. */
  set glass(at: Point | undefined) {
    if (!at && !this.#glass) return;
    this.#glass = at;
    this.#redraw();
  }

  /** Whether the whole image is shown as large as possible. */
  get isFitted(): boolean {
    return this.#view === undefined;
  }

  get turn(): Turn {
    return this.#turn;
  }

  set turn(turn: Turn) {
    this.#turn = turn;
    this.#view = undefined;
    this.#redraw();
  }

  /** Device pixels of the screen for one pixel of the image. */
  get scale(): number {
    return this.#film ? this.#current(this.#film).scale : 1;
  }

  /** From points of the image to CSS pixels of the canvas. */
  get placement(): Affine | undefined {
    if (!this.#film) return undefined;
    const ratio = 1 / devicePixels();
    return after(this.#matrix(this.#film), [ratio, 0, 0, ratio, 0, 0]);
  }

  /** The point of the image at a place of the canvas in CSS pixels. */
  toImage(at: Point): Point | undefined {
    const { placement } = this;
    return placement && apply(inverse(placement), at);
  }

  /** Paints a film in this very task, or clears the canvas. */
  show(film: Film | undefined): void {
    this.#film = film;
    this.reset();
    this.#draw();
  }

  resize(cssWidth: number, cssHeight: number): void {
    const width = Math.max(1, Math.round(cssWidth * devicePixels()));
    const height = Math.max(1, Math.round(cssHeight * devicePixels()));
    if (width === this.canvas.width && height === this.canvas.height) return;
    this.canvas.width = width;
    this.canvas.height = height;
    if (this.#film && this.#view) {
      this.#view = inSight(this.#view, turnedSize(this.#film, this.#turn), this.canvas);
    }
    this.#draw();
  }

  reset(): void {
    this.#view = undefined;
    this.#turn = AS_TAKEN;
    this.tone = this.#film ? firstTone(this.#film.greys) : NO_TONE;
  }

  fit(): void {
    this.#view = undefined;
    this.#redraw();
  }

  /** One pixel of the image on one pixel of the screen. */
  actualPixels(): void {
    if (this.#film) this.#look(centred(turnedSize(this.#film, this.#turn), this.canvas, 1));
  }

  /** `at` is in CSS pixels from the canvas's corner; its middle when left out. */
  zoom(factor: number, at?: Point): void {
    if (!this.#film) return;
    const { width, height } = this.canvas;
    const point = at ? toDevice(at) : { x: width / 2, y: height / 2 };
    const size = turnedSize(this.#film, this.#turn);
    this.#look(zoomed(this.#current(this.#film), factor, point, size, this.canvas));
  }

  pan(by: Point): void {
    if (!this.#film || this.isFitted) return;
    const size = turnedSize(this.#film, this.#turn);
    this.#look(moved(this.#current(this.#film), toDevice(by), size, this.canvas));
  }

  /** Fetches the values, so that the first step of a window finds them. */
  async develop(): Promise<boolean> {
    const film = this.#film;
    const isThere = (await film?.develop()) ?? false;
    if (isThere && film === this.#film) this.#redraw();
    return isThere;
  }

  /** Resolves once what was asked for is on the screen at full resolution. */
  async settled(): Promise<void> {
    do await new Promise(requestAnimationFrame);
    while (this.#frame || this.#rest !== undefined || this.#painter?.isBusy);
  }

  #look(view: View): void {
    const size = turnedSize(this.#film as Film, this.#turn);
    const isFit = Math.abs(view.scale / fitted(size, this.canvas).scale - 1) < 1e-6;
    this.#view = isFit ? undefined : view;
    this.#redraw();
  }

  #current(film: Film): View {
    return this.#view ?? fitted(turnedSize(film, this.#turn), this.canvas);
  }

  /** From points of the image to device pixels of the canvas. */
  #matrix(film: Film): Affine {
    const { scale, x, y } = this.#current(film);
    return after(turnedBy(film, this.#turn), [scale, 0, 0, scale, x, y]);
  }

  /** What the preview can't show: another window, or more pixels than it has. */
  #needsValues(film: Film): boolean {
    if (film.hasFailed) return false;
    const first = firstTone(film.greys);
    const isTouched = this.#tone.equalised || !isWindowOf(this.#tone, first);
    return isTouched || this.#glass !== undefined || this.scale > Math.min(film.share, 0.999);
  }

  #redraw(): void {
    if (!this.#frame) this.#frame = requestAnimationFrame(() => this.#draw(true));
  }

  #draw(isMoving = false): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    const film = this.#film;
    const needs = film !== undefined && this.#needsValues(film);
    if (film && needs && film.pixels) {
      this.#paint(film, isMoving);
    } else {
      this.#drawPreview();
      if (needs) void this.develop();
    }
    this.#changed();
  }

  #drawPreview(): void {
    this.#shown = this.#film ? "preview" : "nothing";
    this.#hidePainter(true);
    const film = this.#film;
    drawPreview(this.canvas, film && {
      film, matrix: this.#matrix(film), tone: this.#tone, lens: this.#lens,
    });
  }

  /** Half the resolution while something moves and the processor itself paints, all at rest. */
  #paint(film: Film, isMoving: boolean): void {
    const painter = this.#painterOf(film);
    const coarse = isMoving && painter.isSlow ? 2 : 1;
    clearTimeout(this.#rest);
    this.#rest = coarse > 1 ? setTimeout(() => this.#draw(), REST_MS) : undefined;
    painter.curve = this.#curve(film);
    painter.paint(frameOf({
      canvas: this.canvas,
      matrix: this.#matrix(film),
      levels: film.pixels?.levels.length ?? 1,
      tone: this.#tone,
      greys: film.greys,
      lens: this.#lens,
      coarse,
    }));
    this.#shown = "values";
    this.#hidePainter(false);
  }

  #painterOf(film: Film): Painter {
    const pixels = film.pixels as NonNullable<Film["pixels"]>;
    const painter = (this.#painter ??= painterFor(
      pixels, (bitmap) => this.#receive(bitmap), () => this.#losePainter()));
    if (painter.canvas && !painter.canvas.isConnected) this.values.put(painter.canvas);
    if (this.#painted !== film) painter.load(pixels);
    this.#painted = film;
    return painter;
  }

  /** A frame from the worker. */
  #receive(bitmap: ImageBitmap): void {
    if (this.#shown === "values") {
      const context = this.canvas.getContext("2d");
      context?.resetTransform();
      context?.drawImage(bitmap, 0, 0, this.canvas.width, this.canvas.height);
    }
    bitmap.close();
  }

  #losePainter(): void {
    this.#painter = this.#painted = undefined;
    this.#redraw();
  }

  #hidePainter(isHidden: boolean): void {
    this.values.element.hidden = isHidden || !this.#painter?.canvas;
  }

  #curve(film: Film): Uint16Array<ArrayBuffer> | undefined {
    if (!this.#tone.equalised || !film.pixels) return curves.of(film);
    return curves.equalising(film, film.pixels.histogram);
  }

  get #lens(): Lens | undefined {
    if (!this.#glass) return undefined;
    const { x, y } = toDevice(this.#glass);
    return { x, y, radius: GLASS_RADIUS * devicePixels(), power: GLASS_POWER };
  }
}

function devicePixels(): number {
  return globalThis.devicePixelRatio || 1;
}

function toDevice(point: Point): Point {
  return { x: point.x * devicePixels(), y: point.y * devicePixels() };
}

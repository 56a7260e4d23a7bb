import type { Board } from "./board";
import type { Display } from "./display";
import type { GestureTarget } from "./gestures";
import type { Tools } from "./tools";
import type { Point } from "./viewport";

const DRAG_CONTRAST = 0.006;
const DRAG_BRIGHTNESS = 0.5;
const CLOSER = 2.5;

/** What the reader's hand does with an image: look, adjust, draw. */
export class Hand implements GestureTarget {
  readonly #element: HTMLElement;
  readonly #display: Display;
  readonly #board: Board;
  readonly #tools: Tools;

  constructor(element: HTMLElement, display: Display, board: Board, tools: Tools) {
    this.#element = element;
    this.#display = display;
    this.#board = board;
    this.#tools = tools;
  }

  get takesWheel(): boolean {
    return this.#element.hasAttribute("stage") || this.#element.contains(document.activeElement);
  }

  pan(by: Point): void {
    this.#display.pan(by);
  }

  zoom(factor: number, at: Point): void {
    this.#display.zoom(factor, at);
  }

  /** Right drag as on a workstation: sideways the contrast, upwards the brightness. */
  adjust(by: Point): void {
    this.#tools.sharpen(by.x * DRAG_CONTRAST);
    this.#tools.brighten(-by.y * DRAG_BRIGHTNESS);
  }

  toggleFit(at: Point): void {
    if (this.#display.isFitted) this.#display.zoom(CLOSER, at);
    else this.#display.fit();
  }

  hover(at: Point): void {
    this.#tools.moveGlass(at);
  }

  penDown(at: Point, isTouch: boolean): boolean {
    return this.#board.down(at, isTouch);
  }

  penMove(at: Point): void {
    this.#board.move(at);
  }

  penUp(): void {
    this.#board.inHand?.up();
  }

  penCancel(): void {
    this.#board.inHand?.cancel();
  }

  penFinish(): boolean {
    const pen = this.#board.inHand;
    if (!pen?.kind) return false;
    pen.finish();
    return true;
  }
}

import { button, make } from "../dom";
import { text } from "../messages";
import { closeButton } from "./side-panel";

const STEPS = 18;
/** Patches that a good screen shows: 5 % on black, 95 % on white (AAPM TG 18, section 4.3). */
const FAINT = 0.05;
const SIDE = 54;
const WIDTH = SIDE * STEPS / 2;
const SMALLEST = { width: 1024, height: 700 } as const;

/** A pattern to see whether this screen shows what there is to see. */
export class DisplayCheck {
  readonly element: HTMLDialogElement;
  readonly #canvas = make("canvas", { "role": "img", "aria-label": text("check_pattern") });
  readonly #hint = make("p", { class: "check-hint" });

  constructor() {
    this.element = make("dialog", { "class": "display-check", "aria-labelledby": "check-title" },
      closeButton(() => this.element.close()),
      make("h2", { id: "check-title" }, text("check_title")),
      make("p", {}, text("check_words")), this.#canvas, this.#hint);
  }

  open(): void {
    this.#draw();
    const hint = displayHint();
    this.#hint.textContent = hint || text("check_fine");
    this.element.showModal();
  }

  get toggle(): HTMLButtonElement {
    return button({ class: "button small" }, () => this.open(), text("check_title"));
  }

  /** Eighteen greys, two faint patches, and lines of one pixel of the screen. */
  #draw(): void {
    const ratio = globalThis.devicePixelRatio || 1;
    const [width, height] = [Math.round(WIDTH * ratio), Math.round(SIDE * 4 * ratio)];
    Object.assign(this.#canvas, { width, height });
    this.#canvas.style.inlineSize = `${width / ratio}px`;
    this.#canvas.style.blockSize = `${height / ratio}px`;
    const context = this.#canvas.getContext("2d");
    if (!context) return;
    const [side, row] = [width / (STEPS / 2), height / 4];
    for (let step = 0; step < STEPS; step += 1) {
      context.fillStyle = grey(step / (STEPS - 1));
      context.fillRect((step % (STEPS / 2)) * side, Math.floor(step / (STEPS / 2)) * row, side, row);
    }
    patch(context, { x: 0, y: 2 * row, width: width / 2, height: row }, 0, FAINT);
    patch(context, { x: width / 2, y: 2 * row, width: width / 2, height: row }, 1, 1 - FAINT);
    for (let x = 0; x < width; x += 1) {
      context.fillStyle = grey(x % 2);
      context.fillRect(x, Math.round(3 * row), 1, Math.ceil(row));
    }
  }
}

/** Why this screen shows less than there is; empty where it doesn't. */
export function displayHint(): string {
  const hints: string[] = [];
  const { innerWidth: width, innerHeight: height, devicePixelRatio: ratio } = globalThis;
  if (width < SMALLEST.width || height < SMALLEST.height) hints.push(text("hint_small"));
  if (!Number.isInteger(ratio)) hints.push(text("hint_scaled", { scale: ratio.toFixed(2) }));
  if (globalThis.screen.colorDepth < 24) hints.push(text("hint_colours"));
  return hints.join(" ");
}

function grey(share: number): string {
  const value = Math.round(share * 255);
  return `rgb(${value} ${value} ${value})`;
}

function patch(
  context: CanvasRenderingContext2D, box: { x: number; y: number; width: number; height: number },
  around: number, inside: number,
): void {
  context.fillStyle = grey(around);
  context.fillRect(box.x, box.y, box.width, box.height);
  context.fillStyle = grey(inside);
  context.fillRect(
    box.x + box.width / 3, box.y + box.height / 4, box.width / 3, box.height / 2);
}

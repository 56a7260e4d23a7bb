import type { Point } from "./viewport";

/** What the reader's hand asks for; distances and places in CSS pixels. */
export interface GestureTarget {
  pan(by: Point): void;
  zoom(factor: number, at: Point): void;
  adjust(by: Point): void;
  toggleFit(at: Point): void;
  hover(at: Point): void;
  /** Whether a pen takes the press at a place; it then gets the moves and the end of it. */
  penDown(at: Point, isTouch: boolean): boolean;
  penMove(at: Point): void;
  penUp(): void;
  /** A second finger came: what the first one began was meant to zoom. */
  penCancel(): void;
  /** True where a double click ends something that is being drawn. */
  penFinish(): boolean;
  /** Whether a wheel without Ctrl zooms instead of scrolling the page. */
  readonly takesWheel: boolean;
}

const WHEEL_STEP = 0.0015;
const RIGHT_BUTTON = 2;

/** Mouse, touch and pen on an X-ray: drag, right drag, pinch, wheel and double click. */
export class Gestures {
  readonly #surface: HTMLElement;
  readonly #target: GestureTarget;
  readonly #pointers = new Map<number, Point>();
  #adjusting = false;
  #drawing: number | undefined;

  constructor(surface: HTMLElement, target: GestureTarget) {
    this.#surface = surface;
    this.#target = target;
    surface.addEventListener("pointerdown", (event) => this.#down(event));
    surface.addEventListener("pointermove", (event) => this.#move(event));
    surface.addEventListener("pointerup", (event) => this.#up(event));
    surface.addEventListener("pointercancel", (event) => this.#up(event));
    surface.addEventListener("wheel", (event) => this.#wheel(event), { passive: false });
    surface.addEventListener("dblclick", (event) => this.#double(event));
    surface.addEventListener("contextmenu", (event) => event.preventDefault());
  }

  #down(event: PointerEvent): void {
    this.#surface.setPointerCapture(event.pointerId);
    // Shift + drag is the right drag of a trackpad with one button.
    this.#adjusting = event.button === RIGHT_BUTTON || event.shiftKey;
    const at = this.#place(event);
    this.#pointers.set(event.pointerId, at);
    if (this.#pointers.size > 1) this.#stopDrawing();
    else if (!this.#adjusting && this.#target.penDown(at, event.pointerType === "touch")) {
      this.#drawing = event.pointerId;
    }
  }

  #stopDrawing(): void {
    if (this.#drawing !== undefined) this.#target.penCancel();
    this.#drawing = undefined;
  }

  #move(event: PointerEvent): void {
    const now = this.#place(event);
    this.#target.hover(now);
    const before = this.#pointers.get(event.pointerId);
    if (!before) return;
    const by = { x: now.x - before.x, y: now.y - before.y };
    if (this.#drawing === event.pointerId) this.#target.penMove(now);
    else if (this.#pointers.size > 1) this.#pinch(event.pointerId, before, now);
    else if (this.#adjusting) this.#target.adjust(by);
    else this.#target.pan(by);
    this.#pointers.set(event.pointerId, now);
  }

  #up(event: PointerEvent): void {
    this.#pointers.delete(event.pointerId);
    if (this.#drawing !== event.pointerId) return;
    this.#drawing = undefined;
    this.#target.penUp();
  }

  #pinch(moving: number, before: Point, now: Point): void {
    const other = [...this.#pointers].find(([pointer]) => pointer !== moving)?.[1];
    if (!other) return;
    const middle = { x: (now.x + other.x) / 2, y: (now.y + other.y) / 2 };
    this.#target.zoom(distance(now, other) / Math.max(1, distance(before, other)), middle);
    this.#target.pan({ x: (now.x - before.x) / 2, y: (now.y - before.y) / 2 });
  }

  #double(event: MouseEvent): void {
    if (!this.#target.penFinish()) this.#target.toggleFit(this.#place(event));
  }

  #wheel(event: WheelEvent): void {
    if (!event.ctrlKey && !this.#target.takesWheel) return;
    event.preventDefault();
    // A pinch on a trackpad arrives as a wheel with Ctrl and small steps.
    const step = event.ctrlKey ? WHEEL_STEP * 6 : WHEEL_STEP;
    this.#target.zoom(Math.exp(-event.deltaY * step), this.#place(event));
  }

  #place(event: MouseEvent): Point {
    const corner = this.#surface.getBoundingClientRect();
    return { x: event.clientX - corner.left, y: event.clientY - corner.top };
  }
}

function distance(a: Point, b: Point): number {
  return Math.hypot(a.x - b.x, a.y - b.y);
}

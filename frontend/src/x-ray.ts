import { define, make } from "./dom";
import { text } from "./messages";
import { decode, decoded } from "./x-ray/bitmaps";
import { Board } from "./x-ray/board";
import { Display } from "./x-ray/display";
import { Film, type FullImage } from "./x-ray/film";
import { Gestures } from "./x-ray/gestures";
import type { Tone } from "./x-ray/greys";
import { Hand } from "./x-ray/hand";
import { pressed } from "./x-ray/keys";
import { Legend } from "./x-ray/legend";
import type { Mark, Share } from "./x-ray/marks";
import { Overlay } from "./x-ray/overlay";
import type { Pen } from "./x-ray/pen";
import { Toolbar } from "./x-ray/toolbar";
import { Tools } from "./x-ray/tools";
import { apply } from "./x-ray/viewport";

/**
 * `<x-ray src width height label [synthetic] [stage]>`: one image, as large as its box allows.
 *
 * `src` is a small rendition, painted first; `full` the lossless one, fetched when the reader
 * touches the window or looks closer. With `stage` it takes the wheel for itself; elsewhere a
 * wheel scrolls the page until the image has the focus. `marks` are places to look at, `pen`
 * draws the reader's own; `unmarked` hides both. Fires `loaded`, or `failed` when the image can't
 * be fetched or decoded, `marked` when the reader has drawn, and `toned` when the window changes.
 */
export class XRay extends HTMLElement {
  static readonly observedAttributes = ["src", "label", "synthetic", "width", "height"];
  readonly #display = new Display(() => this.#refresh());
  readonly #overlay = new Overlay();
  readonly #message = make("p", { class: "x-ray-message", hidden: true });
  readonly #badge = make("span", { class: "x-ray-badge", hidden: true });
  readonly #legend = new Legend();
  readonly #board = new Board(this.#display, this.#overlay, {
    marked: (marks) => this.dispatchEvent(new CustomEvent("marked", { detail: marks })),
    measured: (words, at) => this.#legend.measure(words, at, this.#display),
  });
  readonly #tools = new Tools(this.#display, this.#board.ruler, (words) => this.#legend.say(words));
  #toolbar: Toolbar | undefined;
  #tone: Tone | undefined;
  #observer: ResizeObserver | undefined;
  /** The lossless rendition; to be set before `src`. */
  full: FullImage | undefined;

  connectedCallback(): void {
    if (!this.#toolbar) this.#build();
    const { canvas } = this.#display;
    const measure = (): void => this.#display.resize(canvas.clientWidth, canvas.clientHeight);
    this.#observer = new ResizeObserver(measure);
    this.#observer.observe(canvas);
    measure();
    this.#load();
  }

  disconnectedCallback(): void {
    this.#observer?.disconnect();
  }

  attributeChangedCallback(name: string, before: string | null, now: string | null): void {
    if (!this.#toolbar || before === now) return;
    this.#describe();
    if (name === "src" && this.isConnected) this.#load();
  }

  get display(): Display {
    return this.#display;
  }

  /** Where the whole image lies on the screen; undefined while there is none. */
  get area(): DOMRect | undefined {
    const { placement, film } = this.#display;
    if (!placement || !film) return undefined;
    const { left, top } = this.#display.canvas.getBoundingClientRect();
    const [a, b] = [apply(placement, { x: 0, y: 0 }), apply(placement, { x: film.width, y: film.height })];
    return new DOMRect(
      left + Math.min(a.x, b.x), top + Math.min(a.y, b.y), Math.abs(a.x - b.x), Math.abs(a.y - b.y));
  }

  get pen(): Pen {
    return this.#board.pen;
  }

  /** Whether the reader may draw marks. */
  set mayDraw(mayDraw: boolean) {
    this.#board.mayDraw = mayDraw;
    this.toggleAttribute("drawing", mayDraw);
  }

  set mayTurn(mayTurn: boolean) {
    this.#tools.mayTurn = mayTurn;
    this.#toolbar?.refresh();
  }

  /** Does what a key asks of the image; false where it asks nothing. */
  press(event: KeyboardEvent): boolean {
    if (!this.#toolbar) return false;
    return this.draws(event) || pressed(event, this.#display, this.#tools, this.#toolbar);
  }

  /** Whether a press is for the pen: only while the image has the focus. */
  draws(event: KeyboardEvent): boolean {
    const hasFocus = document.activeElement === this.#display.canvas;
    return hasFocus && (this.#board.inHand?.press(event) ?? false);
  }

  set marks(marks: readonly Share[]) {
    this.#board.places = marks;
    this.toggleAttribute("unmarked", false);
  }

  /** The reader's own marks. */
  set drawn(marks: readonly Mark[]) {
    this.#board.pen.marks = marks;
  }

  /** Marks of others, under a name that their look goes by. */
  showLayer(name: string, marks: readonly Mark[]): void {
    this.#board.showLayer(name, marks);
  }

  #build(): void {
    const { canvas } = this.#display;
    canvas.setAttribute("role", "img");
    canvas.tabIndex = 0;
    this.#toolbar = new Toolbar(this.#display, this.#tools);
    this.replaceChildren(
      canvas, this.#display.values.element, this.#overlay.element, this.#message, this.#badge, this.#legend.element,
      this.#toolbar.element,
    );
    new Gestures(canvas, new Hand(this, this.#display, this.#board, this.#tools));
    this.addEventListener("keydown", (event) => {
      const isRange = event.target instanceof HTMLInputElement && event.key.startsWith("Arrow");
      const isButton = event.target instanceof HTMLButtonElement;
      if (isRange || event.defaultPrevented || (isButton && /^( |Enter)$/.test(event.key))) return;
      if (this.press(event)) event.preventDefault();
    });
    this.#describe();
  }

  #describe(): void {
    const label = this.getAttribute("label") ?? this.getAttribute("alt") ?? text("image");
    this.#display.canvas.setAttribute("aria-label", label);
    this.#badge.textContent = text("synthetic");
    this.#badge.hidden = !this.hasAttribute("synthetic");
    const [width, height] = [this.getAttribute("width"), this.getAttribute("height")];
    if (width && height) this.style.setProperty("--x-ray-ratio", `${width} / ${height}`);
  }

  /** Never leaves an image on the screen that is not the one asked for. */
  #load(): void {
    const address = this.getAttribute("src");
    const ready = address ? decoded(address) : undefined;
    this.#tools.putAway();
    this.#say(ready || !address ? "" : text("image_loading"));
    this.#show(address ?? "", ready);
    if (address && !ready) void this.#fetch(address);
  }

  async #fetch(address: string): Promise<void> {
    try {
      const bitmap = await decode(address);
      if (this.getAttribute("src") !== address) return;
      this.#say("");
      this.#show(address, bitmap);
    } catch {
      if (this.getAttribute("src") !== address) return;
      this.#say(text("image_failed"));
      this.#announce("failed");
    }
  }

  #show(address: string, bitmap: ImageBitmap | undefined): void {
    this.#display.show(bitmap && new Film(bitmap, address, this.full));
    this.#board.refresh();
    if (bitmap) this.#announce("loaded");
  }

  #announce(name: "loaded" | "failed"): void {
    this.dataset["state"] = name;
    this.dispatchEvent(new CustomEvent(name, { bubbles: true }));
  }

  #say(message: string): void {
    if (message) this.dataset["state"] = "loading";
    this.#message.textContent = message;
    this.#message.hidden = !message;
  }

  #refresh(): void {
    if (this.#tone !== this.#display.tone) {
      this.#tone = this.#display.tone;
      this.dispatchEvent(new CustomEvent("toned", { bubbles: true }));
    }
    this.toggleAttribute("zoomed", !this.#display.isFitted);
    this.#board.place();
    this.#legend.show(this.#display);
    this.#toolbar?.refresh();
  }
}

define("x-ray", XRay);

declare global {
  interface HTMLElementTagNameMap {
    "x-ray": XRay;
  }
}

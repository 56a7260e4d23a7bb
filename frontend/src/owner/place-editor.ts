import { button, define, make } from "../dom";
import { icon } from "../icons";
import { text } from "../messages";
import type { XRay } from "../x-ray";
import type { Share } from "../x-ray/marks";

const SIDES = ["x", "y", "width", "height"] as const;
/** Smaller than this is a slip of the hand, not a box. */
const SMALLEST = 0.01;

/**
 * `<place-editor image="id">` around groups `.place` of four number fields (`data-side`), in per
 * cent of the `<x-ray>` with that id: shows their boxes on the image, and lets a box be drawn on
 * it. The plain fields work without it, and by keyboard.
 */
export class PlaceEditor extends HTMLElement {
  #layer: HTMLElement | undefined;
  #draw: HTMLButtonElement | undefined;

  connectedCallback(): void {
    for (const place of this.#places) this.#addRemove(place);
    this.#draw = button({ class: "button small", "aria-pressed": "false" }, () => this.#toggle(), text("place_draw"));
    this.querySelector("fieldset")?.append(this.#draw);
    this.addEventListener("input", () => this.#show());
    this.#image?.addEventListener("loaded", () => this.#show());
    this.addEventListener("keydown", (event) => {
      if (event.key === "Escape") this.#stop();
    });
    this.#show();
  }

  disconnectedCallback(): void {
    this.#stop();
  }

  get #image(): XRay | null {
    return document.querySelector<XRay>(`x-ray#${this.getAttribute("image") ?? ""}`);
  }

  get #places(): HTMLElement[] {
    return [...this.querySelectorAll<HTMLElement>(".place")];
  }

  /** The boxes of every question of the form are on the one image. */
  #show(): void {
    const image = this.#image;
    const places = this.closest("form")?.querySelectorAll<HTMLElement>(".place") ?? [];
    if (image) image.marks = [...places].map(box).filter((one) => one !== undefined);
  }

  #toggle(): void {
    if (this.#layer) this.#stop();
    else this.#start();
  }

  #start(): void {
    const image = this.#image;
    if (!image) return;
    this.#layer = make("div", { class: "place-layer" }, make("p", { role: "status" }, text("place_drawing")));
    this.#layer.addEventListener("pointerdown", (event) => this.#drag(event));
    image.append(this.#layer);
    image.scrollIntoView({ block: "nearest" });
    this.#draw?.setAttribute("aria-pressed", "true");
  }

  #stop(): void {
    this.#layer?.remove();
    this.#layer = undefined;
    this.#draw?.setAttribute("aria-pressed", "false");
  }

  #drag(start: PointerEvent): void {
    const layer = this.#layer;
    const area = this.#image?.area;
    if (!layer || !area) return;
    start.preventDefault();
    layer.setPointerCapture(start.pointerId);
    const place = this.#free();
    const drawn = (event: PointerEvent): void => {
      write(place, between(start, event, area));
      this.#show();
    };
    layer.addEventListener("pointermove", drawn);
    const end = (): void => {
      layer.removeEventListener("pointermove", drawn);
      const found = box(place);
      if (!found || found.width < SMALLEST || found.height < SMALLEST) write(place, undefined);
      else this.#stop();
      this.#show();
    };
    layer.addEventListener("pointerup", end, { once: true });
    layer.addEventListener("pointercancel", end, { once: true });
  }

  /** The group without numbers; a new one where all are filled in. */
  #free(): HTMLElement {
    const places = this.#places;
    const empty = places.find((place) => fields(place).every(({ value }) => !value));
    if (empty) return empty;
    const last = places.at(-1) as HTMLElement;
    const place = last.cloneNode(true) as HTMLElement;
    place.querySelector("button")?.remove();
    write(place, undefined);
    last.after(place);
    this.#addRemove(place);
    return place;
  }

  #addRemove(place: HTMLElement): void {
    const remove = (): void => {
      write(place, undefined);
      this.#show();
    };
    const words = text("place_remove");
    place.append(button({ class: "button small plain", "aria-label": words, title: words }, remove, icon("cross")));
  }
}

function fields(place: HTMLElement): HTMLInputElement[] {
  return SIDES.map((side) => place.querySelector(`[data-side=${side}]`) as HTMLInputElement);
}

/** The box that a group of fields says; undefined while it says none. */
function box(place: HTMLElement): Share | undefined {
  const shares = fields(place).map(({ value }) => (value ? Number(value.replace(",", ".")) / 100 : NaN));
  if (!shares.every(Number.isFinite)) return undefined;
  const [x, y, width, height] = shares as [number, number, number, number];
  return { x, y, width, height };
}

function write(place: HTMLElement, mark: Share | undefined): void {
  for (const [index, side] of SIDES.entries()) {
    const field = fields(place)[index] as HTMLInputElement;
    field.value = mark ? String(Math.round(mark[side] * 1000) / 10) : "";
  }
}

/** The box between two points of the screen, inside the image. */
function between(start: PointerEvent, end: PointerEvent, area: DOMRect): Share {
  const across = [start.clientX, end.clientX].map((x) => inside((x - area.left) / area.width));
  const down = [start.clientY, end.clientY].map((y) => inside((y - area.top) / area.height));
  const [x, y] = [Math.min(...across), Math.min(...down)];
  return { x, y, width: Math.max(...across) - x, height: Math.max(...down) - y };
}

/** To a tenth of a per cent, as the fields have it, so that a box at the edge stays inside. */
function inside(share: number): number {
  return Math.round(Math.min(1, Math.max(0, share)) * 1000) / 1000;
}

define("place-editor", PlaceEditor);

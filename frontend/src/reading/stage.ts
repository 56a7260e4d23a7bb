import { make } from "../dom";
import { text } from "../messages";
import { XRay } from "../x-ray";
import { prefetch, type Awaited } from "../x-ray/bitmaps";
import type { Box, Unit, UnitImage } from "./contract";

/** The images of one unit; where they are the large part of the page, they take the wheel. */
export class Stage {
  readonly element = make("div", { class: "stage" });
  readonly #mayTurn: boolean;
  readonly #isLarge: boolean;

  constructor(mayTurn: boolean, isLarge = true) {
    this.#mayTurn = mayTurn;
    this.#isLarge = isLarge;
  }

  /** Whether an image of the unit could not be loaded. */
  get hasFailed(): boolean {
    return this.element.querySelector("x-ray[data-state=failed]") !== null;
  }

  /** The image that the questions are about. */
  get film(): XRay | null {
    return this.#first;
  }

  /** Whether a press is for the pen: it draws while the image has the focus. */
  draws(event: KeyboardEvent): boolean {
    return this.#first?.draws(event) ?? false;
  }

  /** A single image takes the place of the one before, in the same element: that is quickest. */
  show(unit: Unit, label: string): void {
    const [first, ...others] = unit.images;
    const only = this.element.firstElementChild;
    if (first && others.length === 0 && only instanceof XRay) {
      put(only, first, label);
      return;
    }
    const films = first && others.length === 0
      ? [xRay(first, label)]
      : unit.images.map((image) => film(image, label));
    this.element.replaceChildren(...films);
    for (const one of this.element.querySelectorAll("x-ray")) {
      one.mayTurn = this.#mayTurn;
      one.toggleAttribute("stage", this.#isLarge);
    }
  }

  /** Draws boxes on the first image, the one that the questions are about. */
  mark(boxes: readonly Box[]): void {
    const image = this.#first;
    if (image) image.marks = boxes;
  }

  /** Shows or hides the boxes; whether they are shown now. */
  toggleMarks(): boolean {
    return this.#first?.toggleAttribute("unmarked") === false;
  }

  clear(): void {
    this.element.replaceChildren();
  }

  /** Keys go to the image that has the focus, else to the first one. */
  press(event: KeyboardEvent): boolean {
    const focused = document.activeElement?.closest<XRay>("x-ray");
    return (focused ?? this.#first)?.press(event) ?? false;
  }

  /** Decodes the images of the units after this one, the nearest first. */
  prepare(units: readonly Unit[]): void {
    const images = units.flatMap((unit) => (unit.images.length === 1 ? unit.images : []));
    const beside = units.flatMap((unit) => (unit.images.length === 1 ? [] : unit.images));
    const canvas = this.#first?.display.canvas;
    const awaited = ({ address, width, height, full }: UnitImage): Awaited => (
      { address, width: full?.width ?? width, height: full?.height ?? height });
    void prefetch(images.map(awaited), canvas).then(() => prefetch(beside.map(awaited), undefined));
  }

  get #first(): XRay | null {
    return this.element.querySelector<XRay>("x-ray");
  }
}

function xRay(image: UnitImage, label: string): XRay {
  const made = make("x-ray", {});
  put(made, image, label);
  return made;
}

/** Has an element show an image, as it came and without marks. */
export function put(film: XRay, image: UnitImage, label: string): void {
  const { address, width, height, synthetic, full } = image;
  film.full = full ?? undefined;
  film.drawn = [];
  film.mayDraw = false;
  film.toggleAttribute("synthetic", synthetic);
  film.setAttribute("label", label);
  film.setAttribute("width", String(width));
  film.setAttribute("height", String(height));
  film.setAttribute("src", address);
  film.marks = [];
}

/** One of several images, with its role in sight. */
function film(image: UnitImage, label: string): HTMLElement {
  const role = text(`role_${image.role}`);
  const caption = make("figcaption", {}, role);
  return make("figure", { class: "film" }, caption, xRay(image, `${label}, ${role}`));
}

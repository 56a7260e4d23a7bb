import { make } from "../dom";
import { XRay } from "../x-ray";
import { prefetch, type Awaited } from "../x-ray/bitmaps";
import type { Box, Unit, UnitImage } from "./contract";
import { filmsOf, put } from "./films";
import { Sheet } from "./sheet";

/** The images of one unit; where they are the large part of the page, they take the wheel. */
export class Stage {
  readonly element = make("div", { class: "stage" });
  readonly #mayTurn: boolean;
  readonly #isLarge: boolean;
  #sheet: Sheet | undefined;

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

  /** Lays out all units of a page; `choose` gets the index of one that is pressed. */
  spread(units: readonly Unit[], choose: (index: number) => void): void {
    this.#sheet = new Sheet(units, choose);
    this.element.replaceChildren(this.#sheet.element);
    this.#suit();
  }

  /** One unit at a time again. */
  gather(): void {
    this.#sheet?.element.remove();
    this.#sheet = undefined;
  }

  /** What was answered, by unit; for a sheet of all of them. */
  tell(answers: readonly string[]): void {
    this.#sheet?.tell(answers);
  }

  /** A single image takes the place of the one before, in the same element: that is quickest. */
  show(unit: Unit, label: string): void {
    if (this.#sheet?.turnTo(unit)) return;
    this.gather();
    const [first, ...others] = unit.images;
    const only = this.element.firstElementChild;
    if (first && others.length === 0 && only instanceof XRay) {
      put(only, first, label);
      return;
    }
    this.element.replaceChildren(...filmsOf(unit, label));
    this.#suit();
  }

  #suit(): void {
    for (const one of this.element.querySelectorAll("x-ray")) {
      one.mayTurn = this.#mayTurn;
      one.toggleAttribute("stage", this.#isLarge && !this.#sheet);
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
    this.#sheet = undefined;
    this.element.replaceChildren();
  }

  /** Keys go to the image that has the focus, else to the first one. */
  press(event: KeyboardEvent): boolean {
    const focused = document.activeElement?.closest<XRay>("x-ray");
    return (focused ?? this.#first)?.press(event) ?? false;
  }

  /** Decodes the images of the units after this one, the nearest first. */
  prepare(units: readonly Unit[]): void {
    if (this.#sheet) return;
    const images = units.flatMap((unit) => (unit.images.length === 1 ? unit.images : []));
    const beside = units.flatMap((unit) => (unit.images.length === 1 ? [] : unit.images));
    const canvas = this.#first?.display.canvas;
    const awaited = ({ address, width, height, full }: UnitImage): Awaited => (
      { address, width: full?.width ?? width, height: full?.height ?? height });
    void prefetch(images.map(awaited), canvas).then(() => prefetch(beside.map(awaited), undefined));
  }

  get #first(): XRay | null {
    if (this.#sheet) return this.#sheet.film;
    return this.element.querySelector<XRay>("x-ray");
  }
}

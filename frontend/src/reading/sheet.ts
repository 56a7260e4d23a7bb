import { make } from "../dom";
import { text } from "../messages";
import type { XRay } from "../x-ray";
import type { Unit } from "./contract";
import { filmsOf } from "./films";

/** All units of a page side by side: one is chosen, and the questions are about it. */
export class Sheet {
  readonly element = make("ol", { class: "sheet", "aria-label": text("units_of_page") });
  readonly units: readonly Unit[];
  readonly #cells: readonly HTMLElement[];
  readonly #answers: readonly HTMLElement[];
  #current = 0;

  /** `choose` gets the index of a unit that is pressed or reached by the Tab key. */
  constructor(units: readonly Unit[], choose: (index: number) => void) {
    this.units = units;
    this.#answers = units.map(() => make("span", { class: "sheet-answer" }));
    this.#cells = units.map((unit, index) => {
      const heading = text("unit_heading", { number: index + 1, count: units.length });
      const cell = make("li", { class: "sheet-unit" },
        make("div", { class: "sheet-films" }, ...filmsOf(unit, heading)),
        make("p", { class: "sheet-words" }, String(index + 1), this.#answers[index]));
      for (const event of ["pointerdown", "focusin"]) {
        cell.addEventListener(event, () => {
          if (index !== this.#current) choose(index);
        }, { capture: true });
      }
      return cell;
    });
    this.element.append(...this.#cells);
  }

  /** The image of the chosen unit that its questions are about. */
  get film(): XRay | null {
    return this.#cells[this.#current]?.querySelector<XRay>("x-ray") ?? null;
  }

  /** False where the unit is none of this page. */
  turnTo(unit: Unit): boolean {
    const index = this.units.indexOf(unit);
    if (index < 0) return false;
    this.#cells[this.#current]?.removeAttribute("aria-current");
    this.#current = index;
    this.#cells[index]?.setAttribute("aria-current", "true");
    this.#cells[index]?.scrollIntoView({ block: "nearest" });
    return true;
  }

  /** What was answered, by unit. */
  tell(answers: readonly string[]): void {
    answers.forEach((words, index) => {
      const said = this.#answers[index];
      if (said) said.textContent = words;
    });
  }
}

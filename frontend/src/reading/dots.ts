import { button, make } from "../dom";
import { text } from "../messages";

export type Mark = "open" | "answered" | "correct" | "missed" | "reported";

const SIGNS: Readonly<Record<Mark, string>> = {
  open: "", answered: "", correct: "✓", missed: "✗", reported: "!",
};

/** A dot for each unit of the page: which one is shown, which are answered. */
export class Dots {
  readonly element = make("ol", { class: "dots", "aria-label": text("units_of_page") });
  readonly #buttons: readonly HTMLButtonElement[];

  constructor(count: number, turnTo: (index: number) => void) {
    this.#buttons = Array.from({ length: count }, (_, index) =>
      button({ class: "dot" }, () => turnTo(index)),
    );
    this.element.append(...this.#buttons.map((dot) => make("li", {}, dot)));
    this.element.hidden = count < 2;
  }

  show(current: number, marks: readonly Mark[]): void {
    for (const [index, dot] of this.#buttons.entries()) {
      const mark = marks[index] ?? "open";
      const values = { number: index + 1, state: text(`unit_${mark}`) };
      dot.dataset["mark"] = mark;
      dot.textContent = SIGNS[mark] || String(index + 1);
      dot.setAttribute("aria-label", text("unit_with_state", values));
      if (index === current) dot.setAttribute("aria-current", "true");
      else dot.removeAttribute("aria-current");
    }
  }
}

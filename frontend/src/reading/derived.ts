import { make } from "../dom";
import { text } from "../messages";
import type { Answer, Question } from "./contract";
import { QuestionView } from "./question";

/** An answer that follows from the others: shown as soon as it does, never asked. */
export class DerivedView extends QuestionView {
  readonly #output = make("output", { class: "derived" });

  constructor(question: Question) {
    super(question);
    this.element.append(this.#output);
  }

  protected override fill(answer: Answer | undefined): void {
    const label = this.question.choices.find(({ value }) => value === answer)?.label;
    this.#output.textContent = label ?? text("derived_open");
    this.#output.toggleAttribute("data-open", label === undefined);
  }
}

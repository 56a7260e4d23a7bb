import { make } from "../dom";
import { text } from "../messages";
import type { Answer, Question } from "./contract";
import { QuestionView, type Choose } from "./question";

/** A question with one answer, shown as a drop-down list. Its keys still work from outside. */
export class MenuView extends QuestionView {
  readonly #list: HTMLSelectElement;
  readonly #choose: Choose;

  constructor(question: Question, choose: Choose) {
    super(question);
    this.#choose = choose;
    const options = question.choices.map(({ value, label }) => make("option", { value }, label));
    this.#list = make("select",
      { class: "entry", "data-entry": "menu", "aria-labelledby": `question-${question.name}` },
      make("option", { value: "" }, text("choose")), ...options);
    this.#list.addEventListener("change", () => choose(this.#list.value || undefined));
    this.element.append(this.#list);
  }

  override press(key: string): boolean {
    const choice = this.question.choices.find((one) => one.key && one.key === key.toLowerCase());
    if (choice) this.#choose(choice.value);
    return choice !== undefined;
  }

  protected override fill(answer: Answer | undefined): void {
    this.#list.value = typeof answer === "string" ? answer : "";
  }
}

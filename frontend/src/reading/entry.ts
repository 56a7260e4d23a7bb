import { make } from "../dom";
import type { Answer, Question } from "./contract";
import { QuestionView, type Choose } from "./question";

type Field = HTMLInputElement | HTMLTextAreaElement;

/** A question that is answered by typing: a number, a line, or more. Escape leaves the field. */
export class EntryView extends QuestionView {
  override readonly isTyped = true;
  readonly #field: Field;

  constructor(question: Question, choose: Choose) {
    super(question);
    this.#field = question.long ? area(question) : line(question);
    this.#field.addEventListener("input", () => choose(read(question, this.#field.value)));
    this.element.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.isComposing) return;
      event.preventDefault();
      this.element.focus({ preventScroll: true });
    });
    const unit = question.unit ? make("span", { class: "entry-unit" }, question.unit) : null;
    this.element.append(make("div", { class: "entry-line" }, this.#field, unit ?? ""));
  }

  override focus(): void {
    this.#field.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  protected override fill(answer: Answer | undefined): void {
    if (document.activeElement === this.#field && this.#field.value !== "") {
      const typed = read(this.question, this.#field.value);
      if (typed === answer) return;
    }
    this.#field.value = answer === undefined ? "" : String(answer);
  }
}

function line(question: Question): HTMLInputElement {
  return make("input", {
    ...common(question),
    "data-entry": "line",
    type: "text",
    inputmode: question.type === "number" ? (question.whole ? "numeric" : "decimal") : null,
    autocomplete: "off",
  });
}

function area(question: Question): HTMLTextAreaElement {
  return make("textarea", { ...common(question), rows: 3 });
}

function common({ name, prompt, limit }: Question): Record<string, string | number | null> {
  return {
    class: "entry",
    "aria-labelledby": `question-${name}`,
    placeholder: prompt ?? null,
    maxlength: limit ?? null,
  };
}

/** What was typed as an answer: a number where one can be read, else the text as it is. */
export function read({ type }: Question, typed: string): string | number | undefined {
  if (typed.trim() === "") return undefined;
  const number = Number(typed.trim().replace(",", "."));
  return type === "number" && Number.isFinite(number) ? number : typed;
}

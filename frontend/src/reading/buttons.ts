import { button, keyCap, make } from "../dom";
import { text } from "../messages";
import type { Answer, Choice, Question } from "./contract";
import { asList } from "./logic";
import { QuestionView, type Choose } from "./question";

/** A question whose answers are buttons, each with its key: choices, ratings, a box to tick. */
export class ButtonsView extends QuestionView {
  readonly #buttons: readonly HTMLButtonElement[];
  readonly #byKey: ReadonlyMap<string, HTMLButtonElement>;

  constructor(question: Question, choose: Choose) {
    super(question);
    const offered = offers(question);
    this.#buttons = offered.map((offer) => answerButton(question, offer, choose));
    this.#byKey = new Map(offered.flatMap(({ key }, index) =>
      (key ? [[key.toLowerCase(), this.#buttons[index] as HTMLButtonElement]] : [])));
    const isLine = isInLine(question);
    this.element.append(
      make("div", { class: isLine ? "rating" : "answers" }, ...this.#buttons),
      ...(isLine ? ends(question) : []),
    );
  }

  override press(key: string): boolean {
    const element = this.#byKey.get(key.toLowerCase());
    element?.click();
    return element !== undefined;
  }

  protected override fill(answer: Answer | undefined): void {
    const values = asList(answer).map(String);
    for (const element of this.#buttons) {
      const isPressed = values.includes(element.dataset["answer"] ?? "");
      element.setAttribute("aria-pressed", String(isPressed));
    }
  }
}

/** A rating whose points have no words of their own is one line of numbers. */
function isInLine({ type, names }: Question): boolean {
  return type === "rating" && !names?.length;
}

/** What can be answered, in words. */
export function offers(question: Question): readonly Choice[] {
  if (question.type === "yes or no") {
    return [{ value: question.yes ?? "", label: text("yes"), key: question.key ?? "" }];
  }
  if (question.type !== "rating") return question.choices;
  return Array.from({ length: question.points ?? 0 }, (_, index) => {
    const value = String(index + (question.first ?? 1));
    const name = question.names?.[index];
    return { value, label: name ? `${value} ${name}` : value, key: value.length === 1 ? value : "" };
  });
}

function answerButton(question: Question, offer: Choice, choose: Choose): HTMLButtonElement {
  return button(
    { "data-answer": offer.value, class: "answer" },
    () => choose(question.type === "rating" ? Number(offer.value) : offer.value),
    ...face(question, offer),
  );
}

function face(question: Question, { label, key }: Choice): readonly (Node | string)[] {
  if (isInLine(question)) return [label];
  const isBox = question.type === "several choices" || question.type === "yes or no";
  const tick = make("span", { class: isBox ? "tick tick-box" : "tick", "aria-hidden": "true" });
  const cap = key ? [keyCap(key)] : [];
  return [...cap, make("span", { class: "answer-label" }, label), tick];
}

function ends({ points, first, lowest, highest }: Question): HTMLElement[] {
  if (!lowest && !highest) return [];
  const last = (first ?? 1) + (points ?? 0) - 1;
  return [make(
    "p",
    { class: "rating-ends" },
    make("span", {}, lowest ? `${first ?? 1} ${lowest}` : ""),
    make("span", {}, highest ? `${last} ${highest}` : ""),
  )];
}

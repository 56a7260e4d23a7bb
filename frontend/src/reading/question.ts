import { make } from "../dom";
import type { XRay } from "../x-ray";
import type { Answer, Question } from "./contract";

/** What was chosen or typed; undefined takes the answer back. */
export type Choose = (value: Answer | undefined) => void;

/** One question: its words, and below them what it is answered with. */
export abstract class QuestionView {
  readonly element: HTMLElement;
  readonly question: Question;
  /** Takes the keys for itself while it has the focus. */
  readonly isTyped: boolean = false;
  /** Answered with the pen on the image, which one question at a time has in its hand. */
  readonly isDrawn: boolean = false;

  constructor(question: Question) {
    this.question = question;
    const id = `question-${question.name}`;
    this.element = make(
      "div",
      { class: "question", role: "group", "aria-labelledby": id, tabindex: -1 },
      question.where ? make("p", { class: "question-where" }, question.where) : null,
      make("p", { class: "question-label", id }, question.label),
      question.help ? make("p", { class: "question-help" }, question.help) : null,
    );
  }

  show(answer: Answer | undefined, isAsked: boolean, isActive: boolean): void {
    this.element.hidden = !isAsked;
    this.element.toggleAttribute("data-active", isActive);
    this.fill(answer);
  }

  /** Changes the words of the question; undefined shows its own again. */
  ask(label: string | undefined): void {
    const words = this.element.querySelector(".question-label");
    if (words) words.textContent = label ?? this.question.label;
  }

  /** The image to draw on, from the moment on that the pen is this question's; null takes it. */
  use(_film: XRay | null): void {}

  /** Presses the answer of a key; false where no answer has it. */
  press(_key: string): boolean {
    return false;
  }

  focus(): void {
    // The group, not an answer: a ring around the first answer would suggest it.
    this.element.focus({ preventScroll: true });
    this.element.scrollIntoView({ block: "nearest" });
  }

  protected abstract fill(answer: Answer | undefined): void;
}

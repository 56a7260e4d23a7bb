import { make } from "../dom";
import type { XRay } from "../x-ray";
import type { UnitDraft } from "./answers";
import type { Answer, FormData, Question, UnitForm } from "./contract";
import { Form } from "./form";
import { applying, asList, effective } from "./logic";
import type { QuestionView } from "./question";
import { viewOf } from "./question-views";

type Answered = (question: Question, value: Answer | undefined) => void;

/**
 * The questions of a unit. One of them is active and takes the keys first; the others are
 * reached by keys that the active one does not use, by the arrows up and down, or by pointer.
 */
export class Questions {
  readonly element = make("div", { class: "questions" });
  readonly #questions: readonly Question[];
  readonly #views: readonly QuestionView[];
  readonly #form: Form;
  #asked: readonly QuestionView[] = [];
  #active: QuestionView | undefined;
  #film: XRay | null = null;
  /** The question whose marks the image shows, and takes. */
  #drawing: QuestionView | undefined;
  #draft: UnitDraft | undefined;

  constructor(
    questions: readonly Question[],
    choose: Answered,
    form?: FormData | null,
  ) {
    this.#questions = questions;
    this.#views = questions.map((question) => this.#view(question, choose));
    const elements = new Map(this.#views.map((view) => [view.question.name, view.element]));
    this.#form = new Form(this.element, elements, form);
  }

  /** Shows what a unit has of its own in the form. */
  suit(own: UnitForm | undefined): void {
    this.#form.show(own?.html);
    for (const view of this.#views) view.ask(own?.texts[view.question.name]);
  }

  /** Shows a unit's answers from the first question without one on. */
  open(draft: UnitDraft): void {
    this.#active = undefined;
    this.show(draft);
    const open = this.#asked.find((view) => this.#isWaiting(view));
    this.activate((open ?? this.#asked[0])?.question.name);
    this.focus();
  }

  show(draft: UnitDraft): void {
    this.#draft = draft;
    const shown = applying(this.#questions, draft.answers);
    const answers = draft.cannotBeJudged ? {} : effective(this.#questions, draft.answers);
    this.#asked = this.#views.filter(({ question }) =>
      question.type !== "derived" && shown.includes(question));
    if (!this.#active || !this.#asked.includes(this.#active)) this.#active = this.#asked[0];
    this.#passPen();
    for (const view of this.#views) {
      const { question } = view;
      view.show(answers[question.name], shown.includes(question), view === this.#active);
    }
    this.#form.refresh(new Map(Object.entries(answers)));
    this.element.toggleAttribute("data-set-aside", draft.cannotBeJudged);
  }

  /** The image that marks are drawn on. */
  use(film: XRay | null): void {
    this.#drawing?.use(null);
    this.#drawing = undefined;
    this.#film = film;
  }

  activate(name: string | undefined): void {
    this.#active = this.#asked.find((view) => view.question.name === name) ?? this.#active;
    if (this.#draft) this.show(this.#draft);
  }

  focus(): void {
    this.#active?.focus();
  }

  /** Fetches the focus back from a button elsewhere, which would take the next Enter. */
  takeFocus(): void {
    if (!this.element.contains(document.activeElement)) this.focus();
  }

  /** After a choice that settles its question, the next question without an answer is active. */
  goOn(from: Question): Question | undefined {
    if (from.type !== "one choice" || from.menu) return undefined;
    const index = this.#asked.findIndex((view) => view.question === from);
    const hadFocus = this.#asked[index]?.element === document.activeElement;
    const next = this.#asked.slice(index + 1).find((view) => this.#isWaiting(view));
    this.activate(next?.question.name);
    next?.element.scrollIntoView({ block: "nearest" });
    if (hadFocus) next?.focus();
    return next?.question;
  }

  press({ key, shiftKey }: KeyboardEvent): boolean {
    if (shiftKey && key.startsWith("Arrow")) return false;
    if (key === "ArrowDown" || key === "ArrowUp") return this.#step(key === "ArrowDown" ? 1 : -1);
    if (this.#active?.press(key)) return true;
    return this.#asked.some((view) => view !== this.#active && view.press(key));
  }

  /** To the active question where it is drawn; else it stays, as long as its question is asked. */
  #passPen(): void {
    const drawn = this.#asked.filter((view) => view.isDrawn);
    const next = drawn.find((view) => view === this.#active)
      ?? drawn.find((view) => view === this.#drawing) ?? drawn[0];
    if (next === this.#drawing) return;
    this.#drawing?.use(null);
    this.#drawing = next;
    next?.use(this.#film);
  }

  #step(by: 1 | -1): boolean {
    const index = this.#active ? this.#asked.indexOf(this.#active) + by : 0;
    const next = this.#asked[index];
    if (!next) return false;
    this.activate(next.question.name);
    this.focus();
    return true;
  }

  /** Without an answer; where one only may type something, nobody is led there. */
  #isWaiting({ question, isTyped }: QuestionView): boolean {
    if (isTyped && !question.required) return false;
    return asList(this.#draft?.answers[question.name]).length === 0;
  }

  #view(question: Question, choose: Answered): QuestionView {
    const view = viewOf(question, (value) => choose(question, value));
    for (const event of ["focusin", "click"]) {
      // First of all: what is clicked may need the pen, and not every browser focuses a button.
      view.element.addEventListener(event, () => this.activate(question.name), { capture: true });
    }
    return view;
  }
}

import { button, keyCap, make } from "../dom";
import { keymap } from "../keymap";
import { text } from "../messages";
import type { Feedback, Judgment, Page, SubmissionReply, Unit } from "./contract";
import { Dots } from "./dots";
import type { Desk } from "./judging";
import { arrowCap, direction } from "./keys";
import { Objection } from "./objection";
import { percent } from "./progress";
import { verdict } from "./verdict";
import type { PanelView } from "./view";

export interface Reviewed {
  readonly page: Page;
  readonly judgments: readonly Judgment[];
  readonly reply: SubmissionReply;
}

/** A second Enter that was meant for the submission must not skip the feedback. */
const DEAF_MS = 500;

/** Test questions after a submission: the image stays, beside it both answers and the reason. */
export class Review implements PanelView {
  readonly element: HTMLElement;
  readonly #desk: Desk;
  readonly #reviewed: Reviewed;
  readonly #feedback: readonly Feedback[];
  readonly #done: () => void;
  readonly #body = make("div", { class: "verdict-body", tabindex: -1 });
  readonly #marks: HTMLButtonElement;
  readonly #objections: ReadonlyMap<Feedback, Objection>;
  readonly #objection = make("div", {});
  readonly #dots: Dots;
  readonly #back: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  #index = 0;
  #openedAt = 0;

  constructor(desk: Desk, reviewed: Reviewed, done: () => void) {
    this.#desk = desk;
    this.#reviewed = reviewed;
    this.#feedback = reviewed.reply.feedback;
    this.#done = done;
    this.#dots = new Dots(this.#feedback.length, (index) => this.#turnTo(index));
    this.#marks = button({ class: "button small marks-toggle" },
      () => this.#toggleMarks(), text("show_place"), keyCap("m"));
    const canObject = desk.data.contest_address !== "";
    this.#objections = new Map(this.#feedback.filter(({ correct }) => canObject && !correct)
      .map((feedback) => [feedback, this.#objectionTo(feedback)]));
    this.#back = button({ class: "button" }, () => this.#turnTo(this.#index - 1), text("back"), arrowCap(-1));
    this.#next = button({ class: "button primary" }, () => this.#goOn());
    this.element = this.#layOut(reviewed.reply);
  }

  open(): void {
    this.#openedAt = performance.now();
    const missed = this.#feedback.findIndex((feedback) => !feedback.correct);
    this.#turnTo(Math.max(0, missed));
  }

  close(): void {}

  press(event: KeyboardEvent): boolean {
    if (event.repeat) return false;
    const towards = event.shiftKey ? 0 : direction(event);
    const action = keymap.actionOf(event);
    if (towards !== 0) this.#turnTo(this.#index + towards);
    else if (action === "marks") this.#toggleMarks();
    else if (action === "object") this.#objections.get(this.#current)?.open();
    else if (event.key !== "Enter") return false;
    else if (performance.now() - this.#openedAt > DEAF_MS) this.#goOn();
    return true;
  }

  get #current(): Feedback {
    return this.#feedback[this.#index] as Feedback;
  }

  #goOn(): void {
    if (this.#index < this.#feedback.length - 1) this.#turnTo(this.#index + 1);
    else this.#done();
  }

  #turnTo(index: number): void {
    const feedback = this.#feedback[index];
    if (!feedback) return;
    const isStep = this.#body.hasChildNodes();
    this.#index = index;
    const { page, judgments, reply } = this.#reviewed;
    const at = page.units.findIndex((unit) => unit.place === feedback.place);
    const heading = text("unit_heading", { number: at + 1, count: page.units.length });
    const judgment = judgments.find(({ place }) => place === feedback.place);
    this.#desk.stage.show(page.units[at] as Unit, heading);
    this.#body.replaceChildren(
      make("p", { class: "verdict-unit" }, heading),
      ...verdict(this.#desk.data, reply.mode, feedback, judgment));
    this.#objection.replaceChildren(...objectionIn(this.#objections, feedback));
    this.#mark(feedback);
    this.#body.focus({ preventScroll: true });
    if (isStep) this.#body.scrollIntoView({ block: "start" });
    this.#desk.status.announce(this.#body.innerText);
    this.#refresh();
  }

  #mark({ places }: Feedback): void {
    const boxes = Object.values(places ?? {}).flat();
    this.#desk.stage.mark(boxes);
    this.#marks.hidden = boxes.length === 0;
    this.#marks.setAttribute("aria-pressed", "true");
  }

  #toggleMarks(): void {
    if (this.#marks.hidden) return;
    this.#marks.setAttribute("aria-pressed", String(this.#desk.stage.toggleMarks()));
  }

  #refresh(): void {
    const isLast = this.#index === this.#feedback.length - 1;
    this.#dots.show(this.#index, this.#feedback.map(({ correct }) => (correct ? "correct" : "missed")));
    this.#back.hidden = this.#feedback.length < 2;
    this.#back.disabled = this.#index === 0;
    this.#next.replaceChildren(text(isLast ? "go_on" : "next"), keyCap("↵"));
  }

  #objectionTo({ place }: Feedback): Objection {
    const { api, data } = this.#desk;
    const at = { page: this.#reviewed.page.id, place };
    return new Objection((words) => api.contest(at, words), data.contests_address);
  }

  #layOut(reply: SubmissionReply): HTMLElement {
    const told = result(reply);
    const head = make("div", { class: "unit-head" }, ...told, this.#dots.element);
    head.hidden = told.length === 0 && this.#feedback.length < 2;
    const steps = make("div", { class: "steps" }, this.#back, this.#next);
    return make("div", { class: "panel-view" },
      make("div", { class: "panel-scroll" }, head, this.#body, this.#marks, this.#objection), steps);
  }
}

function objectionIn(objections: ReadonlyMap<Feedback, Objection>, of: Feedback): HTMLElement[] {
  const found = objections.get(of);
  return found ? [found.element] : [];
}

function failedWords(eachKind: boolean): "quiz_failed_each_kind" | "quiz_failed_words" {
  return eachKind ? "quiz_failed_each_kind" : "quiz_failed_words";
}

/** How a quiz or a practice round ended; nothing for a page of work. */
function result({ mode, quiz, feedback }: SubmissionReply): HTMLElement[] {
  if (quiz) {
    const { passed, correct, of, minimum_accuracy: minimum } = quiz;
    return [
      make("h2", { class: "quiz-result" }, text(passed ? "quiz_passed" : "quiz_failed")),
      make("p", {}, text(passed ? "quiz_passed_words" : failedWords(quiz.each_kind),
        { correct, count: of, minimum: percent(minimum) })),
    ];
  }
  if (mode !== "practice") return [];
  const correct = feedback.filter((one) => one.correct).length;
  return [
    make("h2", { class: "quiz-result" }, text("practice_done")),
    make("p", {}, text("practice_done_words", { correct, count: feedback.length })),
  ];
}

import { make } from "../dom";
import { keymap } from "../keymap";
import { text } from "../messages";
import type { Api } from "./api";
import { choose, isComplete, toJudgment, unanswered, type Open } from "./answers";
import { beside } from "./beside";
import { cannotBeJudged, LEAVES_NOTHING } from "./cannot-be-judged";
import type {
  Answer, Judgment, Page, Problem, Question, ReadingData, Unit,
} from "./contract";
import { Countdown } from "./countdown";
import { Devices } from "./devices";
import { Dots } from "./dots";
import type { PageDraft } from "./drafts";
import { briefly } from "./in-words";
import { direction } from "./keys";
import { Questions } from "./questions";
import { sheetButton, sheetChoice } from "./sheet-choice";
import type { ReportPanel, ReportPlace } from "./report";
import type { Stage } from "./stage";
import type { Status } from "./status";
import { Steps } from "./steps";
import { Stopwatch } from "./stopwatch";
import type { Thread } from "./thread";
import { UnitForms } from "./unit-forms";
import type { PanelView } from "./view";

/** What every view of the reading page works with. */
export interface Desk {
  readonly data: ReadingData;
  readonly api: Api;
  readonly stage: Stage;
  readonly status: Status;
  readonly report: ReportPanel;
  /** Where the owner takes questions about an image. */
  readonly thread: Thread | undefined;
}

type Submit = (judgments: readonly Judgment[]) => void;

/** The page being judged: one unit at a time, its questions, and the way to the next. */
export class Judging implements PanelView {
  readonly element: HTMLElement;
  readonly #desk: Desk;
  readonly #page: Page;
  readonly #draft: PageDraft;
  readonly #submit: Submit;
  readonly #all: readonly Question[];
  readonly #watch: Stopwatch;
  readonly #heading = make("h2", { class: "unit-heading" });
  readonly #questions: Questions;
  readonly #dots: Dots;
  readonly #cannot: HTMLButtonElement;
  readonly #steps: Steps;
  readonly #countdown: Countdown;
  readonly #context = make("dl", { class: "context" });
  readonly #dropped = make("p", { class: "dropped", hidden: true }, text("report_dropped"));
  readonly #closed = new AbortController();
  readonly #forms: UnitForms;
  #isBusy = false;

  constructor(desk: Desk, page: Page, draft: PageDraft, submit: Submit) {
    this.#desk = desk;
    this.#page = page;
    this.#draft = draft;
    this.#submit = submit;
    this.#watch = new Stopwatch(draft);
    this.#all = desk.data.design.questions;
    const { form } = desk.data.design;
    this.#questions = new Questions(this.#all, (...answer) => this.#answer(...answer), form);
    this.#forms = new UnitForms(form?.address, page, desk.api, desk.status);
    void this.#forms.fetch(() => this.#prefill());
    this.#dots = new Dots(page.units.length, (index) => this.#turnTo(index));
    this.#cannot = cannotBeJudged(desk.data, () => this.#setAside());
    this.#steps = new Steps({
      back: () => this.#turnTo(draft.index - 1),
      next: () => this.#turnTo(draft.index + 1),
      submit: () => this.#trySubmit(),
    });
    this.#countdown = new Countdown(
      draft.openedAt + page.minimum_seconds * 1000, (seconds) => (this.#steps.seconds = seconds));
    this.element = this.#layOut();
  }

  get page(): Page {
    return this.#page;
  }

  open(): void {
    this.#watch.start();
    this.#countdown.start();
    this.#layImages();
    this.#draft.follow(() => this.#refresh(), this.#closed.signal);
    new Devices(this.#desk.api, this.#page.id, this.#draft, () => this.#refresh())
      .start(this.#closed.signal);
    this.#show();
  }

  close(): void {
    this.#watch.stop();
    this.#countdown.stop();
    this.#closed.abort();
    this.#desk.thread?.panel.close();
    this.#desk.report.panel.close();
  }

  /** Takes the latest answer or mark back, or does it again; false where there is none. */
  undo(isRedo: boolean): boolean {
    if (this.#isBusy) return false;
    this.#watch.lap();
    const isDone = isRedo ? this.#draft.redo() : this.#draft.undo();
    if (isDone) this.#show();
    this.#desk.status.say(text(isDone ? (isRedo ? "redone" : "undone") : "nothing_to_undo"));
    return true;
  }

  /** All images of the page at once, or one at a time again. */
  toggleSheet(): void {
    this.#watch.lap();
    sheetChoice.toggle();
    this.#layImages();
    this.#show();
    this.#desk.status.say(text(sheetChoice.isOn ? "sheet_on" : "sheet_off"));
  }

  #layImages(): void {
    const { stage } = this.#desk;
    if (sheetChoice.isOn) stage.spread(this.#page.units, (index) => this.#turnTo(index));
    else stage.gather();
  }

  /** Goes on after a report of an image. */
  reported({ page, place }: ReportPlace, reason: string, dropped: boolean): void {
    const index = this.#page.units.findIndex((unit) => unit.place === place);
    if (page !== this.#page.id || index < 0) return;
    this.#desk.status.clear();
    this.#desk.status.say(text("report_thanks"));
    if (index !== this.#draft.index) this.#turnTo(index);
    if (dropped) this.#draft.current = { ...this.#draft.current, isDropped: true };
    else if (LEAVES_NOTHING.has(reason)) this.#draft.change({ ...this.#draft.current, cannotBeJudged: true });
    this.#refresh();
    if (dropped && index < this.#page.units.length - 1) this.#turnTo(index + 1);
    else this.#questions.takeFocus();
  }

  press(event: KeyboardEvent): boolean {
    if (event.repeat) return false;
    const towards = event.shiftKey ? 0 : direction(event);
    if (event.key === "Enter") this.#goOn();
    else if (towards !== 0) this.#turnTo(this.#draft.index + towards);
    else return this.#judge(event);
    return true;
  }

  #judge(event: KeyboardEvent): boolean {
    if (keymap.isOff && event.key.length === 1) return false;
    const isCannot = event.key.toLowerCase() === this.#desk.data.cannot_be_judged.key;
    if (!this.#questions.press(event) && !isCannot) return false;
    if (isCannot) this.#setAside();
    this.#questions.takeFocus();
    return true;
  }

  get isBusy(): boolean {
    return this.#isBusy;
  }

  /** While the answers are on their way they stay as they are. */
  set isBusy(isBusy: boolean) {
    this.#isBusy = this.#steps.isBusy = isBusy;
  }

  /** The server wants the reader to look for so long first. */
  holdBack(seconds: number, words: string): void {
    this.#countdown.extend(Date.now() + seconds * 1000);
    this.#desk.status.say(words);
  }

  /** Shows a unit with what the server found wrong with its answers. */
  point({ place, question, message: words }: Problem): void {
    const index = this.#page.units.findIndex((unit) => unit.place === place);
    this.#turnTo(Math.max(0, index));
    this.#questions.activate(question ?? undefined);
    this.#questions.focus();
    this.#desk.status.fail(words);
  }

  /** The forms of the units themselves; marks that somebody else drew are there to be changed. */
  #prefill(): void {
    this.#draft.prefill(this.#page.units.map(({ place }) => this.#forms.of(place)?.marks ?? {}));
    if (!this.#closed.signal.aborted) this.#show();
  }

  #answer(question: Question, value: Answer | undefined): void {
    if (this.#isBusy) return;
    this.#draft.change(choose(this.#draft.current, question, value));
    this.#refresh();
    const next = this.#questions.goOn(question);
    if (next) this.#desk.status.announce(next.label);
  }

  #setAside(): void {
    if (this.#isBusy) return;
    const { current } = this.#draft;
    this.#draft.change({ ...current, cannotBeJudged: !current.cannotBeJudged });
    this.#refresh();
  }

  /** Enter: what is missing here, else the next unit, else the submission. */
  #goOn(): void {
    const missing = unanswered(this.#all, this.#draft.current)[0];
    if (missing) this.#ask(missing);
    else if (this.#draft.index < this.#page.units.length - 1) this.#turnTo(this.#draft.index + 1);
    else this.#trySubmit();
  }

  #ask({ question, problem }: Open): void {
    this.#questions.activate(question.name);
    this.#questions.focus();
    this.#desk.status.say(text(problem, { question: question.label }));
  }

  #turnTo(index: number): void {
    if (index < 0 || index >= this.#page.units.length) return;
    this.#watch.lap();
    this.#draft.index = index;
    this.#show();
  }

  #show(): void {
    const { units } = this.#page;
    const { index, current } = this.#draft;
    const { stage, status } = this.#desk;
    const heading = text("unit_heading", { number: index + 1, count: units.length });
    this.#heading.textContent = heading;
    status.clear();
    status.announce(heading);
    const unit = units[index] as Unit;
    stage.show(unit, heading);
    this.#context.replaceChildren(...beside(unit));
    this.#desk.thread?.turnTo(this.#page.id, unit.place);
    this.#desk.report.turnTo(this.#page.id, unit.place);
    stage.prepare([...units.slice(index + 1), ...units.slice(0, index)]);
    this.#questions.suit(this.#forms.of(unit.place));
    this.#questions.use(stage.film);
    this.#questions.open(current);
    this.#refresh();
  }

  #refresh(): void {
    const { index, current, units } = this.#draft;
    const complete = units.map((unit) => isComplete(this.#all, unit));
    this.#questions.show(current);
    this.#cannot.setAttribute("aria-pressed", String(current.cannotBeJudged));
    const dots = units.map((unit, at) => (
      unit.isDropped ? "reported" : complete[at] ? "answered" : "open"));
    this.#dots.show(index, dots);
    this.#desk.stage.tell(units.map((unit) => briefly(this.#all, unit, this.#desk.data.cannot_be_judged)));
    this.#questions.element.hidden = this.#cannot.hidden = current.isDropped === true;
    this.#dropped.hidden = !current.isDropped;
    this.#steps.show(index, complete);
  }

  #trySubmit(): void {
    const open = this.#draft.units.findIndex((unit) => !isComplete(this.#all, unit));
    const { seconds } = this.#countdown;
    if (this.#isBusy) return;
    if (open >= 0) {
      this.#turnTo(open);
      this.#desk.status.say(text("unit_missing", { number: open + 1 }));
    } else if (!this.#forms.areHere) {
      this.#desk.status.say(text("forms_coming"));
      void this.#forms.fetch(() => this.#prefill());
    } else if (seconds > 0) {
      this.#desk.status.say(text("too_soon", { seconds }));
    } else {
      this.#watch.lap();
      this.#submit(this.#judgments());
    }
  }

  #judgments(): Judgment[] {
    return this.#page.units.flatMap(({ place }, index) => {
      const draft = this.#draft.units[index] ?? this.#draft.current;
      return draft.isDropped ? [] : [toJudgment(place, this.#all, draft)];
    });
  }

  #layOut(): HTMLElement {
    const mark = this.#page.mode === "practice" && make("p", { class: "mode-mark" }, text("practice"));
    const title = make("div", { class: "unit-title" }, this.#heading, mark);
    const head = make("div", { class: "unit-head" }, title, this.#dots.element);
    const ask = this.#desk.thread?.panel.toggle;
    const sheet = sheetButton(this.#page.units.length, () => this.toggleSheet());
    const body = make("div", { class: "panel-scroll" },
      head, this.#context, this.#questions.element, this.#dropped, this.#cannot,
      make("div", { class: "actions" }, this.#desk.report.panel.toggle, ask, sheet));
    return make("div", { class: "panel-view" }, body, this.#steps.element);
  }
}

import { define, embeddedJson, make } from "./dom";
import { keymap, type ActionName } from "./keymap";
import { text, useMessages } from "./messages";
import { Api, Refusal } from "./reading/api";
import type { Page, PageReply, Problem, ReadingData, SubmissionReply } from "./reading/contract";
import { Comparison } from "./reading/comparison";
import { deliver } from "./reading/delivery";
import { DisplayCheck, displayHint } from "./reading/display-check";
import { PageDraft } from "./reading/drafts";
import { EndView, LoadingView } from "./reading/ending";
import { Judging, type Desk } from "./reading/judging";
import { onKeys } from "./reading/keys";
import { KeysHelp } from "./reading/keys-help";
import { Outbox, type Unsent } from "./reading/outbox";
import { nextStep } from "./reading/problems";
import { ProgressLine } from "./reading/progress";
import { reloadsFor } from "./reading/reloading";
import { ReportPanel, type Reported } from "./reading/report";
import { Rest } from "./reading/rest";
import { Review } from "./reading/review";
import { instructions, SidePanel } from "./reading/side-panel";
import { Stage } from "./reading/stage";
import { Status } from "./reading/status";
import { themeChoice } from "./reading/theme";
import { Thread } from "./reading/thread";
import type { PanelView } from "./reading/view";
import { WaitingView } from "./reading/waiting";

/**
 * `<reading-page>`: fetches pages of units, shows them, sends the judgments and says what came
 * of them. Reads `#reading-data`, and `#instructions` where the page has them.
 */
export class ReadingPage extends HTMLElement {
  #desk!: Desk;
  #outbox!: Outbox;
  #instructions!: SidePanel;
  #rest!: Rest;
  #keysHelp!: KeysHelp;
  #check!: DisplayCheck;
  #comparison!: Comparison;
  readonly #progress = new ProgressLine();
  readonly #panel = make("div", { class: "panel-body" });
  #view: PanelView | undefined;
  #upcoming: Promise<PageReply> | undefined;

  connectedCallback(): void {
    const data = embeddedJson("reading-data") as ReadingData;
    useMessages(data.messages);
    const api = new Api(data);
    const thread = data.discussion ? new Thread(api) : undefined;
    const report = new ReportPanel(api, data.reasons, (...what) => this.#reported(...what));
    const stage = new Stage(data.turning ?? true);
    this.#desk = { data, api, stage, status: new Status(), report, thread };
    this.#rest = new Rest(
      (minutes) => this.#progress.tell(minutes), (words) => this.#desk.status.say(words));
    this.#outbox = new Outbox(data.submission_address, data.reader);
    this.#instructions = instructions();
    const examples = this.#instructions.element.querySelectorAll<HTMLElement>("[data-film]");
    this.#comparison = new Comparison([...examples], stage);
    const check = new DisplayCheck();
    this.#keysHelp = new KeysHelp(data.cannot_be_judged, themeChoice(), check.toggle);
    this.#check = check;
    this.#layOut();
    onKeys((event) => this.#press(event));
    document.addEventListener("keydown", (event) => this.#undo(event));
    this.#outbox.watch((unsent) => this.#submittedElsewhere(unsent));
    this.#desk.stage.element.addEventListener("failed", () => this.#missImage());
    void this.#nextPage();
    if (data.expertise && data.expertise !== "lay") this.#desk.status.say(displayHint());
  }

  /** In a review there is nothing left to judge, and the image says itself that it failed. */
  #missImage(): void {
    if (!(this.#view instanceof Judging)) return;
    const report = (): void => void this.#desk.report.notShown();
    this.#desk.status.fail(text("image_failed_next"), text("report_go_on"), report);
  }

  #reported(...what: Parameters<Reported>): void {
    if (this.#view instanceof Judging) this.#view.reported(...what);
  }

  /** First what was submitted and not sent, then the next page. */
  async #nextPage(retake = false): Promise<void> {
    this.#show(new LoadingView(), "loading");
    const unsent = this.#outbox.first(Date.now());
    if (unsent) return this.#deliver(unsent);
    const reply = this.#upcoming ?? this.#desk.api.page(retake);
    this.#upcoming = undefined;
    try {
      this.#receive(await reply);
    } catch (error) {
      this.#fail(error, () => void this.#nextPage(retake));
    }
  }

  #receive(reply: PageReply): void {
    const { data, stage, status } = this.#desk;
    status.clear();
    if (reply.outcome !== "page") {
      stage.clear();
      this.#show(new EndView(reply, data, () => void this.#nextPage(true)), "ending");
      return;
    }
    const { page, progress } = reply;
    // The shell holds one version of the questions, the page may have been handed out for another.
    if (page.design !== data.design.version && reloadsFor(page)) return;
    this.#progress.show(progress, page.mode);
    this.#rest.expires = page.expires_at;
    if (page.units.length > 0) this.#judge(page);
    else void this.#deliver(this.#outbox.put(page, [], Date.now()));
  }

  #judge(page: Page): Judging {
    const draft = new PageDraft(page, Date.now());
    const judging: Judging = new Judging(this.#desk, page, draft, (judgments) => {
      judging.isBusy = true;
      void this.#deliver(this.#outbox.put(page, judgments, Date.now()));
    });
    this.#show(judging, "judging");
    return judging;
  }

  #submittedElsewhere(unsent: Unsent): void {
    const view = this.#view;
    if (!(view instanceof Judging) || view.isBusy || view.page.id !== unsent.page.id) return;
    view.isBusy = true;
    void this.#deliver(unsent);
  }

  async #deliver(unsent: Unsent): Promise<void> {
    const { page, judgments } = unsent;
    const { api, status } = this.#desk;
    status.clear();
    try {
      const reply = await deliver(
        () => api.submit(page.id, judgments), (...why) => this.#wait(page, ...why));
      this.#outbox.remove(page);
      PageDraft.forget(page);
      this.#accept(reply, unsent);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#outbox.remove(page);
      this.#refused(error, page);
    }
  }

  #wait(page: Page, refusal: Refusal, hurry: () => void): void {
    const waiting =
      this.#view instanceof WaitingView ? this.#view : new WaitingView(this.#outbox.stores(page));
    if (this.#view !== waiting) this.#show(waiting, "waiting");
    waiting.tell(refusal, hurry);
  }

  #accept(reply: SubmissionReply, { page, judgments }: Unsent): void {
    this.#progress.show(reply.progress, reply.mode);
    const late = reply.late ?? 0;
    this.#desk.status.say(late > 0 ? text("page_saved_late", { count: late }) : text("page_saved"));
    if (reply.feedback.length === 0) {
      void this.#nextPage();
      return;
    }
    if (reply.mode === "work") this.#fetchAhead();
    const reviewed = { page, judgments, reply };
    this.#show(new Review(this.#desk, reviewed, () => void this.#nextPage()), "review");
  }

  /** The server's last word on a submission: back to the page where that helps. */
  #refused(refusal: Refusal, page: Page): void {
    const [problem] = refusal.problems as readonly (Problem | undefined)[];
    if (refusal.code === "too soon") {
      this.#again(page).holdBack(refusal.seconds || page.minimum_seconds, refusal.message);
    } else if (problem) {
      this.#again(page).point(problem);
    } else {
      if (this.#view instanceof WaitingView) this.#show(new LoadingView(), "loading");
      this.#fail(refusal, () => this.#again(page));
    }
  }

  /** The page as it is on the screen, else as the browser kept it. */
  #again(page: Page): Judging {
    const view = this.#view;
    if (!(view instanceof Judging)) return this.#judge(page);
    view.isBusy = false;
    return view;
  }

  /** The next page is on its way while the reader looks at a missed test question. */
  #fetchAhead(): void {
    this.#upcoming = this.#desk.api.page();
    this.#upcoming.then(
      ({ page }) => this.#desk.stage.prepare(page?.units ?? []),
      () => (this.#upcoming = undefined),
    );
  }

  #fail(error: unknown, retry: () => void): void {
    if (!(error instanceof Refusal)) throw error;
    if (this.#view instanceof LoadingView) this.#view.stop();
    const { words, label, action } = nextStep(error, retry, () => void this.#nextPage());
    this.#desk.status.fail(words, label, action);
  }

  #press(event: KeyboardEvent): boolean {
    if (this.#keysHelp.element.open || this.#check.element.open) return false;
    if (event.key === "Escape" && (SidePanel.close() || this.#comparison.close())) return true;
    if (this.#desk.report.press(event)) return true;
    if (this.#desk.stage.draws(event) || this.#view?.press(event)) return true;
    return this.#act(keymap.actionOf(event), event) || this.#desk.stage.press(event);
  }

  #act(action: ActionName | undefined, { repeat }: KeyboardEvent): boolean {
    const judging = this.#view instanceof Judging ? this.#view : undefined;
    if (action === "help") this.#keysHelp.press();
    else if (action === "instructions" && !repeat) this.#instructions.press();
    else if (action === "compare" && this.#comparison.isPossible) this.#comparison.press();
    else if (action === "report" && judging && !repeat) this.#report();
    else if ((action === "undo" || action === "redo") && judging) judging.undo(action === "redo");
    else if (action === "sheet" && judging) judging.toggleSheet();
    else if (action === "marks" && judging) this.#desk.stage.toggleMarks();
    else return false;
    return true;
  }

  /** Of an image that could not be loaded the key says just that. */
  #report(): void {
    if (this.#desk.stage.hasFailed) void this.#desk.report.notShown();
    else this.#desk.report.panel.press();
  }

  /** Ctrl + Z and Ctrl + Shift + Z, but in a text, where they are the browser's. */
  #undo(event: KeyboardEvent): void {
    const isUndo = (event.ctrlKey || event.metaKey) && event.key.toLowerCase() === "z";
    const isInText = event.target instanceof Element && event.target.matches("textarea, input");
    if (!isUndo || isInText || !(this.#view instanceof Judging)) return;
    this.#view.undo(event.shiftKey);
    event.preventDefault();
  }

  #show(view: PanelView, name: string): void {
    this.#view?.close();
    this.#view = view;
    this.dataset["view"] = name;
    this.#panel.replaceChildren(view.element);
    view.open();
  }

  #layOut(): void {
    const { data, stage, status, report, thread } = this.#desk;
    const tools = make("div", { class: "panel-tools" }, this.#instructions.toggle, this.#keysHelp.toggle);
    const head = make("header", { class: "panel-head" }, make("h1", {}, data.title), tools);
    const foot = make("footer", { class: "panel-foot" },
      this.#progress.element, make("p", { class: "notice-line" }, data.notice));
    const panel = make("section", { class: "panel", "aria-label": data.title },
      head, answered(data), this.#panel, status.element, foot);
    this.replaceChildren(this.#instructions.element, report.panel.element, ...(thread ? [thread.panel.element] : []),
      stage.element, this.#comparison.element, panel, this.#keysHelp.element, this.#check.element);
  }
}

/** Where the owner has answered objections since they were last looked at. */
function answered({ answered: count = 0, contests_address: address }: ReadingData): HTMLElement | null {
  if (count === 0) return null;
  const link = make("a", { href: address }, text("objections"));
  return make("p", { class: "answered" }, text("objections_answered", { count }), " ", link);
}

define("reading-page", ReadingPage);

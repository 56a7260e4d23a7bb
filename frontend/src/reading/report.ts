import { button, keyCap, make } from "../dom";
import { keymap } from "../keymap";
import { text } from "../messages";
import { Refusal, type Api } from "./api";
import type { Reason } from "./contract";
import { reason as why } from "./problems";
import { SidePanel } from "./side-panel";

const LONGEST = 2000;
const NOT_SHOWN = "not shown";

export interface ReportPlace {
  readonly page: string;
  readonly place: number;
}

/** What came of a report: `dropped` says that no judgment of the image is asked for any more. */
export type Reported = (at: ReportPlace, reason: string, dropped: boolean) => void;

/** What is wrong with the image: one key opens it beside the image, one more says it. */
export class ReportPanel {
  readonly panel: SidePanel;
  readonly #api: Api;
  readonly #reasons: readonly Reason[];
  readonly #reported: Reported;
  readonly #words = make("textarea", { id: "report-words", rows: 3, maxlength: LONGEST });
  readonly #state = make("p", { class: "report-state", role: "status" });
  #at: ReportPlace = { page: "", place: 0 };
  #isBusy = false;

  constructor(api: Api, reasons: readonly Reason[], reported: Reported) {
    this.#api = api;
    this.#reasons = reasons;
    this.#reported = reported;
    const choices = reasons.map(({ value, label }, index) => make("li", {},
      button({ class: "answer report-reason" }, () => void this.send(value),
        keyCap(String(index + 1)), make("span", { class: "answer-label" }, label))));
    const element = make("aside", { id: "report" },
      make("h2", {}, text("report")), make("p", { class: "report-about" }, text("report_words")),
      make("ol", { class: "report-reasons" }, ...choices),
      make("label", { for: "report-words" }, text("report_more")), this.#words, this.#state);
    this.panel = new SidePanel(element, text("report"), keymap.keyOf("report"));
    this.panel.toggle.classList.add("report-toggle");
  }

  /** The image that is meant. */
  turnTo(page: string, place: number): void {
    if (this.#at.page === page && this.#at.place === place) return;
    this.#at = { page, place };
    this.#words.value = this.#state.textContent = "";
    this.panel.close();
  }

  /** A digit says what is wrong, while the panel is open. */
  press({ key }: KeyboardEvent): boolean {
    const reason = this.#reasons[Number(key) - 1];
    if (this.panel.element.hidden || !reason) return false;
    void this.send(reason.value);
    return true;
  }

  /** The image could not be loaded. */
  notShown(): Promise<void> {
    return this.send(NOT_SHOWN);
  }

  async send(reason: string): Promise<void> {
    if (this.#isBusy) return;
    const at = this.#at;
    this.#isBusy = true;
    this.#state.textContent = text("report_sending");
    try {
      const dropped = await this.#api.report(at, reason, this.#words.value.trim());
      this.#state.textContent = this.#words.value = "";
      this.panel.close();
      this.#reported(at, reason, dropped);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#state.textContent = error.code ? error.message : why(error);
    } finally {
      this.#isBusy = false;
    }
  }
}

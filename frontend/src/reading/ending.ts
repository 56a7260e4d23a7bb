import { button, make } from "../dom";
import { text, type MessageName } from "../messages";
import type { Ending, Progress, ReadingData } from "./contract";
import { figures, percent } from "./progress";
import type { PanelView } from "./view";

const WORDS: Readonly<Record<Ending, readonly [MessageName, MessageName]>> = {
  "nothing left": ["end_nothing_left", "end_nothing_left_words"],
  "maxed out": ["end_maxed_out", "end_maxed_out_words"],
  "removed": ["end_removed", "end_removed_words"],
  "failed quiz": ["end_failed_quiz", "end_failed_quiz_words"],
  "paused": ["end_paused", "end_paused_words"],
  "finished": ["end_finished", "end_finished_words"],
};

/** Between two pages. */
export class LoadingView implements PanelView {
  readonly element = make("p", { class: "loading" }, text("page_loading"));

  open(): void {}

  close(): void {}

  /** What stands in the way is told elsewhere. */
  stop(): void {
    this.element.textContent = "";
  }

  press(): boolean {
    return false;
  }
}

export interface Ended {
  readonly outcome: Ending;
  readonly progress: Progress;
}

/** Why there is no further page, own figures, what remains, and the way out. */
export class EndView implements PanelView {
  readonly element: HTMLElement;
  readonly #heading: HTMLElement;

  constructor(ended: Ended, data: ReadingData, retake: () => void) {
    const { outcome, progress } = ended;
    const again = outcome === "failed quiz" && progress.may_retake === true;
    this.#heading = make("h2", { tabindex: -1 }, text(WORDS[outcome][0]));
    this.element = make(
      "div",
      { class: "ending" },
      this.#heading,
      ...words(ended).map((line) => make("p", {}, line)),
      progress.judgments > 0 ? figures(progress) : null,
      make("div", { class: "actions" },
        again && button({ class: "button primary" }, retake, text("retake")),
        make("a", { class: again ? "button" : "button primary", href: data.end_address },
          text("end_link")),
        isShut(outcome) && make("a", { class: "button", href: data.contests_address },
          text("objections"))),
    );
  }

  open(): void {
    this.#heading.focus();
  }

  close(): void {}

  press(): boolean {
    return false;
  }
}

function isShut(outcome: Ending): boolean {
  return outcome === "removed" || outcome === "failed quiz";
}

function words({ outcome, progress }: Ended): string[] {
  const { accuracy, minimum_accuracy: minimum, may_retake: again } = progress;
  const figures = { accuracy: percent(accuracy ?? 0), minimum: percent(minimum) };
  if (outcome === "removed") return [text(removal(progress), figures), text("end_removed_words")];
  if (outcome !== "failed quiz") return [text(WORDS[outcome][1])];
  return [text(failure(progress), figures), text(again ? "end_failed_quiz_again" : "end_failed_quiz_kept")];
}

function failure({ accuracy, minimum_accuracy: minimum }: Progress): MessageName {
  if (accuracy === null) return "end_failed_quiz_words";
  return accuracy < minimum ? "end_failed_quiz_why" : "end_failed_quiz_kind";
}

function removal({ removed_for: why, accuracy, minimum_accuracy: minimum }: Progress): MessageName {
  if (why) return `end_removed_${why}`;
  const isBelow = accuracy !== null && accuracy < minimum;
  return isBelow ? "end_removed_accuracy" : "end_removed_quality";
}

import { make } from "../dom";
import { text } from "../messages";
import type { Mode, Progress } from "./contract";

/** The server counts what is left no further. */
const COUNTED_LEFT = 100;

/** A share as a percentage in the page's language. */
export function percent(share: number): string {
  const style = { style: "percent", maximumFractionDigits: 0 } as const;
  return new Intl.NumberFormat(document.documentElement.lang || undefined, style).format(share);
}

/** The small line at the foot: work done, work left, own accuracy. */
export class ProgressLine {
  readonly element = make("div", { class: "progress-line" });
  readonly #minutes = make("span", { class: "minutes" });

  show(progress: Progress, mode: Mode): void {
    this.element.replaceChildren(...LINES[mode](progress));
    this.element.querySelector("p")?.append(this.#minutes);
  }

  /** How long somebody has been reading without a rest. */
  tell(minutes: number): void {
    this.#minutes.textContent = minutes > 0 ? text("minutes_read", { minutes }) : "";
  }
}

const LINES: Readonly<Record<Mode, (progress: Progress) => Node[]>> = {
  practice: () => [],
  quiz: quizLine,
  work: workLine,
};

function quizLine({ quiz_length: length, minimum_accuracy: minimum }: Progress): Node[] {
  const words = text("quiz_progress", { count: length, minimum: percent(minimum) });
  return [make("p", {}, make("strong", {}, text("quiz")), " ", words)];
}

function workLine({ judgments, units_left: left, accuracy }: Progress): Node[] {
  const max = Math.max(1, judgments + left);
  const bar = make("progress", { max, value: judgments, "aria-label": text("progress") });
  const own = accuracy === null ? "" : text("own_accuracy", { accuracy: percent(accuracy) });
  const many = left >= COUNTED_LEFT ? "work_progress_many" : "work_progress";
  const words = text(many, { done: judgments, left });
  return [bar, make("p", {}, make("span", {}, words), make("span", {}, own))];
}

/** Own figures as a list of terms, for an end view. */
export function figures({ judgments, pages, test_questions, accuracy }: Progress): HTMLElement {
  const rows: readonly (readonly [string, string])[] = [
    [text("figure_judgments"), String(judgments)],
    [text("figure_pages"), String(pages)],
    [text("figure_test_questions"), String(test_questions)],
    [text("figure_accuracy"), accuracy === null ? "–" : percent(accuracy)],
  ];
  const tile = ([term, value]: readonly [string, string]): HTMLElement =>
    make("div", {}, make("dt", {}, term), make("dd", {}, value));
  return make("dl", { class: "figures" }, ...rows.map(tile));
}

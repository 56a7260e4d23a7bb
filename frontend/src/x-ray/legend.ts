import { make } from "../dom";
import { text } from "../messages";
import type { Display } from "./display";
import { sideWords } from "./tools";
import { apply, AS_TAKEN, type Point } from "./viewport";

const SAID_MS = 2500;
const PERCENT = new Intl.NumberFormat(document.documentElement.lang || undefined,
  { style: "percent", maximumFractionDigits: 0 });

/** Words over the image: how large and how true it is, how it is turned, what a step did. */
export class Legend {
  readonly element: HTMLElement;
  readonly #state = make("p", { class: "x-ray-state" });
  readonly #said = make("p", { class: "x-ray-said", role: "status" });
  readonly #length = make("p", { class: "x-ray-length", role: "status", hidden: true });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element = make("div", { class: "x-ray-legend" }, this.#state, this.#said, this.#length);
  }

  /** A lossy picture says so. */
  show({ film, shown, scale, turn }: Display): void {
    if (!film) {
      this.#state.textContent = "";
      return;
    }
    const percent = PERCENT.format(scale);
    const isTurned = turn.quarters !== AS_TAKEN.quarters || turn.mirrored;
    const words = [percent, this.#truth(shown === "values", film.isLossless, film.hasFailed)];
    if (isTurned) words.push(sideWords(turn));
    const said = words.join(" · ");
    if (this.#state.textContent !== said) this.#state.textContent = said;
  }

  say(words: string): void {
    clearTimeout(this.#timer);
    this.#said.textContent = words;
    this.#timer = setTimeout(() => (this.#said.textContent = ""), SAID_MS);
  }

  /** The ruler's length, in the middle of its line: a point of the image. */
  measure(words: string, at: Point | undefined, { placement }: Display): void {
    this.#length.hidden = !at || !placement;
    if (!at || !placement) return;
    const { x, y } = apply(placement, at);
    if (this.#length.textContent !== words) this.#length.textContent = words;
    this.#length.style.transform = `translate(${x}px, ${y}px)`;
  }

  #truth(isValues: boolean, isLossless: boolean, hasFailed: boolean): string {
    if (isValues) return text(isLossless ? "shown_lossless" : "shown_lossy");
    return text(hasFailed ? "shown_failed" : "shown_lossy");
  }
}

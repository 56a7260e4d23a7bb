import { button, make } from "../dom";

const SHORTEST_MS = 4000;
const READ_MS_PER_CHARACTER = 75;

/** What the page has to say: words that pass, and problems that stay with their next step. */
export class Status {
  readonly element = make("div", { class: "status" });
  readonly #words = make("p", { class: "status-words", role: "status" });
  readonly #problem = make("div", { class: "problem", role: "alert", hidden: true });
  readonly #spoken = make("p", { class: "visually-hidden", role: "status" });
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor() {
    this.element.append(this.#problem, this.#words, this.#spoken);
  }

  say(words: string): void {
    clearTimeout(this.#timer);
    this.#words.textContent = words;
    const shown = Math.max(SHORTEST_MS, words.length * READ_MS_PER_CHARACTER);
    this.#timer = setTimeout(() => (this.#words.textContent = ""), shown);
  }

  /** For screen readers only: what the others see anyway. */
  announce(words: string): void {
    this.#spoken.textContent = words;
  }

  /** Stays until `clear`; the action is the next step. */
  fail(words: string, label?: string, action?: () => void): void {
    const step = label && action && button({ class: "button" }, action, label);
    this.#problem.replaceChildren(make("p", {}, words), ...(step ? [step] : []));
    this.#problem.hidden = false;
    this.#problem.scrollIntoView({ block: "nearest" });
  }

  clear(): void {
    this.#problem.hidden = true;
    this.#problem.replaceChildren();
  }
}

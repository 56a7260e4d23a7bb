import { button, keyCap, make } from "../dom";
import { text } from "../messages";
import type { Refusal } from "./api";
import { reason } from "./problems";
import type { PanelView } from "./view";

/** Answers that were submitted and wait for the server: where they are, and what happens next. */
export class WaitingView implements PanelView {
  readonly element: HTMLElement;
  readonly #heading = make("h2", { tabindex: -1 }, text("waiting"));
  readonly #words = make("p", { role: "status" });
  readonly #step = button({ class: "button primary", hidden: true }, () => this.#action());
  #action: () => void = () => undefined;

  constructor(isStored: boolean) {
    const words = text(isStored ? "waiting_words" : "waiting_unstored");
    this.element = make("div", { class: "waiting" },
      this.#heading, this.#words, make("p", {}, words),
      make("div", { class: "actions" }, this.#step));
  }

  tell(refusal: Refusal, hurry: () => void): void {
    const { isSignedOut } = refusal;
    const words = reason(refusal);
    if (this.#words.textContent !== words) this.#words.textContent = words;
    this.#action = isSignedOut ? () => globalThis.location.reload() : hurry;
    this.#step.replaceChildren(text(isSignedOut ? "reload" : "send_now"), keyCap("↵"));
    this.#step.hidden = false;
  }

  open(): void {
    this.#heading.focus();
  }

  close(): void {}

  press(event: KeyboardEvent): boolean {
    if (event.key !== "Enter" || event.repeat) return false;
    this.#action();
    return true;
  }
}

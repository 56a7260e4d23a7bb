import { button, make } from "../dom";
import { text, type MessageName } from "../messages";
import { Refusal } from "./api";
import { reason } from "./problems";

const LONGEST = 2000;
let made = 0;

export interface WritingActions {
  /** Resolves once the server has the words; rejects with the Refusal. */
  readonly send: (words: string) => Promise<void>;
  readonly cancel: () => void;
}

/**
 * A label, a text and two buttons. No key pressed in it judges anything; Escape cancels and
 * keeps what was written, Ctrl + Enter sends.
 */
export class Writing {
  readonly element: HTMLFormElement;
  readonly #actions: WritingActions;
  readonly #box: HTMLTextAreaElement;
  readonly #problem = make("p", { class: "writing-problem", role: "alert" });
  readonly #send: HTMLButtonElement;

  constructor(label: MessageName, actions: WritingActions) {
    const id = `writing-${(made += 1)}`;
    this.#actions = actions;
    this.#box = make("textarea", { id, rows: 4, maxlength: LONGEST, required: true });
    this.#send = make("button", { class: "button primary", type: "submit" }, text("send"));
    const cancel = button({ class: "button" }, actions.cancel, text("cancel"));
    this.element = make("form", { class: "writing", novalidate: true },
      make("label", { for: id }, text(label)), this.#box, this.#problem,
      make("div", { class: "actions" }, this.#send, cancel));
    this.element.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#submit();
    });
    this.element.addEventListener("keydown", (event) => this.#press(event));
  }

  focus(): void {
    this.#box.focus();
  }

  async #submit(): Promise<void> {
    const words = this.#box.value.trim();
    if (this.#isBusy) return;
    if (!words) {
      this.#fail(text("writing_empty"));
      return;
    }
    this.#isBusy = true;
    this.#problem.textContent = "";
    try {
      await this.#actions.send(words);
      this.#box.value = "";
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#fail(error.code ? error.message : reason(error));
    } finally {
      this.#isBusy = false;
    }
  }

  #fail(words: string): void {
    this.#problem.textContent = words;
    this.#box.focus();
  }

  #press(event: KeyboardEvent): void {
    event.stopPropagation();
    if (event.isComposing) return;
    if (event.key === "Escape") this.#actions.cancel();
    else if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) void this.#submit();
    else return;
    event.preventDefault();
  }

  get #isBusy(): boolean {
    return this.#send.getAttribute("aria-busy") === "true";
  }

  set #isBusy(isBusy: boolean) {
    this.#send.setAttribute("aria-busy", String(isBusy));
  }
}

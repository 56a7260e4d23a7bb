import { button, keyCap, make } from "../dom";
import { text } from "../messages";
import { arrowCap } from "./keys";

export interface StepActions {
  readonly back: () => void;
  readonly next: () => void;
  readonly submit: () => void;
}

/** Back, Next and Submit page; the one to press next stands out and carries the Enter key. */
export class Steps {
  readonly element: HTMLElement;
  readonly #back: HTMLButtonElement;
  readonly #next: HTMLButtonElement;
  readonly #submit: HTMLButtonElement;
  readonly #countdown = make("span", { class: "countdown", hidden: true });

  constructor({ back, next, submit }: StepActions) {
    this.#back = button({ class: "button" }, back, text("back"), arrowCap(-1));
    this.#next = button({ class: "button" }, next, text("next"), arrowCap(1));
    this.#submit = button({ class: "button submit" }, submit, text("submit_page"),
      this.#countdown, keyCap(""));
    this.element = make("div", { class: "steps" }, this.#back, this.#next, this.#submit);
  }

  /** `complete`: for each unit of the page, whether it has all its answers. */
  show(index: number, complete: readonly boolean[]): void {
    const isLast = index === complete.length - 1;
    const isReady = complete.every(Boolean);
    this.#back.hidden = this.#next.hidden = complete.length < 2;
    this.#back.disabled = index === 0;
    this.#next.disabled = isLast;
    mark(this.#next, complete[index] === true && !isLast);
    mark(this.#submit, isReady && isLast);
  }

  /** For how many seconds the page can't be submitted yet. */
  set seconds(seconds: number) {
    this.#countdown.hidden = seconds <= 0;
    this.#countdown.textContent = text("in_seconds", { seconds });
  }

  set isBusy(isBusy: boolean) {
    this.#submit.setAttribute("aria-busy", String(isBusy));
  }
}

/** What Enter does now. */
function mark(step: HTMLButtonElement, isNext: boolean): void {
  step.classList.toggle("primary", isNext);
  const key = step.querySelector(".key") as HTMLElement;
  key.textContent = isNext ? "↵" : (key.dataset["arrow"] ?? "");
  key.hidden = key.textContent === "";
}

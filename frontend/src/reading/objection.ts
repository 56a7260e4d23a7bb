import { button, keyCap, make } from "../dom";
import { text } from "../messages";
import type { Contest } from "./contract";
import { Writing } from "./writing";

/** The button to object to a missed test question, its form, and what came of it. */
export class Objection {
  readonly element = make("div", { class: "objection" });
  readonly #open: HTMLButtonElement;
  readonly #form: Writing;
  readonly #address: string;

  constructor(send: (words: string) => Promise<Contest>, address: string) {
    this.#address = address;
    this.#open = button({ class: "button small", "aria-expanded": "false" },
      () => this.open(), text("object"), keyCap("o"));
    this.#form = new Writing("object_label", {
      send: async (words) => this.#say(await send(words)),
      cancel: () => this.#close(),
    });
    this.#form.element.hidden = true;
    this.element.append(this.#open, this.#form.element);
  }

  open(): void {
    if (!this.#open.isConnected) return;
    this.#open.hidden = true;
    this.#form.element.hidden = false;
    this.#form.focus();
    this.#form.element.scrollIntoView({ block: "nearest" });
  }

  #close(): void {
    this.#form.element.hidden = true;
    this.#open.hidden = false;
    this.#open.focus();
  }

  #say({ due_at, answer }: Contest): void {
    const words = answer || text("object_sent", { date: day(due_at) });
    const sent = make("p", { class: "objection-sent", role: "status", tabindex: -1 }, words);
    const link = make("a", { href: this.#address, target: "_blank" }, text("objections"));
    this.element.replaceChildren(sent, link);
    sent.focus();
  }
}

function day(instant: number): string {
  const language = document.documentElement.lang || undefined;
  return new Intl.DateTimeFormat(language, { dateStyle: "long" }).format(instant);
}

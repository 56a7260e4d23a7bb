import { button, define } from "../dom";
import { icon } from "../icons";
import { text } from "../messages";

const SHOWN_MS = 2000;

/** `<copy-button value="…">`: copies its value, for example an invitation link. */
export class CopyButton extends HTMLElement {
  connectedCallback(): void {
    const words = this.textContent?.trim() || text("copy");
    const element = button({ class: "button small" }, () => void this.#copy(element, words));
    element.append(icon("copy"), words);
    this.replaceChildren(element);
  }

  async #copy(element: HTMLButtonElement, words: string): Promise<void> {
    await copy(this.getAttribute("value") ?? "");
    element.lastChild?.replaceWith(text("copied"));
    setTimeout(() => element.lastChild?.replaceWith(words), SHOWN_MS);
  }
}

async function copy(value: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(value);
  // Browsers offer no clipboard on a plain-http address other than loopback: let the owner copy.
  globalThis.prompt(text("copy_by_hand"), value);
}

define("copy-button", CopyButton);

import { button, keyCap, make } from "../dom";
import { icon } from "../icons";
import { text } from "../messages";

/** What opens beside the image; only one of them is open at a time. */
export class SidePanel {
  static #opened: SidePanel | undefined;
  readonly element: HTMLElement;
  readonly toggle: HTMLButtonElement;
  #before: Element | null = null;

  constructor(element: HTMLElement, name: string, key = "") {
    this.element = element;
    this.element.hidden = true;
    this.element.tabIndex = -1;
    this.element.classList.add("side-panel");
    this.element.setAttribute("aria-label", name);
    this.element.prepend(closeButton(() => this.close()));
    this.toggle = button(
      { class: "button small", "aria-expanded": "false", "aria-controls": element.id },
      () => this.press(), name, key && keyCap(key),
    );
  }

  /** Closes the one that is open; false where none is. */
  static close(): boolean {
    return SidePanel.#opened?.close() ?? false;
  }

  /** Opens what is closed and closes what is open. */
  press(): void {
    if (this.element.hidden) this.open();
    else this.close();
  }

  open(): void {
    SidePanel.close();
    SidePanel.#opened = this;
    this.#before = document.activeElement;
    this.element.hidden = false;
    this.toggle.setAttribute("aria-expanded", "true");
    this.element.focus();
  }

  /** False where it was closed already. */
  close(): boolean {
    if (this.element.hidden) return false;
    SidePanel.#opened = undefined;
    const hadFocus = this.element.contains(document.activeElement);
    this.element.hidden = true;
    this.toggle.setAttribute("aria-expanded", "false");
    if (hadFocus && this.#before instanceof HTMLElement) this.#before.focus();
    return true;
  }
}

/** The instructions that the server wrote into the page. */
export function instructions(): SidePanel {
  const written = document.getElementById("instructions");
  return new SidePanel(written ?? make("aside", { id: "instructions" }), text("instructions"), "i");
}

export function closeButton(action: () => void): HTMLButtonElement {
  return button({ class: "close", "aria-label": text("close") }, action, icon("cross"));
}

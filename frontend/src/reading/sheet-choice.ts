import { button, keyCap } from "../dom";
import { keymap } from "../keymap";
import { text } from "../messages";
import { load, save } from "../storage";

const STORED = "overread:sheet";

interface Stored {
  readonly at: number;
  readonly isOn: boolean;
}

/** Whether the reader wants all images of a page at once; kept by the browser. */
class SheetChoice {
  #isOn = load<Stored>(STORED)?.isOn ?? false;

  get isOn(): boolean {
    return this.#isOn;
  }

  toggle(): void {
    this.#isOn = !this.#isOn;
    save(STORED, { at: Date.now(), isOn: this.#isOn } as Stored);
  }
}

export const sheetChoice = new SheetChoice();

/** Turns between all images and one; a page of one image needs none. */
export function sheetButton(units: number, toggle: () => void): HTMLElement | null {
  if (units < 2) return null;
  return button(
    { class: "button small", title: text("sheet") }, toggle,
    text("sheet_short"), keyCap(keymap.keyOf("sheet")));
}

import { button, keyCap, make } from "../dom";
import { ACTIONS, keymap, type ActionName } from "../keymap";
import { text, type MessageName } from "../messages";
import { closeButton } from "./side-panel";

const FIXED: readonly (readonly [string, MessageName])[] = [
  ["1 2 3 …", "key_answer"],
  ["↑ ↓", "key_question"],
  ["↵", "key_enter"],
  ["← →", "key_units"],
  ["⇧ ← ↑ → ↓", "key_pan"],
  ["Ctrl Z", "key_undo"],
  ["Esc", "close"],
];
const NAMES = Object.keys(ACTIONS) as ActionName[];

/**
 * All keys, over the page: each can be changed, and those of one character can be off. `more` are
 * further settings of this browser.
 */
export class KeysHelp {
  readonly element: HTMLDialogElement;
  readonly toggle = button(
    { class: "button small keys-toggle" }, () => this.press(), text("keys"), keyCap("?"),
  );
  readonly #cannot: { readonly label: string; readonly key: string };
  readonly #list = make("dl", {});
  readonly #state = make("p", { class: "keys-state", role: "status" });
  readonly #isOff = make("input", { type: "checkbox" });
  #changing: ActionName | undefined;

  constructor(
    cannotBeJudged: { readonly label: string; readonly key: string }, ...more: readonly HTMLElement[]
  ) {
    this.#cannot = cannotBeJudged;
    this.#isOff.addEventListener("change", () => {
      keymap.isOff = this.#isOff.checked;
      this.#show();
    });
    this.element = make(
      "dialog",
      { class: "keys-help", "aria-labelledby": "keys-help-title" },
      closeButton(() => this.element.close()),
      make("h2", { id: "keys-help-title" }, text("keys")),
      make("label", { class: "keys-off" }, this.#isOff, text("keys_off")),
      this.#state, this.#list,
      make("p", { class: "keys-pointer" }, text("keys_pointer")),
      make("div", { class: "actions" },
        button({ class: "button small" }, () => this.#reset(), text("keys_reset")), ...more),
    );
    this.element.addEventListener("keydown", (event) => this.#press(event));
    this.element.addEventListener("close", () => this.#change(undefined));
    this.#show();
  }

  press(): void {
    if (this.element.open) this.element.close();
    else this.element.showModal();
  }

  #press(event: KeyboardEvent): void {
    const action = this.#changing;
    if (!action || event.key.length > 1 || event.ctrlKey || event.metaKey) return;
    event.preventDefault();
    event.stopPropagation();
    if (event.key === " " || /^[0-9]$/.test(event.key)) {
      this.#state.textContent = text("keys_taken");
      return;
    }
    keymap.change(action, event.key);
    this.#change(undefined);
    this.#focus(action);
  }

  /** The list was made anew, and with it the button that had the focus. */
  #focus(action: ActionName): void {
    this.#list.querySelector<HTMLElement>(`[data-action=${action}]`)?.focus();
  }

  #change(action: ActionName | undefined): void {
    this.#changing = action;
    this.#show();
    this.#state.textContent = action
      ? text("keys_press", { what: text(ACTIONS[action][1]) }) : "";
    if (action) this.#focus(action);
  }

  #reset(): void {
    keymap.reset();
    this.#change(undefined);
  }

  #show(): void {
    this.#isOff.checked = keymap.isOff;
    const rows = FIXED.map(([keys, message]) => row(text(message), ...keys.split(" ").map(cap)));
    rows.splice(1, 0, row(this.#cannot.label, cap(this.#cannot.key)));
    const own = NAMES.map((name) => row(text(ACTIONS[name][1]), this.#button(name)));
    this.#list.replaceChildren(...rows, ...own);
  }

  #button(name: ActionName): HTMLElement {
    const key = keymap.keyOf(name);
    const what = text(ACTIONS[name][1]);
    const label = text("keys_change", { what, key });
    return button({
      "class": "key key-change", "data-action": name, "aria-label": label, "title": label,
      "aria-pressed": String(this.#changing === name), "disabled": keymap.isOff,
    }, () => this.#change(name), key);
  }
}

function cap(key: string): HTMLElement {
  return make("kbd", { class: "key" }, key);
}

function row(words: string, ...keys: readonly HTMLElement[]): HTMLElement {
  return make("div", {}, make("dt", {}, ...keys), make("dd", {}, words));
}

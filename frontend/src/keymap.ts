import type { MessageName } from "./messages";
import { load, remove, save } from "./storage";

/** What single keys do, beside the answers' own keys: each can be changed, all can be off. */
export const ACTIONS = {
  instructions: ["i", "instructions"],
  report: ["w", "report"],
  undo: ["u", "key_undo"],
  redo: ["y", "key_redo"],
  marks: ["m", "key_marks"],
  sheet: ["a", "sheet"],
  compare: ["f", "compare"],
  object: ["o", "key_object"],
  tools: ["t", "tools"],
  zoom_in: ["+", "tool_zoom_in"],
  zoom_out: ["-", "tool_zoom_out"],
  fit: ["0", "tool_fit"],
  actual_pixels: ["z", "tool_actual_pixels"],
  brighter: ["b", "key_brighter"],
  darker: ["d", "key_darker"],
  sharper: ["c", "key_sharper"],
  softer: ["s", "key_softer"],
  preset: ["p", "tool_preset"],
  invert: ["n", "tool_invert"],
  equalise: ["e", "tool_equalise"],
  glass: ["g", "tool_glass"],
  ruler: ["l", "tool_ruler"],
  turn_left: ["[", "tool_turn_left"],
  turn_right: ["]", "tool_turn_right"],
  mirror: ["v", "tool_mirror"],
  reset: ["r", "tool_reset"],
  help: ["?", "keys"],
} as const satisfies Readonly<Record<string, readonly [key: string, words: MessageName]>>;

export type ActionName = keyof typeof ACTIONS;

const STORED = "overread:keys";
const NAMES = Object.keys(ACTIONS) as ActionName[];
/** The same key without Shift on some keyboards. */
const ALIKE: Readonly<Record<string, string>> = { "=": "+", "_": "-" };

interface Stored {
  readonly at: number;
  readonly isOff: boolean;
  readonly own: Readonly<Partial<Record<ActionName, string>>>;
}

/** The reader's keys, kept by the browser. */
class Keymap {
  #isOff: boolean;
  #own: Partial<Record<ActionName, string>>;

  constructor() {
    const stored = load<Stored>(STORED);
    this.#isOff = stored?.isOff ?? false;
    this.#own = { ...stored?.own };
  }

  /** Whether no single character does anything (WCAG 2.2, 2.1.4). */
  get isOff(): boolean {
    return this.#isOff;
  }

  set isOff(isOff: boolean) {
    this.#isOff = isOff;
    this.#save();
  }

  keyOf(action: ActionName): string {
    return this.#own[action] ?? ACTIONS[action][0];
  }

  /** What a press asks for; nothing where it is no single character, or these are off. */
  actionOf(event: KeyboardEvent): ActionName | undefined {
    if (!this.takes(event)) return undefined;
    const key = event.key.toLowerCase();
    return NAMES.find((name) => this.keyOf(name) === key)
      ?? NAMES.find((name) => this.keyOf(name) === ALIKE[key]);
  }

  /** Whether a press may do something by its character alone. */
  takes(event: KeyboardEvent): boolean {
    const isHeld = event.ctrlKey || event.metaKey || event.altKey;
    return !isHeld && event.key.length === 1 && !this.#isOff;
  }

  /** Gives an action another key; the action that had it gets the old one. */
  change(action: ActionName, key: string): void {
    const wanted = key.toLowerCase();
    const other = NAMES.find((name) => this.keyOf(name) === wanted);
    const before = this.keyOf(action);
    if (other) this.#own[other] = before;
    this.#own[action] = wanted;
    this.#save();
  }

  reset(): void {
    this.#own = {};
    this.#isOff = false;
    remove(STORED);
  }

  #save(): void {
    save(STORED, { at: Date.now(), isOff: this.#isOff, own: this.#own } as Stored);
  }
}

export const keymap = new Keymap();

import { button, keyCap, make } from "../dom";
import type { ReadingData } from "./contract";

/** Said of an image, these reasons leave nothing to judge for the one who says them. */
export const LEAVES_NOTHING = new Set(["other kind", "unreadable", "upsetting"]);

/** The answer that every unit can be given. */
export function cannotBeJudged({ cannot_be_judged: { label, key } }: ReadingData, action: () => void):
HTMLButtonElement {
  return button(
    { class: "answer cannot-be-judged", "data-cannot-be-judged": true },
    action,
    keyCap(key),
    make("span", { class: "answer-label" }, label),
    make("span", { class: "tick", "aria-hidden": "true" }),
  );
}

import { keyCap } from "../dom";

/** Which key presses are for the reading page as a whole, wherever the focus is. */

const TYPED_INTO = "textarea, select, [contenteditable], input:not([type=range])";
/** These go on from a line of text or a list as from anywhere. */
const LEAVES = { line: ["Enter", "ArrowUp", "ArrowDown"], menu: ["Enter"] } as const;
/** Enter and the space bar press these themselves; on an answer Enter means "next". */
const PRESSED_BY_ENTER = "button:not([data-answer], [data-cannot-be-judged]), a[href], summary";

/** Calls `handle` for each key press that no control keeps for itself. */
export function onKeys(handle: (event: KeyboardEvent) => boolean): void {
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || isForControl(event)) return;
    if (handle(event)) event.preventDefault();
  });
}

/** 1 for the arrow in reading direction, -1 for the other one, 0 for any other key. */
export function direction(event: KeyboardEvent): -1 | 0 | 1 {
  if (event.key === (isRightToLeft() ? "ArrowLeft" : "ArrowRight")) return 1;
  return event.key === (isRightToLeft() ? "ArrowRight" : "ArrowLeft") ? -1 : 0;
}

/** The arrow key that goes back (-1) or on (1). */
export function arrowCap(towards: -1 | 1): HTMLElement {
  const arrow = (towards === 1) === isRightToLeft() ? "←" : "→";
  const cap = keyCap(arrow);
  cap.dataset["arrow"] = arrow;
  return cap;
}

function isRightToLeft(): boolean {
  return document.documentElement.dir === "rtl";
}

function leaves(target: Element, key: string): boolean {
  const kind = (target as HTMLElement).dataset["entry"] as keyof typeof LEAVES | undefined;
  return (kind ? LEAVES[kind] as readonly string[] | undefined : undefined)?.includes(key) ?? false;
}

function isForControl(event: KeyboardEvent): boolean {
  const { target, key } = event;
  if (event.ctrlKey || event.metaKey || event.altKey) return true;
  if (!(target instanceof Element)) return false;
  if (target.matches(TYPED_INTO)) return !leaves(target, key);
  if (target.matches("input[type=range]")) return /^(Arrow|Home|End|Page)/.test(key);
  if (key === " ") return true;
  return key === "Enter" && target.matches(PRESSED_BY_ENTER);
}

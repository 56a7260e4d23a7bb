import { keymap } from "../keymap";
import type { Display } from "./display";
import type { Toolbar } from "./toolbar";
import type { Tools } from "./tools";

const PAN_STEP = 60;
const PANS: Readonly<Record<string, readonly [x: number, y: number]>> = {
  ArrowLeft: [PAN_STEP, 0],
  ArrowRight: [-PAN_STEP, 0],
  ArrowUp: [0, PAN_STEP],
  ArrowDown: [0, -PAN_STEP],
};

/** Does what the key asks of an X-ray; false where it asks nothing. */
export function pressed(
  event: KeyboardEvent, display: Display, tools: Tools, toolbar: Toolbar,
): boolean {
  if (event.ctrlKey || event.metaKey || event.altKey) return false;
  const pan = event.shiftKey ? PANS[event.key] : undefined;
  if (pan) display.pan({ x: pan[0], y: pan[1] });
  if (pan) return true;
  const action = keymap.actionOf(event);
  if (action === "tools") toolbar.toggle();
  return action !== undefined && (action === "tools" || tools.act(action));
}

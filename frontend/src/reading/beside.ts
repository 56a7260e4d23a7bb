import { make } from "../dom";
import type { Unit } from "./contract";

/** What the owner lets readers see beside a unit's images: the parts of a `<dl class="context">`. */
export function beside({ context }: Unit): HTMLElement[] {
  return (context ?? []).map(([name, value]) =>
    make("div", {}, make("dt", {}, name), make("dd", {}, value)));
}

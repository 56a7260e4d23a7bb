import { text } from "../messages";
import type { Film } from "./film";
import { firstTone, fullWindow, type Preset } from "./greys";
import { windowBetween } from "./tones";

/**
 * Windows to choose from: as the image came, its own further ones, and three by how often greys
 * occur. The last three need the film's values.
 */
export function presetsOf(film: Film): readonly Preset[] {
  const { greys, pixels } = film;
  const first = { ...firstTone(greys), name: greys.windows[0]?.name || text("preset_first") };
  const own = greys.windows.slice(1).map((window, index) => (
    { ...window, name: window.name || text("preset_own", { number: index + 2 }) }));
  const all = greys.windows.length > 0 ? [{ ...fullWindow(greys), name: text("preset_all") }] : [];
  if (!pixels || greys.curve.length > 0) return [first, ...own, ...all];
  const [dark, bright] = greys.inverted ? [[0.5, 0.995], [0.01, 0.6]] : [[0.01, 0.6], [0.5, 0.995]];
  const by = (name: string, [from, to]: readonly number[]): Preset => (
    { ...windowBetween(pixels.histogram, from as number, to as number), name });
  return [
    first, ...own, ...all, by(text("preset_auto"), [0.01, 0.99]), by(text("preset_dark"), dark),
    by(text("preset_bright"), bright),
  ];
}

import type { ActionName } from "../keymap";
import { text } from "../messages";
import type { Display } from "./display";
import type { Film } from "./film";
import {
  brightness, contrast, firstTone, fullWindow, isWindowOf, withBrightness, withContrast,
} from "./greys";
import type { Pen } from "./pen";
import { presetsOf } from "./presets";
import type { Point, Turn } from "./viewport";

const ZOOM_STEP = 1.25;
const BRIGHTNESS_STEP = 8;
const CONTRAST_STEP = 0.15;

/** Everything that keys and buttons do with the image on a display. */
export class Tools {
  readonly #display: Display;
  readonly #ruler: Pen;
  readonly #say: (words: string) => void;
  #isMeasuring = false;
  #hasGlass = false;
  /** Whether an image may be turned and mirrored. */
  mayTurn = true;

  /** `say` tells what a step did, to everybody. */
  constructor(display: Display, ruler: Pen, say: (words: string) => void) {
    this.#display = display;
    this.#ruler = ruler;
    this.#say = say;
  }

  get isMeasuring(): boolean {
    return this.#isMeasuring;
  }

  get hasGlass(): boolean {
    return this.#hasGlass;
  }

  /** Does what an action asks of the image; false where it asks nothing. */
  act(action: ActionName): boolean {
    const act = this.#actions[action];
    act?.();
    return act !== undefined;
  }

  /** The glass follows a place in CSS pixels, where it is in hand. */
  moveGlass(at: Point): void {
    if (this.#hasGlass) this.#display.glass = at;
  }

  /** For the next image: what was changed stays no longer. */
  putAway(): void {
    this.#isMeasuring = this.#hasGlass = false;
    this.#ruler.draw(undefined);
    this.#ruler.marks = [];
    this.#display.glass = undefined;
  }

  brighten(by: number): void {
    const { film, tone } = this.#display;
    if (!film) return;
    this.#display.tone = withBrightness(tone, brightness(tone, film.greys) + by, film.greys);
  }

  sharpen(by: number): void {
    const { film, tone } = this.#display;
    if (!film) return;
    this.#display.tone = withContrast(tone, contrast(tone, film.greys) + by, film.greys);
  }

  readonly #actions: Partial<Record<ActionName, () => void>> = {
    zoom_in: () => this.#display.zoom(ZOOM_STEP),
    zoom_out: () => this.#display.zoom(1 / ZOOM_STEP),
    fit: () => this.#display.fit(),
    actual_pixels: () => this.#display.actualPixels(),
    brighter: () => this.brighten(BRIGHTNESS_STEP),
    darker: () => this.brighten(-BRIGHTNESS_STEP),
    sharper: () => this.sharpen(CONTRAST_STEP),
    softer: () => this.sharpen(-CONTRAST_STEP),
    preset: () => void this.#nextPreset(),
    invert: () => this.#invert(),
    equalise: () => this.#equalise(),
    glass: () => this.#toggleGlass(),
    ruler: () => this.#toggleRuler(),
    turn_left: () => this.#turn({ quarters: 3 }),
    turn_right: () => this.#turn({ quarters: 1 }),
    mirror: () => this.#turn({ mirrored: true }),
    reset: () => this.#reset(),
  };

  #reset(): void {
    this.putAway();
    this.#display.reset();
    this.#say(text("tool_reset"));
  }

  #invert(): void {
    const { tone } = this.#display;
    this.#display.tone = { ...tone, inverted: !tone.inverted };
  }

  #equalise(): void {
    const { film, tone } = this.#display;
    if (!film) return;
    const equalised = !tone.equalised;
    const window = equalised ? fullWindow(film.greys) : firstTone(film.greys);
    const { centre, width } = window;
    this.#display.tone = { centre, width, equalised, inverted: tone.inverted };
  }

  async #nextPreset(): Promise<void> {
    await this.#display.develop();
    const { film, tone } = this.#display;
    if (!film) return;
    const presets = presetsOf(film);
    const now = tone.equalised ? -1 : presets.findIndex((preset) => isWindowOf(tone, preset));
    const next = presets[(now + 1) % presets.length];
    if (!next) return;
    const { centre, width, name } = next;
    this.#display.tone = { centre, width, equalised: false, inverted: tone.inverted };
    this.#say(name);
  }

  #toggleGlass(): void {
    this.#hasGlass = !this.#hasGlass;
    const { clientWidth, clientHeight } = this.#display.canvas;
    const middle = { x: clientWidth / 2, y: clientHeight / 2 };
    this.#display.glass = this.#hasGlass ? middle : undefined;
    this.#display.tone = this.#display.tone;
  }

  #toggleRuler(): void {
    this.#isMeasuring = !this.#isMeasuring;
    this.#ruler.draw(this.#isMeasuring ? "line" : undefined);
    if (!this.#isMeasuring) this.#ruler.marks = [];
    this.#say(text(this.#isMeasuring ? "ruler_on" : "ruler_off"));
    this.#display.tone = this.#display.tone;
  }

  /** Mirroring a turned image mirrors what is on the screen, left to right. */
  #turn({ quarters = 0, mirrored = false }: Partial<Turn>): void {
    if (!this.mayTurn) return;
    const before = this.#display.turn;
    const turned = mirrored
      ? { quarters: (4 - before.quarters) % 4, mirrored: !before.mirrored }
      : { quarters: (before.quarters + quarters) % 4, mirrored: before.mirrored };
    this.#display.turn = turned;
    this.#say(sideWords(turned));
  }
}

const SIDES = ["left", "top", "right", "bottom"] as const;

/** Where the image's left edge is now: by custom the patient's right, where a marker may stand. */
export function sideWords({ quarters, mirrored }: Turn): string {
  const side = SIDES[(quarters + (mirrored ? 2 : 0)) % 4] as (typeof SIDES)[number];
  const where = text("side_words", { side: text(`side_${side}`) });
  return mirrored ? `${where} ${text("side_mirrored")}` : where;
}

/** How long a line is: millimetres only where they are calibrated. */
export function lengthWords(film: Film, [ax, ay]: readonly [number, number], [bx, by]: readonly [number, number]): string {
  const { spacing } = film.greys;
  const [across, down] = [Math.abs(ax - bx), Math.abs(ay - by)];
  const number = new Intl.NumberFormat(document.documentElement.lang || undefined, { maximumFractionDigits: 1 });
  if (!spacing) return text("ruler_pixels", { length: number.format(Math.hypot(across, down)) });
  const length = Math.hypot(across * spacing[1], down * spacing[0]);
  return text("ruler_millimetres", { length: number.format(length) });
}

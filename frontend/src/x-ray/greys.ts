/** Window and level: which values of an image are spread over the screen's black to white. */

/** What the values of a lossless rendition mean; see core.greys.Greys on the server. */
export interface Greys {
  readonly bits: number;
  readonly windows: readonly Preset[];
  /** Shares of white that a look-up table makes of the values, from the lowest to the highest. */
  readonly curve: readonly number[];
  /** Low values are bright. */
  readonly inverted: boolean;
  /** Millimetres between rows and between columns, where they were calibrated. */
  readonly spacing: readonly [number, number] | null;
}

/** In the values of the image. */
export interface Window {
  readonly centre: number;
  readonly width: number;
}

export interface Preset extends Window {
  readonly name: string;
}

/** How the reader wants to see the values. */
export interface Tone extends Window {
  readonly inverted: boolean;
  readonly equalised: boolean;
}

export const EIGHT_BITS: Greys = {
  bits: 8, windows: [], curve: [], inverted: false, spacing: null,
};
const STEPS = 256;
const SHARPEST = 5;
const SOFTEST = -1;

/** What the server says, with what it leaves out. */
export function greysOf(given: Partial<Greys> | undefined): Greys {
  return { ...EIGHT_BITS, ...given };
}

/** How many values there are. */
export function range({ bits }: Greys): number {
  return 2 ** bits;
}

/** All values, from the lowest to the highest. */
export function fullWindow(greys: Greys): Window {
  return { centre: range(greys) / 2, width: range(greys) };
}

/** How the picture is shown at first. */
export function firstTone(greys: Greys): Tone {
  const first = greys.curve.length > 0 ? undefined : greys.windows[0];
  const { centre, width } = first ?? fullWindow(greys);
  return { centre, width, inverted: false, equalised: false };
}

/** The tone in which an image of other values looks as one with these values looks in this tone. */
export function alike(tone: Tone, of: Greys, other: Greys): Tone {
  const [from, to] = [firstTone(of), firstTone(other)];
  const share = to.width / from.width;
  return {
    ...tone,
    centre: to.centre + (tone.centre - from.centre) * share,
    width: tone.width * share,
  };
}

export function isWindowOf(tone: Window, window: Window): boolean {
  return tone.centre === window.centre && tone.width === window.width;
}

/** The highest value that is black (DICOM PS3.3 C.11.2.1.2.1, linear). */
export function low({ centre, width }: Window): number {
  return centre - 0.5 - (width - 1) / 2;
}

/** How many values lie between black and white. */
export function span({ width }: Window): number {
  return Math.max(width - 1, 1e-6);
}

/** The window as two figures that a lay reader knows; 0 and 0 is all values. */
export function brightness(window: Window, greys: Greys): number {
  return (0.5 - window.centre / range(greys)) * STEPS;
}

/** Doublings of the contrast: 1 shows half as many values. */
export function contrast(window: Window, greys: Greys): number {
  return Math.log2(range(greys) / window.width);
}

export const BRIGHTNESS_LIMIT = STEPS / 2;
export const CONTRAST_LIMITS = [SOFTEST, SHARPEST] as const;

export function withBrightness<T extends Window>(window: T, value: number, greys: Greys): T {
  const centre = (0.5 - value / STEPS) * range(greys);
  return { ...window, centre: Math.min(range(greys), Math.max(0, centre)) };
}

export function withContrast<T extends Window>(window: T, value: number, greys: Greys): T {
  const bounded = Math.min(SHARPEST, Math.max(SOFTEST, value));
  return { ...window, width: range(greys) / 2 ** bounded };
}

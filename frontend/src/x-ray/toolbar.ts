import { button, make } from "../dom";
import { icon, type IconName } from "../icons";
import { ACTIONS, keymap, type ActionName } from "../keymap";
import { text, type MessageName } from "../messages";
import type { Display } from "./display";
import {
  brightness, BRIGHTNESS_LIMIT, contrast, CONTRAST_LIMITS, EIGHT_BITS, withBrightness, withContrast,
} from "./greys";
import type { Tools } from "./tools";

/** The slim bar of tools over an X-ray: one button opens and closes it. */
export class Toolbar {
  readonly element: HTMLElement;
  readonly #display: Display;
  readonly #tools: Tools;
  readonly #bar: HTMLElement;
  readonly #toggle: HTMLButtonElement;
  readonly #brightness = this.#range(-BRIGHTNESS_LIMIT, BRIGHTNESS_LIMIT, 1, withBrightness);
  readonly #contrast = this.#range(CONTRAST_LIMITS[0], CONTRAST_LIMITS[1], 0.05, withContrast);
  readonly #invert: HTMLButtonElement;
  readonly #equalise: HTMLButtonElement;
  readonly #glass: HTMLButtonElement;
  readonly #ruler: HTMLButtonElement;
  readonly #turning: HTMLElement;

  constructor(display: Display, tools: Tools) {
    this.#display = display;
    this.#tools = tools;
    this.#invert = this.#tool("invert", "invert");
    this.#equalise = this.#tool("equalise", "equalise");
    this.#glass = this.#tool("glass", "glass");
    this.#ruler = this.#tool("ruler", "ruler");
    this.#turning = make("span", { class: "x-ray-group" },
      this.#tool("turn_left", "turnLeft"), this.#tool("turn_right", "turnRight"),
      this.#tool("mirror", "mirror"));
    this.#toggle = button({ class: "x-ray-tool", title: titled("tools") }, () => this.toggle(),
      icon("adjust"), make("span", { class: "x-ray-toggle-label" }, text("tools")));
    this.#bar = this.#makeBar();
    this.element = make("div", { class: "x-ray-tools" }, this.#toggle, this.#bar);
    this.refresh();
  }

  toggle(): void {
    this.#bar.hidden = !this.#bar.hidden;
    this.refresh();
  }

  /** Shows what the display shows. */
  refresh(): void {
    const { tone, film } = this.#display;
    const greys = film?.greys ?? EIGHT_BITS;
    this.#toggle.setAttribute("aria-expanded", String(!this.#bar.hidden));
    this.#brightness.value = String(brightness(tone, greys));
    this.#contrast.value = String(contrast(tone, greys));
    press(this.#invert, tone.inverted);
    press(this.#equalise, tone.equalised);
    press(this.#glass, this.#tools.hasGlass);
    press(this.#ruler, this.#tools.isMeasuring);
    this.#turning.hidden = !this.#tools.mayTurn;
  }

  #makeBar(): HTMLElement {
    return make(
      "div",
      { class: "x-ray-bar", role: "toolbar", "aria-label": text("tools"), hidden: true },
      make("span", { class: "x-ray-group x-ray-zoom" },
        this.#tool("zoom_out", "zoomOut"), this.#tool("zoom_in", "zoomIn"),
        this.#tool("actual_pixels", undefined, "1:1")),
      this.#tool("fit", "fit"),
      slider("brightness", "tool_brightness", this.#brightness),
      slider("contrast", "tool_contrast", this.#contrast),
      this.#tool("preset", "preset"), this.#invert, this.#equalise, this.#glass, this.#ruler,
      this.#turning, this.#tool("reset", "reset"),
    );
  }

  #tool(action: ActionName, name: IconName | undefined, words?: string): HTMLButtonElement {
    // What is read on a button is its name; an icon needs one.
    const label = words ? undefined : text(ACTIONS[action][1]);
    const attributes = { class: "x-ray-tool", "aria-label": label, title: titled(action) };
    return button(attributes, () => {
      this.#tools.act(action);
      this.refresh();
    }, name && icon(name), words);
  }

  #range(
    min: number, max: number, step: number, apply: typeof withBrightness,
  ): HTMLInputElement {
    const input = make("input", { type: "range", min, max, step });
    input.addEventListener("input", () => {
      const { tone, film } = this.#display;
      this.#display.tone = apply(tone, input.valueAsNumber, film?.greys ?? EIGHT_BITS);
    });
    return input;
  }
}

function titled(action: ActionName): string {
  return `${text(ACTIONS[action][1])} (${keymap.keyOf(action)})`;
}

function press(element: HTMLButtonElement, isPressed: boolean): void {
  element.setAttribute("aria-pressed", String(isPressed));
}

function slider(name: IconName, label: MessageName, input: HTMLInputElement): HTMLElement {
  input.setAttribute("aria-label", text(label));
  return make("label", { class: "x-ray-slider", title: text(label) }, icon(name), input);
}

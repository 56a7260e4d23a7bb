import { button, keyCap, make } from "../dom";
import { keymap } from "../keymap";
import { text } from "../messages";
import type { XRay } from "../x-ray";
import { alike } from "../x-ray/greys";
import type { UnitImage } from "./contract";
import { put } from "./films";
import { closeButton } from "./side-panel";
import type { Stage } from "./stage";

/** An example of the instructions beside the current image, in the same window. */
export class Comparison {
  readonly element = make("figure", { class: "film comparison", hidden: true });
  #film: XRay | undefined;
  readonly #caption = make("figcaption", {});
  readonly #images: readonly UnitImage[];
  readonly #captions: readonly string[];
  readonly #stage: Stage;
  #index = 0;

  /** `examples` are the figures of the instructions. */
  constructor(examples: readonly HTMLElement[], stage: Stage) {
    this.#images = examples.map(({ dataset }) => JSON.parse(dataset["film"] ?? "") as UnitImage);
    this.#captions = examples.map((one) => one.querySelector("figcaption")?.innerText ?? "");
    this.#stage = stage;
    examples.forEach((one, index) => one.append(this.#button(index)));
    this.element.append(this.#caption, closeButton(() => this.close()));
    this.element.addEventListener("loaded", () => this.#suit());
    stage.element.addEventListener("toned", () => this.#suit());
  }

  /** Whether there is anything to compare with. */
  get isPossible(): boolean {
    return this.#images.length > 0;
  }

  /** Opens beside the image, goes on to the next example, and after the last one closes. */
  press(): void {
    if (this.element.hidden) this.#open(this.#index);
    else if (this.#index + 1 < this.#images.length) this.#open(this.#index + 1);
    else this.close();
  }

  /** False where it was closed already. */
  close(): boolean {
    if (this.element.hidden) return false;
    this.element.hidden = true;
    this.#film?.remove();
    this.#film = undefined;
    this.#index = 0;
    return true;
  }

  #open(index: number): void {
    const image = this.#images[index];
    if (!image) return;
    this.#index = index;
    this.element.hidden = false;
    const caption = this.#captions[index] ?? "";
    this.#caption.textContent = text("example", { caption });
    if (!this.#film) this.#caption.after(this.#film = make("x-ray", { stage: true }));
    put(this.#film, image, this.#caption.textContent);
    this.#suit();
  }

  /** Shows the example in the window in which the current image is shown. */
  #suit(): void {
    const shown = this.#stage.film?.display;
    const display = this.#film?.display;
    if (!shown?.film || !display?.film) return;
    display.tone = alike(shown.tone, shown.film.greys, display.film.greys);
  }

  #button(index: number): HTMLElement {
    return button({ class: "button small" }, () => this.#open(index),
      text("compare_this"), index === 0 && keyCap(keymap.keyOf("compare")));
  }
}

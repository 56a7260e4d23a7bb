import { button, make } from "../dom";
import { text } from "../messages";
import { choose, EMPTY_DRAFT, type UnitDraft } from "../reading/answers";
import type { FormData, Question } from "../reading/contract";
import { Questions } from "../reading/questions";
import type { XRay } from "../x-ray";

export interface PreviewImage {
  readonly address: string;
  readonly width: number;
  readonly height: number;
  readonly synthetic: boolean;
}

/** The questions as a contributor sees them, beside a real image; answers try the logic out. */
export class Preview {
  readonly element = make("section", { class: "design-preview", "aria-label": text("designer_preview") });
  readonly #images: readonly PreviewImage[];
  readonly #image = make("div", { class: "design-image" });
  readonly #panel = make("div", { class: "design-panel" });
  #draft: UnitDraft = EMPTY_DRAFT;
  #film: XRay | null = null;
  #view: Questions | undefined;
  #index = 0;

  constructor(images: readonly PreviewImage[]) {
    this.#images = images;
    const next = button({ class: "button small" }, () => this.#turn(), text("designer_next_image"));
    next.hidden = images.length < 2;
    this.element.append(
      make("div", { class: "card-head" }, make("h2", {}, text("designer_preview")), next),
      this.#image, this.#panel);
    this.#turn(0);
  }

  show(questions: readonly Question[], form: FormData | null): void {
    const view = new Questions(questions, (question, value) => {
      this.#draft = choose(this.#draft, question, value);
      view.show(this.#draft);
    }, form);
    this.#view?.use(null);
    view.use(this.#film);
    view.show(this.#draft);
    this.#view = view;
    this.#panel.replaceChildren(view.element);
    this.element.removeAttribute("aria-busy");
  }

  #turn(by = 1): void {
    this.#index = (this.#index + by) % Math.max(1, this.#images.length);
    this.#draft = EMPTY_DRAFT;
    const image = this.#images[this.#index];
    if (!image) return this.#image.replaceChildren(make("p", { class: "muted" }, text("designer_no_image")));
    const { address, width, height, synthetic } = image;
    this.#film = make("x-ray", { src: address, width, height, synthetic, label: text("image") });
    this.#image.replaceChildren(this.#film);
    this.#view?.use(this.#film);
    this.#view?.show(this.#draft);
  }
}

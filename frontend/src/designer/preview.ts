import { button, make } from "../dom";
import { text } from "../messages";
import { choose, EMPTY_DRAFT, type UnitDraft } from "../reading/answers";
import { beside } from "../reading/beside";
import type { FormData, Question, Unit } from "../reading/contract";
import { Questions } from "../reading/questions";
import { Stage } from "../reading/stage";

/** The questions as a contributor sees them, beside a real unit; answers try the logic out. */
export class Preview {
  readonly element = make("section", {
    id: "design-preview", class: "design-preview", tabindex: -1, "aria-label": text("designer_preview"),
  });
  readonly #units: readonly Unit[];
  readonly #stage: Stage;
  readonly #context = make("dl", { class: "context" });
  readonly #panel = make("div", { class: "design-panel" });
  #draft: UnitDraft = EMPTY_DRAFT;
  #view: Questions | undefined;
  #index = 0;

  constructor(units: readonly Unit[], mayTurn: boolean) {
    this.#units = units;
    this.#stage = new Stage(mayTurn, false);
    const next = button({ class: "button small" }, () => this.#turn(), text("designer_next_image"));
    next.hidden = units.length < 2;
    this.element.append(
      make("div", { class: "card-head" }, make("h2", {}, text("designer_preview")), next),
      units.length > 0 ? this.#stage.element : make("p", { class: "muted" }, text("designer_no_image")),
      this.#context, this.#panel);
    this.#turn(0);
  }

  show(questions: readonly Question[], form: FormData | null): void {
    const view = new Questions(questions, (question, value) => {
      this.#draft = choose(this.#draft, question, value);
      view.show(this.#draft);
    }, form);
    this.#view?.use(null);
    view.use(this.#stage.film);
    view.show(this.#draft);
    this.#view = view;
    this.#panel.replaceChildren(view.element);
  }

  #turn(by = 1): void {
    const unit = this.#units[(this.#index + by) % this.#units.length];
    if (!unit) return;
    this.#index = unit.place;
    this.#draft = EMPTY_DRAFT;
    this.#stage.show(unit, text("image"));
    this.#context.replaceChildren(...beside(unit));
    this.#view?.use(this.#stage.film);
    this.#view?.show(this.#draft);
  }
}

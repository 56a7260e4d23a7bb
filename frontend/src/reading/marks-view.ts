import { button, keyCap, make } from "../dom";
import { icon } from "../icons";
import { text } from "../messages";
import type { XRay } from "../x-ray";
import type { Mark as Drawn } from "../x-ray/marks";
import type { Answer, Choice, Mark, MarkKind, Question } from "./contract";
import { QuestionView, type Choose } from "./question";

const NONE: readonly Mark[] = [];

/** A question that is answered by drawing on the image. */
export class MarksView extends QuestionView {
  override readonly isDrawn = true;
  readonly #choose: Choose;
  readonly #kinds: ReadonlyMap<MarkKind, HTMLButtonElement>;
  readonly #labels: ReadonlyMap<string, HTMLButtonElement>;
  readonly #list = make("ol", { class: "marks-list" });
  /** While the pen is in this question's hand. */
  #film: XRay | null = null;
  #held = new AbortController();
  #marks: readonly Mark[] = NONE;
  #listed: readonly Mark[] = NONE;
  #kind: MarkKind | undefined;
  #label: string;

  constructor(question: Question, choose: Choose) {
    super(question);
    this.#choose = choose;
    const kinds = question.kinds ?? ["box"];
    const labels = question.labels ?? [];
    this.#label = labels[0]?.value ?? "";
    this.#kinds = new Map(kinds.map((kind) => [kind, this.#kindButton(kind)]));
    this.#labels = new Map(labels.map((label) => [label.value, this.#labelButton(label)]));
    this.element.append(
      ...(labels.length > 0 ? [make("div", { class: "answers" }, ...this.#labels.values())] : []),
      make("div", { class: "actions mark-kinds" }, ...this.#kinds.values()),
      this.#list, make("p", { class: "question-help" }, text("marks_help")));
  }

  /** With an only kind the pen is in the hand from the start. */
  override use(film: XRay | null): void {
    const [[kind, element] = [], ...others] = this.#kinds;
    // On its way to the button the focus brings the pen, which the click would lay down again.
    const isOnly = others.length === 0 && element !== document.activeElement;
    this.#kind = film && isOnly ? kind : undefined;
    this.#held.abort();
    if (this.#film) {
      this.#film.drawn = [];
      this.#film.mayDraw = false;
    }
    this.#film = film;
    if (!film) return;
    this.#held = new AbortController();
    const { signal } = this.#held;
    film.addEventListener("marked", (event) => this.#drawn(event as CustomEvent), { signal });
    film.addEventListener("keydown", (event) => this.#leave(event), { signal });
    film.mayDraw = true;
    film.pen.most = this.question.max ?? Infinity;
    this.#takePen();
  }

  override press(key: string): boolean {
    const label = this.question.labels?.find((one) => one.key.toLowerCase() === key.toLowerCase());
    if (!label || !key) return false;
    this.#setLabel(label.value);
    return true;
  }

  protected override fill(answer: Answer | undefined): void {
    this.#marks = Array.isArray(answer) ? (answer as readonly Mark[]) : NONE;
    if (this.#film && this.#film.pen.marks !== this.#marks) this.#film.drawn = this.#marks;
    // A list that did not change stays, and with it the focus on one of its buttons.
    if (this.#listed !== this.#marks) {
      this.#list.replaceChildren(...this.#marks.map((mark, index) => this.#item(mark, index)));
    }
    this.#listed = this.#marks;
    for (const [kind, element] of this.#kinds) press(element, kind === this.#kind);
    for (const [label, element] of this.#labels) press(element, label === this.#label);
  }

  #drawn({ detail }: CustomEvent<readonly Drawn[]>): void {
    const marks = detail.map((mark): Mark => ({ ...mark, label: mark.label ?? this.#label }));
    this.#choose(marks);
  }

  #takePen(): void {
    this.#film?.pen.draw(this.#kind, this.#label);
    for (const [kind, element] of this.#kinds) press(element, kind === this.#kind);
  }

  /** Pressed again the pen is laid down, so that marks can be moved. */
  #setKind(kind: MarkKind): void {
    this.#kind = this.#kind === kind ? undefined : kind;
    if (this.#film) this.#film.pen.selected = -1;
    this.#takePen();
    if (this.#kind) this.#film?.display.canvas.focus();
  }

  /** For what is drawn next; with the pen laid down, for the mark that is selected. */
  #setLabel(label: string): void {
    this.#label = label;
    const selected = this.#kind ? -1 : this.#film?.pen.selected ?? -1;
    if (this.#marks[selected]) {
      this.#choose(this.#marks.map((mark, at) => (at === selected ? { ...mark, label } : mark)));
    }
    for (const [value, element] of this.#labels) press(element, value === label);
    this.#film?.pen.draw(this.#kind, label);
  }

  #leave(event: KeyboardEvent): void {
    if (event.key === "Escape" && !event.defaultPrevented) this.focus();
  }

  /** Selects a mark, so that arrows move it and Delete takes it away. */
  #select(index: number): void {
    const film = this.#film;
    if (!film) return;
    this.#kind = undefined;
    this.#takePen();
    film.pen.selected = index;
    film.display.canvas.focus();
  }

  #item(mark: Mark, index: number): HTMLElement {
    const words = this.#words(mark, index);
    const remove = button(
      { class: "button small plain", "aria-label": text("mark_remove", { mark: words }) },
      () => this.#film?.pen.remove(index), icon("cross"));
    return make("li", {},
      button({ class: "button small" }, () => this.#select(index), words), remove);
  }

  #words({ kind, label }: Mark, index: number): string {
    const named = this.question.labels?.find(({ value }) => value === label)?.label;
    const what = text(`mark_${kind}`);
    return `${index + 1} ${named ? `${what}: ${named}` : what}`;
  }

  #kindButton(kind: MarkKind): HTMLButtonElement {
    return button({ class: "button small", "data-kind": kind }, () => this.#setKind(kind),
      text(`draw_${kind}`));
  }

  #labelButton({ value, label, key }: Choice): HTMLButtonElement {
    return button({ class: "answer", "data-label": value }, () => this.#setLabel(value),
      key ? keyCap(key) : null, make("span", { class: "answer-label" }, label),
      make("span", { class: "tick", "aria-hidden": "true" }));
  }
}

function press(element: HTMLButtonElement, isPressed: boolean): void {
  element.setAttribute("aria-pressed", String(isPressed));
}

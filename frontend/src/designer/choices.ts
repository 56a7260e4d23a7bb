import { button, make } from "../dom";
import { icon } from "../icons";
import { text } from "../messages";
import { check } from "./fields";
import { choice, questionsOf, slug, type ChoiceDoc, type NodeDoc } from "./model";

let count = 0;
/** Answers whose value stays when their words change. */
const settled = new WeakSet<ChoiceDoc>();

/** After a launch judgments hold the values that there are. */
export function settle(nodes: readonly NodeDoc[]): void {
  for (const { choices = [], labels = [] } of questionsOf(nodes)) {
    for (const one of [...choices, ...labels]) settled.add(one);
  }
}

/** The answers of a question: label, key, what they mean; added, moved and taken away. */
export class ChoicesEditor {
  readonly element = make("fieldset", { class: "field design-choices" });
  readonly #choices: ChoiceDoc[];
  readonly #changed: () => void;
  readonly #renamed: (from: string, to: string) => void;

  constructor(
    choices: ChoiceDoc[], changed: () => void, renamed: (from: string, to: string) => void = () => {},
  ) {
    this.#choices = choices;
    this.#changed = changed;
    this.#renamed = renamed;
    this.#render();
  }

  #render(): void {
    const add = button({ class: "button small" }, () => this.#add(), text("designer_add_answer"));
    this.element.replaceChildren(
      make("legend", {}, text("designer_answers")),
      ...this.#choices.map((one, index) => this.#row(one, index)), add);
  }

  #row(one: ChoiceDoc, index: number): HTMLElement {
    const words = text("designer_answer", { number: index + 1 });
    const follows = one.value === slug(one.label) || one.value === `answer_${index + 1}`;
    const label = input(one.label, words, (value) => {
      const isFree = slug(value) && !this.#others(one).some((other) => other.value === slug(value));
      if (follows && !settled.has(one) && isFree) this.#rename(one, slug(value));
      one.label = value;
    });
    const key = input(one.key ?? "", `${words}: ${text("field_key")}`, (value) => (one.key = value.trim().slice(0, 1)));
    key.classList.add("design-key");
    key.placeholder = text("field_key");
    key.maxLength = 1;
    label.addEventListener("input", this.#changed);
    key.addEventListener("input", this.#changed);
    return make("div", { class: "design-choice", role: "group", "aria-label": words },
      label, key, ...this.#movers(index, words), this.#more(one));
  }

  #movers(index: number, words: string): HTMLElement[] {
    const move = (by: number): void => {
      const [one] = this.#choices.splice(index, 1);
      this.#choices.splice(index + by, 0, one as ChoiceDoc);
      this.#redo(index + by);
    };
    const up = button({ class: "button small plain", "aria-label": `${words}: ${text("designer_up")}`, disabled: index === 0 }, () => move(-1), "↑");
    const last = index === this.#choices.length - 1;
    const down = button({ class: "button small plain", "aria-label": `${words}: ${text("designer_down")}`, disabled: last }, () => move(1), "↓");
    const remove = button({ class: "button small plain", "aria-label": `${words}: ${text("designer_remove")}` }, () => {
      this.#choices.splice(index, 1);
      this.#redo(Math.max(0, index - 1));
    }, icon("cross"));
    return [up, down, remove];
  }

  /** What the answer means to the owner: nothing of it reaches a contributor before a miss. */
  #more(one: ChoiceDoc): HTMLElement {
    const settles = check(`settles-${(count += 1)}`, text("field_settles"), one.settles !== false, (isOn) => {
      one.settles = isOn;
      this.#changed();
    });
    const line = (name: "value" | "given", value: string, write: (next: string) => void): HTMLElement => {
      const control = input(value, text(`field_${name}`), write);
      control.addEventListener("input", this.#changed);
      return make("label", { class: "design-line" }, text(`field_${name}`), control);
    };
    const reason = make("textarea", { rows: 2 });
    reason.value = one.reason ?? "";
    reason.addEventListener("input", () => {
      one.reason = reason.value;
      this.#changed();
    });
    return make("details", {}, make("summary", {}, text("designer_more")), settles,
      line("value", one.value, (next) => {
        settled.add(one);
        this.#rename(one, next);
      }),
      line("given", (one.given ?? []).join(", "), (next) => {
        one.given = next.split(",").map((cell) => cell.trim()).filter(Boolean);
      }),
      make("label", { class: "design-line" }, text("field_reason"), reason));
  }

  /** Conditions and rules follow, unless another answer's value makes it unclear which is meant. */
  #rename(one: ChoiceDoc, value: string): void {
    const isUnclear = this.#others(one).some((other) => other.value === one.value || other.value === value);
    if (!isUnclear) this.#renamed(one.value, value);
    one.value = value;
  }

  #others(one: ChoiceDoc): ChoiceDoc[] {
    return this.#choices.filter((other) => other !== one);
  }

  #add(): void {
    this.#choices.push(choice(this.#choices.length + 1));
    this.#redo(this.#choices.length - 1);
  }

  #redo(focus: number): void {
    this.#render();
    this.element.querySelectorAll<HTMLInputElement>(".design-choice > input:first-of-type")[focus]?.focus();
    this.#changed();
  }
}

function input(value: string, words: string, write: (value: string) => void): HTMLInputElement {
  const element = make("input", { value, "aria-label": words, autocomplete: "off", placeholder: words });
  element.addEventListener("input", () => write(element.value));
  return element;
}

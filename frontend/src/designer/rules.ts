import { button, make } from "../dom";
import { icon } from "../icons";
import { text } from "../messages";
import { ConditionEditor } from "./condition";
import { conditionOn } from "./logic";
import type { NodeDoc, RuleDoc } from "./model";
import { list } from "./term";

/** The rules of an answer that follows: when … then …, and what it is otherwise. */
export class RulesEditor {
  readonly element = make("fieldset", { class: "field design-rules" });
  readonly #node: NodeDoc;
  readonly #others: () => readonly NodeDoc[];
  readonly #changed: () => void;

  constructor(node: NodeDoc, others: () => readonly NodeDoc[], changed: () => void) {
    this.#node = node;
    this.#others = others;
    this.#changed = changed;
    this.element.addEventListener("refresh", () => {
      if (!this.element.contains(document.activeElement)) this.#render();
    });
    this.#render();
  }

  get #rules(): RuleDoc[] {
    return (this.#node.rules ??= []);
  }

  /** A last rule without a condition says what holds otherwise. */
  get #otherwise(): RuleDoc | undefined {
    const last = this.#rules.at(-1);
    return last && !last.when ? last : undefined;
  }

  #render(): void {
    const listed = this.#rules.filter((rule) => rule !== this.#otherwise);
    const add = button({ class: "button small" }, () => this.#add(listed.length), text("designer_add_rule"));
    add.disabled = this.#others().length === 0;
    this.element.replaceChildren(
      make("legend", {}, text("designer_rules")), make("p", { class: "help" }, text("designer_rules_help")),
      ...listed.map((rule, index) => this.#rule(rule, index, listed.length)), add, this.#last());
  }

  #rule(rule: RuleDoc, index: number, count: number): HTMLElement {
    const words = text("designer_rule", { number: index + 1 });
    const when = new ConditionEditor(["designer_when", "designer_when"], {
      read: () => rule.when,
      write: (logic) => {
        rule.when = logic;
        this.#changed();
      },
    }, this.#others);
    const then = list(`${words}: ${text("designer_then")}`, this.#answers(rule.value), rule.value);
    then.addEventListener("change", () => {
      rule.value = then.value;
      this.#changed();
    });
    return make("div", { class: "design-rule", role: "group", "aria-label": words },
      make("div", { class: "design-rule-head" }, make("strong", {}, words), ...this.#movers(index, count, words)),
      when.element, make("div", { class: "design-then" }, make("span", {}, text("designer_then")), then));
  }

  #movers(index: number, count: number, words: string): HTMLElement[] {
    const move = (by: number): void => {
      const [one] = this.#rules.splice(index, 1);
      this.#rules.splice(index + by, 0, one as RuleDoc);
      this.#redo(index + by);
    };
    const named = (what: "designer_up" | "designer_down" | "designer_remove"): string => `${words}: ${text(what)}`;
    return [
      button({ class: "button small plain", "aria-label": named("designer_up"), disabled: index === 0 }, () => move(-1), "↑"),
      button({ class: "button small plain", "aria-label": named("designer_down"), disabled: index === count - 1 }, () => move(1), "↓"),
      button({ class: "button small plain", "aria-label": named("designer_remove") }, () => {
        this.#rules.splice(index, 1);
        this.#redo(index - 1);
      }, icon("cross")),
    ];
  }

  #last(): HTMLElement {
    const value = this.#otherwise?.value ?? "";
    const otherwise = list(
      text("designer_otherwise"), [["", text("designer_no_answer")], ...this.#answers(value)], value);
    otherwise.addEventListener("change", () => {
      if (this.#otherwise) this.#rules.pop();
      if (otherwise.value) this.#rules.push({ value: otherwise.value });
      this.#changed();
    });
    return make("div", { class: "design-then" }, make("span", {}, text("designer_otherwise")), otherwise);
  }

  /** What a rule can lead to; one that is no answer any more stays to be seen. */
  #answers(value: string): (readonly [string, string])[] {
    const offered = (this.#node.choices ?? []).map((one) => [one.value, one.label || one.value] as const);
    const isKnown = !value || offered.some(([known]) => known === value);
    return isKnown ? offered : [...offered, [value, text("designer_not_offered", { value })]];
  }

  #add(place: number): void {
    const [first] = this.#others();
    if (!first) return;
    const value = this.#node.choices?.[0]?.value ?? "";
    this.#rules.splice(place, 0, { value, when: conditionOn(first) });
    this.#redo(place);
  }

  /** Shows the rules anew, with the focus in the one of a place. */
  #redo(place: number): void {
    this.#render();
    const rules = this.element.querySelectorAll(".design-rule");
    const focused = rules[Math.max(0, place)]?.querySelector<HTMLElement>("select") ?? this.element.querySelector("button");
    focused?.focus();
    this.#changed();
  }
}

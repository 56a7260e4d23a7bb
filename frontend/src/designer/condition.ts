import { button, make } from "../dom";
import { text, type MessageName } from "../messages";
import { asLists, asLogic, conditionOn } from "./logic";
import type { ConditionDoc, LogicDoc, NodeDoc } from "./model";
import { term } from "./term";

export interface Logical {
  read: () => LogicDoc | undefined;
  write: (logic: LogicDoc) => void;
}

/**
 * When something holds: always, or where all conditions of one of several lists do. What it
 * depends on may be edited elsewhere meanwhile: `refresh` shows it anew.
 */
export class ConditionEditor {
  readonly element = make("fieldset", { class: "field design-condition" });
  readonly #titles: readonly [MessageName, MessageName];
  readonly #logical: Logical;
  readonly #others: () => readonly NodeDoc[];
  #lists: ConditionDoc[][] = [];

  /** `titles`: above conditions, and where there are none. */
  constructor(titles: readonly [MessageName, MessageName], logical: Logical, others: () => readonly NodeDoc[]) {
    this.#titles = titles;
    this.#logical = logical;
    this.#others = others;
    this.element.addEventListener("refresh", () => {
      if (!this.element.contains(document.activeElement)) this.#show();
    });
    this.#show();
  }

  #show(): void {
    this.#lists = asLists(this.#logical.read());
    this.#render();
  }

  #render(): void {
    let number = 0;
    const lists = this.#lists.map((every, place) => {
      const rows = every.map((one) => this.#term(every, one, (number += 1)));
      const and = button({ class: "button small" }, () => this.#add(every), text("designer_and"));
      const or = place > 0 ? make("legend", {}, text("designer_or")) : null;
      return make("fieldset", { class: "field design-every" }, or, ...rows, and);
    });
    const title = text(lists.length > 0 ? this.#titles[0] : this.#titles[1]);
    this.element.replaceChildren(make("legend", {}, title), ...lists, this.#adder());
  }

  /** Another list of conditions; the first one of all where there is none yet. */
  #adder(): HTMLElement {
    const isFirst = this.#lists.length === 0;
    const add = button(
      { class: "button small" }, () => this.#add(), text(isFirst ? "designer_only_where" : "designer_or_else"));
    const isAlone = this.#others().length === 0;
    add.disabled = isAlone;
    const help = isAlone ? make("span", { class: "help" }, text("designer_no_others")) : null;
    return make("div", { class: "actions" }, isFirst ? make("span", {}, text("designer_always")) : null, add, help);
  }

  #term(every: ConditionDoc[], condition: ConditionDoc, number: number): HTMLElement {
    const place = every.indexOf(condition);
    return term(condition, this.#others(), text("designer_condition", { number }), {
      put: (next) => {
        every[place] = next;
        this.#write();
      },
      turn: (next) => {
        every[place] = next;
        this.#redo(number - 1);
      },
      remove: () => {
        every.splice(place, 1);
        this.#lists = this.#lists.filter((list) => list.length > 0);
        this.#redo(Math.max(0, number - 2));
      },
    });
  }

  #add(to?: ConditionDoc[]): void {
    const [first] = this.#others();
    if (!first) return;
    const made = conditionOn(first);
    if (to) to.push(made);
    else this.#lists.push([made]);
    this.#redo(this.#lists.flat().indexOf(made));
  }

  /** Shows the conditions anew, with the focus on the one of a place, or on what makes the first. */
  #redo(place: number): void {
    this.#render();
    const selects = this.element.querySelectorAll<HTMLElement>(".design-term > select:first-child");
    (selects[place] ?? this.element.querySelector("button"))?.focus();
    this.#write();
  }

  #write(): void {
    this.#logical.write(asLogic(this.#lists));
  }
}

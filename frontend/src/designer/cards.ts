import { button, make } from "../dom";
import { icon } from "../icons";
import { text, type MessageName } from "../messages";
import { ChoicesEditor } from "./choices";
import { ConditionEditor } from "./condition";
import { field, FIELDS, moreFields } from "./fields";
import { renameAnswer, renameQuestion } from "./logic";
import { changeType, isQuestion, newQuestion, questionsOf, TYPES, type LogicDoc, type NodeDoc } from "./model";
import { RulesEditor } from "./rules";

/** A list of cards: one for each question, group or piece of HTML; groups hold lists themselves. */
export class Cards {
  readonly element = make("div", { class: "design-cards" });
  readonly #nodes: NodeDoc[];
  readonly #all: () => readonly NodeDoc[];
  readonly #changed: () => void;
  readonly #added = new Set<NodeDoc>();

  constructor(nodes: NodeDoc[], all: () => readonly NodeDoc[], changed: () => void) {
    this.#nodes = nodes;
    this.#all = all;
    this.#changed = changed;
    this.#render();
  }

  #render(): void {
    this.element.replaceChildren(...this.#shown.map((node, index) => this.#card(node, index)), this.#adder());
  }

  /** Lines between questions are kept, and are nothing to look at. */
  get #shown(): NodeDoc[] {
    return this.#nodes.filter((node) => node.type !== "markup" || node.text?.trim() || this.#added.has(node));
  }

  #card(node: NodeDoc, index: number): HTMLElement {
    const title = isQuestion(node) ? node.label || node.name || "" : text(`type_${node.type}` as MessageName);
    const heading = make("span", { class: "design-title" }, title);
    const changed = (): void => {
      if (isQuestion(node)) heading.textContent = node.label || node.name || "";
      this.#changed();
    };
    const kind = make("span", { class: "chip" }, text(typeMessage(node.type)));
    const summary = make("summary", { class: "design-head" }, heading, kind);
    const card = make("details", { class: "card design-card" }, summary,
      make("div", { class: "design-body" }, ...this.#body(node, changed)), this.#movers(index, title));
    if (node.type === "group") card.open = true;
    this.#followName(card, node);
    return card;
  }

  /** What depends on a question goes on naming it; a name that another one has too names none. */
  #followName(card: HTMLElement, node: NodeDoc): void {
    let known = node.name;
    card.addEventListener("change", () => {
      const { name } = node;
      if (!known || !name || name === known) return;
      const isShared = questionsOf(this.#all()).some((other) => other !== node && other.name === name);
      if (isShared) return;
      renameQuestion(this.#all(), known, name);
      known = name;
      this.#changed();
    });
  }

  #body(node: NodeDoc, changed: () => void): HTMLElement[] {
    if (node.type === "markup") return [this.#markup(node, changed)];
    if (node.type === "group") {
      node.nodes ??= [];
      return [this.#when(node, changed), new Cards(node.nodes, this.#all, this.#changed).element];
    }
    const parts = (FIELDS[node.type] ?? []).map((spec) => field(spec, node, changed));
    if (node.choices) {
      const renamed = (from: string, to: string): void => renameAnswer(this.#all(), node, from, to);
      parts.push(new ChoicesEditor(node.choices, changed, renamed).element);
    }
    if (node.type === "marks") parts.push(new ChoicesEditor((node.labels ??= []), changed).element);
    if (node.rules) parts.push(new RulesEditor(node, () => this.#others(node), changed).element);
    const more = make("details", {}, make("summary", {}, text("designer_more")),
      make("div", { class: "design-body" }, ...moreFields(node.type).map((spec) => field(spec, node, changed))));
    return [this.#type(node), ...parts, this.#when(node, changed), more];
  }

  #markup(node: NodeDoc, changed: () => void): HTMLElement {
    const area = make("textarea", { rows: 4, class: "code", "aria-label": text("type_markup") });
    area.value = node.text ?? "";
    area.addEventListener("input", () => {
      node.text = area.value;
      changed();
    });
    return area;
  }

  #type(node: NodeDoc): HTMLElement {
    const options = TYPES.map((type) =>
      make("option", { value: type, selected: type === node.type }, text(typeMessage(type))));
    const list = make("select", {}, ...options);
    list.addEventListener("change", () => {
      changeType(node, list.value);
      this.#redo(this.#shown.indexOf(node));
    });
    return make("label", { class: "design-line" }, text("designer_type"), list);
  }

  #when(node: NodeDoc, changed: () => void): HTMLElement {
    const write = (logic: LogicDoc): void => {
      if (logic) node.only_if = logic;
      else delete node.only_if;
      changed();
    };
    return new ConditionEditor(
      ["designer_asked_where", "designer_asked"], { read: () => node.only_if, write }, () => this.#others(node)).element;
  }

  /** What a node can depend on: every answer but its own. */
  #others(node: NodeDoc): NodeDoc[] {
    const own = new Set([node, ...questionsOf(node.nodes ?? [])]);
    return questionsOf(this.#all()).filter((other) => !own.has(other) && other.type !== "hidden");
  }

  #movers(index: number, title: string): HTMLElement {
    const shown = this.#shown;
    const [node, last] = [shown[index] as NodeDoc, index === shown.length - 1];
    const move = (by: number): void => {
      const other = shown[index + by] as NodeDoc;
      const [from, to] = [this.#nodes.indexOf(node), this.#nodes.indexOf(other)];
      this.#nodes[from] = other;
      this.#nodes[to] = node;
      this.#redo(index + by);
    };
    const named = (words: string): string => `${words}: ${title}`;
    return make("div", { class: "actions design-movers" },
      button({ class: "button small", disabled: index === 0, "aria-label": named(text("designer_up")) }, () => move(-1), "↑"),
      button({ class: "button small", disabled: last, "aria-label": named(text("designer_down")) }, () => move(1), "↓"),
      button({ class: "button small", "aria-label": named(text("designer_remove")) }, () => {
        this.#nodes.splice(this.#nodes.indexOf(node), 1);
        this.#redo(index - 1);
      }, icon("cross"), text("designer_remove")));
  }

  #adder(): HTMLElement {
    const options = TYPES.map((type) => make("option", { value: type }, text(typeMessage(type))));
    const list = make("select", { "aria-label": text("designer_type") }, ...options,
      make("option", { value: "group" }, text("type_group")), make("option", { value: "markup" }, text("type_markup")));
    const add = button({ class: "button" }, () => this.#add(list.value), text("designer_add"));
    return make("div", { class: "actions design-adder" }, list, add);
  }

  #add(type: string): void {
    const made: NodeDoc = type === "group" ? { type, nodes: [] }
      : type === "markup" ? { type, text: "" }
        : newQuestion(type, text("designer_new"), this.#all());
    this.#added.add(made);
    this.#nodes.push(made);
    this.#redo(this.#shown.length - 1);
  }

  /** Shows the cards anew, the one that was touched open and with the focus. */
  #redo(index: number): void {
    this.#render();
    const card = this.element.querySelectorAll<HTMLDetailsElement>(":scope > .design-card")[Math.max(0, index)];
    if (card) {
      card.open = true;
      card.querySelector<HTMLElement>("summary")?.focus();
    }
    this.#changed();
  }
}

function typeMessage(type: string): MessageName {
  return `type_${type.replaceAll(" ", "_")}` as MessageName;
}

import { make } from "../dom";
import { text } from "../messages";
import { check } from "./fields";
import { answersOf, type ConditionDoc, type LogicDoc, type NodeDoc } from "./model";

let count = 0;

/** When something is asked: always, or where another question has certain answers. */
export class ConditionEditor {
  readonly element = make("fieldset", { class: "field design-condition" });
  readonly #others: readonly NodeDoc[];
  readonly #write: (logic: LogicDoc) => void;

  constructor(logic: LogicDoc, others: readonly NodeDoc[], write: (logic: LogicDoc) => void) {
    this.#others = others;
    this.#write = write;
    this.#render(logic);
  }

  #render(logic: LogicDoc): void {
    const simple = asSimple(logic);
    const body = simple === undefined ? [make("p", { class: "help" }, text("designer_complex"))] : this.#simple(simple);
    this.element.replaceChildren(make("legend", {}, text("designer_when")), ...body);
  }

  #simple(condition: ConditionDoc | null): HTMLElement[] {
    const options = this.#others.map(({ name, label }) =>
      make("option", { value: name ?? "", selected: name === condition?.question }, label || name || ""));
    const question = make("select", { "aria-label": text("designer_when") },
      make("option", { value: "" }, text("designer_always")), ...options);
    question.addEventListener("change", () => {
      this.#set(question.value ? { question: question.value, values: [] } : null);
      this.element.querySelector("select")?.focus();
    });
    return [question, ...(condition ? this.#values(condition) : [])];
  }

  #values(condition: ConditionDoc): HTMLElement[] {
    const other = this.#others.find(({ name }) => name === condition.question);
    const chosen = new Set(condition.values ?? []);
    const not = check(`not-${(count += 1)}`, text("designer_not"), condition.negated === true, (isOn) =>
      this.#put({ ...condition, negated: isOn, values: [...chosen] }));
    const values = (other ? answersOf(other) : []).map(({ value, label }) =>
      check(`when-${(count += 1)}`, label || value, chosen.has(value), (isOn) => {
        if (isOn) chosen.add(value);
        else chosen.delete(value);
        this.#put({ ...condition, values: [...chosen] });
      }));
    return [make("p", { class: "help" }, text("designer_any_of")), ...values, not];
  }

  #set(condition: ConditionDoc | null): void {
    this.#render(condition);
    this.#write(condition);
  }

  #put(condition: ConditionDoc): void {
    this.#set(condition);
  }
}

/** A single condition or none; undefined where there are several. */
function asSimple(logic: LogicDoc): ConditionDoc | null | undefined {
  if (logic === null) return null;
  if (!Array.isArray(logic)) return logic;
  const [every, ...others] = logic;
  return every?.length === 1 && others.length === 0 ? every[0] : undefined;
}

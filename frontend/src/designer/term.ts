import { button, make } from "../dom";
import { icon } from "../icons";
import { text } from "../messages";
import { check } from "./fields";
import { conditionOn, takesAny } from "./logic";
import { answersOf, type ConditionDoc, type NodeDoc } from "./model";

let count = 0;

export interface TermActions {
  /** The condition says something else now. */
  readonly put: (condition: ConditionDoc) => void;
  /** It is about another question. */
  readonly turn: (condition: ConditionDoc) => void;
  readonly remove: () => void;
}

/** One condition as a row: a question, whether or not, and the answers. */
export function term(
  condition: ConditionDoc, others: readonly NodeDoc[], words: string, actions: TermActions,
): HTMLElement {
  const other = others.find(({ name }) => name === condition.question);
  let now = condition;
  const put = (change: Partial<ConditionDoc>): void => actions.put((now = { ...now, ...change }));
  const question = list(words, [
    ...others.map(({ name, label }) => [name ?? "", label || name || ""] as const),
    ...(other ? [] : [[condition.question, condition.question] as const]),
  ], condition.question);
  question.addEventListener("change", () => {
    const chosen = others.find(({ name }) => name === question.value);
    if (chosen) actions.turn(conditionOn(chosen));
  });
  const is = list(`${words}: ${text("designer_is")}`, [
    ["", text("designer_is")], ["not", text("designer_is_not")],
  ], condition.negated ? "not" : "");
  is.addEventListener("change", () => put({ negated: is.value === "not" }));
  const remove = button(
    { class: "button small plain", "aria-label": `${text("designer_remove")}: ${words}` }, actions.remove, icon("cross"));
  return make("div", { class: "design-term", role: "group", "aria-label": words },
    question, is, remove, values(condition, other, (chosen) => put({ values: chosen })));
}

function values(
  condition: ConditionDoc, other: NodeDoc | undefined, write: (values: string[]) => void,
): HTMLElement {
  const offered = other ? answersOf(other) : [];
  if (other && offered.length === 0) return typed(condition, write);
  const chosen = new Set(condition.values ?? []);
  const known = new Set(offered.map(({ value }) => value));
  const gone = [...chosen].filter((value) => !known.has(value)).map((value) => (
    { value, label: text("designer_not_offered", { value }) }));
  const any = make("p", { class: "help" }, text("designer_any"));
  any.hidden = chosen.size > 0;
  const boxes = [...offered, ...gone].map(({ value, label }) =>
    check(`design-when-${(count += 1)}`, label || value, chosen.has(value), (isOn, box) => {
      if (isOn) chosen.add(value);
      else chosen.delete(value);
      if (chosen.size === 0 && !takesAny(other)) {
        chosen.add(value);
        box.checked = true;
      }
      any.hidden = chosen.size > 0;
      write([...chosen]);
    }));
  return make("div", { class: "design-values" }, ...boxes, any);
}

/** Where answers are typed, so are those of a condition. */
function typed(condition: ConditionDoc, write: (values: string[]) => void): HTMLElement {
  const area = make("textarea", { rows: 1 });
  area.value = (condition.values ?? []).join("\n");
  area.addEventListener("input", () =>
    write(area.value.split("\n").map((line) => line.trim()).filter(Boolean)));
  return make("label", { class: "design-line design-values" }, text("designer_typed"), area);
}

/** A drop-down list of values with their words. */
export function list(
  words: string, options: readonly (readonly [string, string])[], chosen: string,
): HTMLSelectElement {
  return make("select", { "aria-label": words }, ...options.map(([value, shown]) =>
    make("option", { value, selected: value === chosen }, shown)));
}

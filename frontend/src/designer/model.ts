/** A design's tree as the server stores it; what is left out has its usual value. */

import { text, type MessageName } from "../messages";

export interface ChoiceDoc {
  value: string;
  label: string;
  key?: string;
  settles?: boolean;
  given?: string[];
  reason?: string;
}

export interface ConditionDoc {
  question: string;
  values?: string[];
  negated?: boolean;
}

/** One condition, or lists of them, of which one list has to hold. */
export type LogicDoc = ConditionDoc | ConditionDoc[][] | null;

export interface RuleDoc {
  value: string;
  when?: LogicDoc;
}

export interface NodeDoc {
  type: string;
  name?: string;
  label?: string;
  text?: string;
  only_if?: LogicDoc;
  choices?: ChoiceDoc[];
  labels?: ChoiceDoc[];
  rules?: RuleDoc[];
  nodes?: NodeDoc[];
  [field: string]: unknown;
}

export const TYPES = [
  "one choice", "several choices", "yes or no", "rating", "number", "text", "marks", "derived",
  "hidden",
] as const;
const KEPT = ["name", "label", "help", "required", "only_if", "scope", "part"];

export function isQuestion({ type }: NodeDoc): boolean {
  return type !== "markup" && type !== "group";
}

/** Every question of a tree, in its order. */
export function questionsOf(nodes: readonly NodeDoc[]): NodeDoc[] {
  return nodes.flatMap((node) => (node.nodes ? questionsOf(node.nodes) : isQuestion(node) ? [node] : []));
}

/** What a question can be answered with, as far as it is a list: values and labels. */
export function answersOf(node: NodeDoc): readonly ChoiceDoc[] {
  if (node.type === "yes or no") {
    const [yes, no] = [String(node["yes"] ?? "true"), String(node["no"] ?? "false")];
    const ticked = { value: yes, label: text("designer_ticked") };
    return no ? [ticked, { value: no, label: text("designer_not_ticked") }] : [ticked];
  }
  if (node.type === "marks") {
    return ((node["kinds"] ?? ["box"]) as string[]).map((value) =>
      ({ value, label: text(`option_${value}` as MessageName) }));
  }
  if (node.type === "rating") {
    const first = Number(node["first"] ?? 1);
    return Array.from({ length: Number(node["points"] ?? 5) }, (_, index) => {
      const value = String(first + index);
      return { value, label: value };
    });
  }
  return node.choices ?? [];
}

/** A question with a name that none of the others has. */
export function newQuestion(type: string, label: string, nodes: readonly NodeDoc[]): NodeDoc {
  const node: NodeDoc = { type, name: freeName(nodes), label };
  return type === "hidden" ? { ...node, label: "" } : withParts(node);
}

function freeName(nodes: readonly NodeDoc[]): string {
  const taken = new Set(questionsOf(nodes).map(({ name }) => name));
  let number = taken.size + 1;
  while (taken.has(`question_${number}`)) number += 1;
  return `question_${number}`;
}

/** The same question of another type; what both have stays. */
export function changeType(node: NodeDoc, type: string): void {
  const kept: NodeDoc = { type };
  for (const key of KEPT) if (key in node) kept[key] = node[key];
  if (node.choices) kept.choices = node.choices;
  for (const key of Object.keys(node)) delete node[key];
  Object.assign(node, withParts(kept));
}

/** With the parts that a type can't be without. */
function withParts(node: NodeDoc): NodeDoc {
  const { type } = node;
  const needsChoices = ["one choice", "several choices", "derived"].includes(type);
  const { choices, ...others } = node;
  return {
    ...others,
    ...(needsChoices ? { choices: choices ?? [choice(1), choice(2)] } : {}),
    ...(type === "derived" ? { rules: [] } : {}),
    ...(type === "marks" ? { kinds: ["box"] } : {}),
  };
}

export function choice(number: number): ChoiceDoc {
  return { value: `answer_${number}`, label: "", key: number < 10 ? String(number) : "" };
}

/** As the reference platform makes a value of a label. */
export function slug(label: string): string {
  return label.trim().toLowerCase().replace(/\s+/g, "_").replace(/[^a-z0-9_]/g, "");
}

/** Conditions of a design's tree: read in one form, and kept up when what they name is renamed. */

import { answersOf, type ConditionDoc, type LogicDoc, type NodeDoc } from "./model";

/** Lists of conditions, of which one has to hold; none where nothing has to. The lists are new. */
export function asLists(logic: LogicDoc | undefined): ConditionDoc[][] {
  if (!logic) return [];
  const lists = Array.isArray(logic) ? logic : [[logic]];
  return lists.some((every) => every.length === 0) ? [] : lists.map((every) => [...every]);
}

export function asLogic(lists: readonly (readonly ConditionDoc[])[]): LogicDoc {
  const [every, ...others] = lists.filter((list) => list.length > 0).map((list) => [...list]);
  if (!every) return null;
  return every.length === 1 && others.length === 0 ? every[0] as ConditionDoc : [every, ...others];
}

/** On any answer to a question; a box is asked for by its value, as in CML. */
export function conditionOn(question: NodeDoc): ConditionDoc {
  const [ticked] = question.type === "yes or no" ? answersOf(question) : [];
  return { question: question.name ?? "", values: ticked ? [ticked.value] : [] };
}

/** Whether an empty list of values means any answer. */
export function takesAny(question: NodeDoc | undefined): boolean {
  return question?.type !== "yes or no";
}

export function renameQuestion(nodes: readonly NodeDoc[], from: string, to: string): void {
  for (const one of conditions(nodes)) if (one.question === from) one.question = to;
}

/** An answer of a question has another value: conditions and rules go on meaning it. */
export function renameAnswer(
  nodes: readonly NodeDoc[], question: NodeDoc, from: string, to: string,
): void {
  for (const one of conditions(nodes)) {
    if (one.question === question.name) {
      one.values = one.values?.map((value) => (value === from ? to : value)) ?? [];
    }
  }
  for (const rule of question.rules ?? []) if (rule.value === from) rule.value = to;
}

function conditions(nodes: readonly NodeDoc[]): ConditionDoc[] {
  return nodes.flatMap((node) => {
    const logics = [node.only_if, ...(node.rules ?? []).map(({ when }) => when)];
    const own = logics.flatMap((logic) => (Array.isArray(logic) ? logic.flat() : logic ? [logic] : []));
    return [...own, ...conditions(node.nodes ?? [])];
  });
}

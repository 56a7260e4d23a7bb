/** Which questions are asked, and what follows from the answers: as the server decides it. */

import type { Answer, Answers, Condition, Logic, Question } from "./contract";

/** An answer of any type as values; marks count as one. */
export function asList(answer: Answer | undefined): readonly (string | number)[] {
  if (answer === undefined || answer === "") return [];
  if (typeof answer !== "object") return [answer];
  return answer.map((one) => (typeof one === "object" ? one.kind : one));
}

/** Answers to the questions that are asked, with those that follow from them. */
export function effective(questions: readonly Question[], answers: Answers): Answers {
  const found = new Map<string, Answer>();
  const byName = new Map(questions.map((question) => [question.name, question]));
  const seen = new Set<string>();
  const visit = (question: Question): void => {
    if (seen.has(question.name)) return;
    seen.add(question.name);
    for (const name of neededBy(question)) {
      const other = byName.get(name);
      if (other) visit(other);
    }
    if (!holds(question.only_if, found)) return;
    const answer = question.type === "derived" ? derive(question, found) : given(question, answers);
    if (answer !== undefined) found.set(question.name, answer);
  };
  questions.forEach(visit);
  return Object.fromEntries(found);
}

/** The questions that apply to these answers, derived ones too, in the order of the design. */
export function applying(questions: readonly Question[], answers: Answers): Question[] {
  const found = new Map(Object.entries(effective(questions, answers)));
  return questions.filter(({ only_if }) => holds(only_if, found));
}

export function holds(logic: Logic | null, answers: ReadonlyMap<string, Answer>): boolean {
  return !logic || logic.some((every) => every.every((one) => isMet(one, answers)));
}

function isMet({ question, values, negated }: Condition, answers: ReadonlyMap<string, Answer>): boolean {
  const given = asList(answers.get(question)).map(String);
  const isFound = values.length > 0 ? given.some((one) => values.includes(one)) : given.length > 0;
  return isFound !== negated;
}

/** A box that was never touched is not ticked, which may be an answer. */
function given({ name, type, no }: Question, answers: Answers): Answer | undefined {
  return answers[name] ?? (type === "yes or no" ? no || undefined : undefined);
}

function derive({ rules }: Question, answers: ReadonlyMap<string, Answer>): string | undefined {
  return rules?.find(({ when }) => holds(when, answers))?.value;
}

function neededBy({ only_if, rules }: Question): string[] {
  const logics = [only_if, ...(rules ?? []).map(({ when }) => when)];
  return logics.flatMap((logic) => (logic ?? []).flat().map(({ question }) => question));
}

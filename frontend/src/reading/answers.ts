/** Draft answers to one unit: which questions are asked, what is missing, what is sent. */

import type { Answer, Answers, Judgment, Question } from "./contract";
import { applying, asList, effective } from "./logic";
import { problemOf, type AnswerProblem } from "./validity";

export interface UnitDraft {
  /** Also holds answers to questions that are not asked any more; they are not sent. */
  readonly answers: Answers;
  readonly cannotBeJudged: boolean;
  readonly milliseconds: number;
  /** No judgment is asked for any more: something is wrong with the image. */
  readonly isDropped?: boolean;
  /** What there is to begin with has come. */
  readonly isPrefilled?: boolean;
}

export const EMPTY_DRAFT: UnitDraft = { answers: {}, cannotBeJudged: false, milliseconds: 0 };

/** The questions that are asked, in the order of the design; nobody is asked for derived ones. */
export function asked(questions: readonly Question[], answers: Answers): Question[] {
  return applying(questions, answers).filter(({ type }) => type !== "derived");
}

export interface Open {
  readonly question: Question;
  readonly problem: AnswerProblem;
}

/** The questions that have no answer yet though they need one, or one that can't be taken. */
export function unanswered(questions: readonly Question[], draft: UnitDraft): Open[] {
  if (draft.cannotBeJudged || draft.isDropped) return [];
  const answers = effective(questions, draft.answers);
  return asked(questions, draft.answers).flatMap((question) => {
    const problem = problemOf(question, answers[question.name]);
    return problem ? [{ question, problem }] : [];
  });
}

export function isComplete(questions: readonly Question[], draft: UnitDraft): boolean {
  return unanswered(questions, draft).length === 0;
}

/** The draft after a choice, or with what was typed; undefined takes an answer back. */
export function choose(
  draft: UnitDraft, question: Question, value: Answer | undefined,
): UnitDraft {
  const { [question.name]: before, ...others } = draft.answers;
  const next = chosen(question, before, value);
  const answers = next === undefined ? others : { ...others, [question.name]: next };
  return { ...draft, answers, cannotBeJudged: false };
}

/** Several choices and a box toggle; an optional choice is taken back by itself. */
function chosen(
  question: Question, before: Answer | undefined, value: Answer | undefined,
): Answer | undefined {
  switch (question.type) {
    case "several choices": return toggled(before, String(value), question);
    case "yes or no": return before === value ? question.no || undefined : value;
    case "one choice":
    case "rating": return !question.required && before === value ? undefined : value;
    default: return value;
  }
}

function toggled(before: Answer | undefined, value: string, question: Question): Answer | undefined {
  const values = new Set(asList(before));
  if (!values.delete(value)) values.add(value);
  const inOrder = question.choices.map((choice) => choice.value).filter((v) => values.has(v));
  return inOrder.length > 0 ? inOrder : undefined;
}

export function toJudgment(
  place: number, questions: readonly Question[], draft: UnitDraft,
): Judgment {
  const { cannotBeJudged, milliseconds } = draft;
  const answers = effective(questions, draft.answers);
  const sent = cannotBeJudged ? [] : asked(questions, answers).filter(
    ({ name }) => asList(answers[name]).length > 0);
  return {
    place,
    answers: Object.fromEntries(sent.map(({ name }) => [name, answers[name] as Answer])),
    cannot_be_judged: cannotBeJudged,
    milliseconds: Math.round(milliseconds),
  };
}

import { text } from "../messages";
import { offers } from "./buttons";
import { asked, type UnitDraft } from "./answers";
import type { Question, ReadingData } from "./contract";
import { asList } from "./logic";

/** An answer in the words of the design. */
export function inWords(question: Question, values: readonly (string | number)[]): string {
  return values.map((value) => word(question, value)).join(", ");
}

/** What a unit was answered to its first question, in a few words. */
export function briefly(
  questions: readonly Question[], draft: UnitDraft, cannot: ReadingData["cannot_be_judged"],
): string {
  if (draft.isDropped) return text("unit_reported");
  if (draft.cannotBeJudged) return cannot.label;
  const first = asked(questions, draft.answers).find(({ type }) => type !== "marks");
  const values = first ? asList(draft.answers[first.name]) : [];
  return first && values.length > 0 ? inWords(first, values) : text("unit_open");
}

function word(question: Question, value: string | number): string {
  if (question.type === "yes or no") return text(String(value) === question.yes ? "yes" : "no");
  const label = offers(question).find((choice) => choice.value === String(value))?.label;
  return question.type === "rating" ? ratingWords(question, value) : label ?? String(value);
}

function ratingWords({ points, first, lowest, highest, names }: Question, value: string | number): string {
  const index = Number(value) - (first ?? 1);
  const end = index === 0 ? lowest : index + 1 === points ? highest : undefined;
  const words = names?.[index] ?? end;
  return words ? `${value} (${words})` : String(value);
}

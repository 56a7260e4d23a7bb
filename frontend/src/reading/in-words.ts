import { text } from "../messages";
import { offers } from "./buttons";
import type { Question } from "./contract";

/** An answer in the words of the design. */
export function inWords(question: Question, values: readonly (string | number)[]): string {
  return values.map((value) => word(question, value)).join(", ");
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

/** Whether an answer can be taken, by the server's rules (core/questions.py). */

import type { Answer, Question } from "./contract";
import { asList } from "./logic";

/** The message that says what is wrong; `{question}` is filled in. */
export type AnswerProblem =
  | "answer_missing" | "answer_number" | "answer_range" | "answer_length" | "answer_format";

export function problemOf(
  question: Question, answer: Answer | undefined,
): AnswerProblem | undefined {
  if (asList(answer).length === 0) return question.required ? "answer_missing" : undefined;
  if (question.type === "number") return numberProblem(question, answer);
  if (question.type === "text") return textProblem(question, String(answer));
  if (question.type === "marks") return marksProblem(question, answer);
  return undefined;
}

function numberProblem(
  { whole, minimum, maximum }: Question, answer: Answer | undefined,
): AnswerProblem | undefined {
  if (typeof answer !== "number" || (whole && !Number.isInteger(answer))) return "answer_number";
  return isBetween(answer, minimum, maximum) ? undefined : "answer_range";
}

function textProblem({ shortest, limit, format }: Question, answer: string): AnswerProblem | undefined {
  if (answer.trim() === "") return "answer_missing";
  // Characters as the server counts them, not halves of pairs.
  if (!isBetween([...answer].length, shortest, limit)) return "answer_length";
  const fits = FORMATS[format ?? ""];
  return !fits || fits(answer.trim()) ? undefined : "answer_format";
}

function marksProblem({ min, max }: Question, answer: Answer | undefined): AnswerProblem | undefined {
  return isBetween(asList(answer).length, min, max) ? undefined : "answer_range";
}

function isBetween(value: number, low?: number | null, high?: number | null): boolean {
  return (low == null || value >= low) && (high == null || value <= high);
}

const FORMATS: Readonly<Record<string, (text: string) => boolean>> = {
  alpha: (text) => /^[\p{L}\s]+$/u.test(text),
  alphanum: (text) => /^[\p{L}\p{N}\s]+$/u.test(text),
  digits: (text) => /\p{Nd}/u.test(text) && !/\p{L}/u.test(text),
  date: isDate,
  email: (text) => /^[^\s@]+@[^\s@]*[^\s@.]\.[^\s@.][^\s@]*$/.test(text),
  url: (text) => /^https?:\/\/[^\s/]+/i.test(text) && !/\s/.test(text),
};

function isDate(text: string): boolean {
  const [, month, day, year] = /^(\d{1,2})\/(\d{1,2})\/(\d{4})$/.exec(text) ?? [];
  const date = new Date(Number(year), Number(month) - 1, Number(day));
  return date.getMonth() === Number(month) - 1 && date.getDate() === Number(day);
}

import { make } from "../dom";
import { icon } from "../icons";
import { text } from "../messages";
import type { Feedback, Judgment, Mode, Question, ReadingData } from "./contract";
import { inWords } from "./in-words";
import { asList, effective } from "./logic";

/** What came of one test question: the verdict, both answers, the reason. */
export function verdict(
  data: ReadingData, mode: Mode, feedback: Feedback, judgment: Judgment | undefined,
): HTMLElement[] {
  const { correct, accepted } = feedback;
  const compared = data.design.questions.filter(({ name }) => name in accepted);
  const missed = text(mode === "work" ? "verdict_missed" : "verdict_differs");
  return [
    make("p", { class: `verdict verdict-${correct ? "correct" : "missed"}` },
      icon(correct ? "check" : "cross"), correct ? text("verdict_correct") : missed),
    ...compared.map((question) => compare(data, question, feedback, judgment)),
    ...(compared.length === 0 ? [make("p", {}, text("answer_not_shown"))] : []),
  ];
}

function compare(
  data: ReadingData, question: Question, feedback: Feedback, judgment: Judgment | undefined,
): HTMLElement {
  // With what follows from the answers: a derived one may be what was tested.
  const answers = effective(data.design.questions, judgment?.answers ?? {});
  const own = judgment?.cannot_be_judged
    ? data.cannot_be_judged.label
    : inWords(question, asList(answers[question.name])) || text("no_answer");
  const accepted = inWords(question, feedback.accepted[question.name] ?? []);
  const reason = feedback.reasons[question.name];
  return make(
    "div",
    { class: "comparison" },
    make("p", { class: "question-label" }, question.label),
    make("dl", {}, row("your_answer", own), row("accepted_answer", accepted)),
    reason ? make("p", { class: "reason" }, reason) : null,
  );
}

function row(message: "your_answer" | "accepted_answer", words: string): HTMLElement {
  const answer = make("dd", { class: message.replace("_", "-") }, words);
  return make("div", {}, make("dt", {}, text(message)), answer);
}

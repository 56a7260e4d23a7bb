import { ButtonsView } from "./buttons";
import type { Question } from "./contract";
import { DerivedView } from "./derived";
import { EntryView } from "./entry";
import { MarksView } from "./marks-view";
import { MenuView } from "./menu";
import type { Choose, QuestionView } from "./question";

/** What shows a question, by its type. */
export function viewOf(question: Question, choose: Choose): QuestionView {
  switch (question.type) {
    case "marks": return new MarksView(question, choose);
    case "derived": return new DerivedView(question);
    case "number":
    case "text": return new EntryView(question, choose);
    case "one choice": return new (question.menu ? MenuView : ButtonsView)(question, choose);
    default: return new ButtonsView(question, choose);
  }
}

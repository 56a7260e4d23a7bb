import { text } from "../messages";
import type { Refusal } from "./api";

export interface NextStep {
  readonly words: string;
  readonly label: string;
  readonly action: () => void;
}

/** Why the server gave no answer; it may give one later. */
export function reason({ status, isSignedOut }: Refusal): string {
  if (isSignedOut) return text("problem_signed_out");
  return text(status === 0 ? "problem_offline" : "problem_server");
}

/** What to tell about a refusal, and the button that goes on from there. */
export function nextStep(refusal: Refusal, retry: () => void, newPage: () => void): NextStep {
  const { code, message } = refusal;
  if (!refusal.isAnswer) {
    const words = reason(refusal);
    if (!refusal.isSignedOut) return { words, label: text("try_again"), action: retry };
    return { words, label: text("reload"), action: () => globalThis.location.reload() };
  }
  if (code === "page expired") {
    return { words: text("problem_expired"), label: text("new_page"), action: newPage };
  }
  if (refusal.status === 404 || refusal.status === 409) {
    return { words: message, label: text("go_on"), action: newPage };
  }
  const words = `${message} ${text("problem_kept")}`.trim();
  return { words, label: text("try_again"), action: retry };
}

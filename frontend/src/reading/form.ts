import type { Answer, FormData, Logic } from "./contract";
import { holds } from "./logic";

/** What stands around the questions: an owner's HTML, cleaned by the server. */
export class Form {
  readonly #element: HTMLElement;
  readonly #questions: ReadonlyMap<string, HTMLElement>;
  readonly #html: string;
  readonly #groups: readonly (Logic | null)[];
  #shown: string | undefined;

  constructor(
    element: HTMLElement, questions: ReadonlyMap<string, HTMLElement>, form?: FormData | null,
  ) {
    this.#element = element;
    this.#questions = questions;
    this.#html = form?.html ?? "";
    this.#groups = form?.groups ?? [];
    this.show();
  }

  /** Lays the questions out in a unit's own HTML, or in that of all. */
  show(own?: string): void {
    const html = own ?? this.#html;
    if (this.#shown === html) return;
    this.#shown = html;
    const source = document.createElement("template");
    source.innerHTML = html;
    const left = new Map(this.#questions);
    for (const place of source.content.querySelectorAll<HTMLElement>("[data-question]")) {
      const name = place.dataset["question"] ?? "";
      const question = left.get(name);
      left.delete(name);
      if (question) place.replaceWith(question);
      else place.remove();
    }
    this.#element.classList.toggle("form-markup", html !== "");
    this.#element.replaceChildren(source.content, ...left.values());
  }

  /** Shows the groups whose logic holds. */
  refresh(answers: ReadonlyMap<string, Answer>): void {
    for (const group of this.#element.querySelectorAll<HTMLElement>("[data-group]")) {
      const logic = this.#groups[Number(group.dataset["group"])] ?? null;
      group.hidden = !holds(logic, answers);
    }
  }
}

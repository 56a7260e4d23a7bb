import { button, define, embeddedJson, make } from "../dom";
import { text } from "../messages";
import type { FormData, Question, Unit } from "../reading/contract";
import { Cards } from "./cards";
import { settle } from "./choices";
import type { NodeDoc } from "./model";
import { Preview } from "./preview";

interface Drawn {
  readonly nodes: NodeDoc[];
  readonly cml: string;
  readonly questions: readonly Question[];
  readonly form: FormData | null;
  readonly problems: readonly { readonly message: string; readonly fatal: boolean }[];
}

interface DesignData extends Drawn {
  readonly draw_address: string;
  readonly save_address: string;
  readonly csrf: string;
  readonly version: number;
  readonly units: readonly Unit[];
  readonly turning: boolean;
  readonly launched: boolean;
}

const WAIT_MS = 400;

/**
 * `<question-designer>`: the questions of a job as cards or as CML, with a preview that follows.
 * The server turns one into the other and says what is wrong, so both are always in step.
 */
export class QuestionDesigner extends HTMLElement {
  #data!: DesignData;
  #nodes: NodeDoc[] = [];
  #preview!: Preview;
  readonly #cards = make("div", {});
  readonly #code = make("textarea", { class: "code design-code", rows: 24, spellcheck: "false" });
  readonly #problems = make("ul", { class: "design-problems", role: "status" });
  readonly #state = make("span", { class: "muted", role: "status" });
  readonly #save = button({ class: "button primary" }, () => void this.#store(), text("designer_save"));
  readonly #turn = button({ class: "button", "aria-pressed": "false" }, () => void this.#turnOver(), text("designer_code"));
  #version = 0;
  #isDirty = false;
  #edits = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #round = 0;

  connectedCallback(): void {
    this.#data = embeddedJson("design-data") as DesignData;
    this.#version = this.#data.version;
    this.#preview = new Preview(this.#data.units, this.#data.turning);
    this.#code.setAttribute("aria-label", text("designer_code"));
    this.#code.hidden = true;
    this.#code.addEventListener("input", () => this.#later());
    const down = make("a", { class: "button plain design-down", href: "#design-preview" }, text("designer_preview"));
    const bar = make("div", { class: "actions design-bar" }, this.#save, this.#turn, down, this.#state);
    this.replaceChildren(bar, make("div", { class: "columns wide-left" },
      make("div", { class: "stack" }, this.#problems, this.#cards, this.#code), this.#preview.element));
    this.#draw(this.#data);
    this.#layCards(this.#data.nodes);
    globalThis.addEventListener("beforeunload", (event) => this.#isDirty && event.preventDefault());
    document.addEventListener("keydown", (event) => {
      if (!(event.ctrlKey || event.metaKey) || event.key !== "s") return;
      event.preventDefault();
      void this.#store();
    });
  }

  get #isCode(): boolean {
    return !this.#code.hidden;
  }

  get #sent(): object {
    return this.#isCode ? { cml: this.#code.value } : { nodes: this.#nodes };
  }

  #layCards(nodes: NodeDoc[]): void {
    if (this.#data.launched) settle(nodes);
    this.#nodes = nodes;
    this.#cards.replaceChildren(new Cards(nodes, () => this.#nodes, () => this.#later()).element);
  }

  #later(): void {
    this.#edits += 1;
    this.#isDirty = true;
    this.#state.textContent = text("designer_unsaved");
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#redraw(), WAIT_MS);
  }

  async #redraw(): Promise<Drawn | undefined> {
    clearTimeout(this.#timer);
    const round = (this.#round += 1);
    const drawn = await this.#post(this.#data.draw_address, this.#sent);
    if (round !== this.#round || !drawn) return undefined;
    this.#draw(drawn as Drawn);
    return drawn as Drawn;
  }

  #draw(drawn: Drawn): void {
    const shown = drawn.problems.map(({ message, fatal }) =>
      make("li", { class: fatal ? "notice error" : "notice warning" }, message));
    this.#problems.replaceChildren(...shown);
    const isWrong = drawn.problems.some(({ fatal }) => fatal);
    this.#save.setAttribute("aria-disabled", String(isWrong));
    if (!isWrong) this.#preview.show(drawn.questions, drawn.form);
    if (!this.#isCode && !isWrong) this.#code.value = drawn.cml;
    for (const one of this.#cards.querySelectorAll(".design-condition, .design-rules")) {
      one.dispatchEvent(new Event("refresh"));
    }
  }

  /** From cards to code and back; code that is wrong has to be put right first. */
  async #turnOver(): Promise<void> {
    const drawn = await this.#redraw();
    if (!drawn || drawn.problems.some(({ fatal }) => fatal)) return;
    const toCode = !this.#isCode;
    if (toCode) this.#code.value = drawn.cml;
    else this.#layCards(drawn.nodes);
    this.#code.hidden = !toCode;
    this.#cards.hidden = toCode;
    this.#turn.setAttribute("aria-pressed", String(toCode));
    if (toCode) this.#code.focus();
  }

  async #store(): Promise<void> {
    this.#save.setAttribute("aria-busy", "true");
    const edits = this.#edits;
    const drawn = await this.#redraw();
    if (drawn && !drawn.problems.some(({ fatal }) => fatal)) {
      const stored = await this.#post(this.#data.save_address, { nodes: drawn.nodes, version: this.#version });
      if (stored) {
        const { version, message } = stored as { version: number; message: string };
        this.#version = version;
        if (edits === this.#edits) {
          this.#isDirty = false;
          this.#state.textContent = message;
        }
      }
    }
    this.#save.removeAttribute("aria-busy");
  }

  async #post(address: string, body: object): Promise<unknown> {
    const response = await fetch(address, {
      method: "POST",
      credentials: "same-origin",
      headers: { "Content-Type": "application/json", "X-CSRFToken": this.#data.csrf },
      body: JSON.stringify(body),
    }).catch(() => undefined);
    const found = (await response?.json().catch(() => null)) as { error?: { message?: string } } | null | undefined;
    if (response?.ok && found) return found;
    const words = found?.error?.message ?? text("designer_offline");
    this.#problems.replaceChildren(make("li", { class: "notice error" }, words));
    this.#state.textContent = text("designer_unsaved");
    return undefined;
  }
}

define("question-designer", QuestionDesigner);

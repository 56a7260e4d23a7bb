import { button, define, embeddedJson, make } from "../dom";
import { text, type MessageName } from "../messages";

const WAIT_MS = 400;
/** What each button puts before and after the selection; before each line where it ends with a space. */
const MARKS: readonly (readonly [MessageName, string, string])[] = [
  ["prose_bold", "**", "**"],
  ["prose_italic", "*", "*"],
  ["prose_heading", "### ", ""],
  ["prose_list", "- ", ""],
  ["prose_numbers", "1. ", ""],
];

/**
 * `<markdown-editor shows="id">` around a textarea: buttons for what Markdown can say, and the
 * element with that id shows what readers will see.
 */
export class MarkdownEditor extends HTMLElement {
  #timer: ReturnType<typeof setTimeout> | undefined;

  connectedCallback(): void {
    const area = this.#area;
    if (!area) return;
    const buttons = MARKS.map(([words, before, after]) =>
      button({ class: "button small" }, () => this.#mark(before, after), text(words)));
    this.prepend(make("div", { class: "actions prose-tools", role: "toolbar", "aria-label": text("prose_tools") }, ...buttons));
    area.addEventListener("input", () => this.#later());
  }

  get #area(): HTMLTextAreaElement | null {
    return this.querySelector("textarea");
  }

  #mark(before: string, after: string): void {
    const area = this.#area as HTMLTextAreaElement;
    const { selectionStart: start, selectionEnd: end, value } = area;
    const isLine = after === "";
    const from = isLine ? value.lastIndexOf("\n", start - 1) + 1 : start;
    const chosen = value.slice(from, end);
    const lines = isLine ? chosen.split("\n").map((line, index) => prefix(before, index) + line).join("\n")
      : before + chosen + after;
    area.setRangeText(lines, from, end, "select");
    area.focus();
    if (!isLine) area.setSelectionRange(from + before.length, from + before.length + chosen.length);
    this.#later();
  }

  #later(): void {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#show(), WAIT_MS);
  }

  async #show(): Promise<void> {
    const { prose_address: address, csrf } = embeddedJson("design-data") as { prose_address: string; csrf: string };
    const response = await fetch(address, {
      method: "POST", credentials: "same-origin", headers: { "X-CSRFToken": csrf },
      body: new URLSearchParams({ text: this.#area?.value ?? "" }),
    }).catch(() => undefined);
    const shown = document.getElementById(this.getAttribute("shows") ?? "");
    if (response?.ok && shown) shown.innerHTML = await response.text();
  }
}

function prefix(before: string, index: number): string {
  return before === "1. " ? `${index + 1}. ` : before;
}

define("markdown-editor", MarkdownEditor);

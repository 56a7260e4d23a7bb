import { make } from "../dom";
import { text } from "../messages";
import type { Api } from "./api";
import { Refusal } from "./api";
import type { Remark } from "./contract";
import { reason } from "./problems";
import { SidePanel } from "./side-panel";
import { Writing } from "./writing";

/** The reader's questions about the image on the screen, with the owner's answers. */
export class Thread {
  readonly panel: SidePanel;
  readonly #api: Api;
  readonly #list = make("ol", { class: "remarks", role: "log", "aria-label": text("thread") });
  readonly #state = make("p", { class: "remarks-state", role: "status" });
  #at = { page: "", place: 0 };

  constructor(api: Api) {
    this.#api = api;
    const form = new Writing("remark_label", {
      send: async (words) => this.#show(await api.remark(this.#at, words)),
      cancel: () => void this.panel.close(),
    });
    const element = make("aside", { id: "thread" },
      make("h2", {}, text("ask")), make("p", { class: "remarks-words" }, text("thread_words")),
      this.#list, this.#state, form.element);
    this.panel = new SidePanel(element, text("ask"));
    this.panel.toggle.addEventListener("click", () => {
      if (element.hidden) return;
      form.focus();
      void this.#load();
    });
  }

  /** The image that is asked about. */
  turnTo(page: string, place: number): void {
    if (this.#at.page === page && this.#at.place === place) return;
    this.#at = { page, place };
    this.#show([]);
    this.panel.close();
  }

  async #load(): Promise<void> {
    const at = this.#at;
    this.#state.textContent = text("thread_loading");
    try {
      const remarks = await this.#api.remarks(at);
      if (at === this.#at) this.#show(remarks);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      this.#state.textContent = error.code ? error.message : reason(error);
    }
  }

  #show(remarks: readonly Remark[]): void {
    this.#state.textContent = "";
    this.#list.replaceChildren(...remarks.map(line));
  }
}

function line({ from, text: words, created_at }: Remark): HTMLElement {
  const language = document.documentElement.lang || undefined;
  const style = { dateStyle: "medium", timeStyle: "short" } as const;
  const at = new Date(created_at);
  const time = make("time", { datetime: at.toISOString() },
    new Intl.DateTimeFormat(language, style).format(at));
  const head = make("p", { class: "remark-head" }, text(`remark_${from}`), " ", time);
  return make("li", { class: `remark remark-${from}` }, head, make("p", {}, words));
}

import type { UnitDraft } from "./answers";
import { Refusal, type Api } from "./api";
import { isSame, type PageDraft } from "./drafts";

const PAUSE_MS = 3000;

/**
 * Keeps a page's draft with the server too, and takes over what another device has answered: a
 * reader can pause here and go on there. What can't be sent stays in this browser.
 */
export class Devices {
  readonly #api: Api;
  readonly #page: string;
  readonly #draft: PageDraft;
  readonly #changed: () => void;
  readonly #unsent = new Set<number>();
  #timer: ReturnType<typeof setTimeout> | undefined;

  /** `changed` is called after another device's answers were taken over. */
  constructor(api: Api, page: string, draft: PageDraft, changed: () => void) {
    this.#api = api;
    this.#page = page;
    this.#draft = draft;
    this.#changed = changed;
  }

  /** Until the signal. */
  start(signal: AbortSignal): void {
    if (!this.#api.keepsDrafts) return;
    this.#draft.whenAnswered((place) => this.#put(place), signal);
    document.addEventListener("visibilitychange", () => {
      if (document.hidden) void this.#send(true);
      else void this.#fetch();
    }, { signal });
    signal.addEventListener("abort", () => clearTimeout(this.#timer));
    void this.#fetch();
  }

  #put(place: number): void {
    this.#unsent.add(place);
    this.#timer ??= setTimeout(() => void this.#send(), PAUSE_MS);
  }

  async #send(isLeaving = false): Promise<void> {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    if (this.#unsent.size === 0) return;
    const units = new Map([...this.#unsent].map((place) => [place, this.#draft.at(place)]));
    if (!await orUndefined(this.#api.keepDraft(this.#page, units, isLeaving))) return;
    for (const [place, unit] of units) {
      if (isSame(this.#draft.at(place), unit)) this.#unsent.delete(place);
    }
  }

  /** What was answered here and is not sent yet stays as it is. */
  async #fetch(): Promise<void> {
    const found = await orUndefined(this.#api.draft(this.#page));
    const news = [...(found ?? [])].filter(([place]) => !this.#unsent.has(place));
    if (this.#draft.takeOver(new Map<number, UnitDraft>(news))) this.#changed();
  }
}

async function orUndefined<T>(reply: Promise<T>): Promise<T | undefined> {
  try {
    return await reply;
  } catch (error) {
    if (error instanceof Refusal) return undefined;
    throw error;
  }
}

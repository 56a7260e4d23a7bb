import type { Judgment, Page } from "./contract";
import { keysOf, load, remove, save } from "../storage";

const PREFIX = "overread:outbox:";

/** A submission that the server has not answered yet, with the page that it answers. */
export interface Unsent {
  /** When it was submitted: milliseconds UTC. */
  readonly at: number;
  readonly reader: string;
  readonly page: Page;
  readonly judgments: readonly Judgment[];
}

/**
 * What was submitted, until the server has answered: through a reload, a closed tab, a lost
 * connection. All tabs of a reader share it; on a shared computer nobody sends another's answers.
 */
export class Outbox {
  readonly #prefix: string;
  readonly #reader: string;
  /** What the browser would not store is kept here at least. */
  readonly #unstored = new Map<string, Unsent>();

  constructor(job: string, reader: string) {
    this.#prefix = `${PREFIX}${job}:`;
    this.#reader = reader;
  }

  put(page: Page, judgments: readonly Judgment[], now: number): Unsent {
    const unsent: Unsent = { at: now, reader: this.#reader, page, judgments };
    const key = this.#prefix + page.id;
    if (!save(key, unsent)) this.#unstored.set(key, unsent);
    return unsent;
  }

  /** Whether the page may be closed without a loss. */
  stores({ id }: Page): boolean {
    return !this.#unstored.has(this.#prefix + id);
  }

  /** The oldest that this reader submitted. */
  first(now: number): Unsent | undefined {
    const stored = keysOf(this.#prefix, now).map((key) => load<Unsent>(key));
    const own = [...stored, ...this.#unstored.values()].filter(
      (unsent): unsent is Unsent => unsent?.reader === this.#reader,
    );
    return own.sort((a, b) => a.at - b.at)[0];
  }

  remove({ id }: Page): void {
    remove(this.#prefix + id);
    this.#unstored.delete(this.#prefix + id);
  }

  /** Calls `submitted` when another tab of this reader submits a page. */
  watch(submitted: (unsent: Unsent) => void): void {
    globalThis.addEventListener("storage", ({ key, newValue }) => {
      if (!newValue || !key?.startsWith(this.#prefix)) return;
      const unsent = load<Unsent>(key);
      if (unsent?.reader === this.#reader) submitted(unsent);
    });
  }
}

import type { PageDraft } from "./drafts";

/** Adds the time spent on each unit to its draft; a hidden tab does not count. */
export class Stopwatch {
  readonly #draft: PageDraft;
  #since: number | undefined;

  constructor(draft: PageDraft) {
    this.#draft = draft;
  }

  start(): void {
    document.addEventListener("visibilitychange", this.#turn);
    globalThis.addEventListener("pagehide", this.lap);
    this.#turn();
  }

  stop(): void {
    document.removeEventListener("visibilitychange", this.#turn);
    globalThis.removeEventListener("pagehide", this.lap);
  }

  /** Books the time since the last lap on the unit that is on the screen. */
  readonly lap = (): void => {
    if (this.#since === undefined) return;
    const now = performance.now();
    const { current } = this.#draft;
    const milliseconds = current.milliseconds + now - this.#since;
    this.#draft.current = { ...current, milliseconds };
    this.#since = now;
  };

  readonly #turn = (): void => {
    this.lap();
    this.#since = document.hidden ? undefined : performance.now();
  };
}

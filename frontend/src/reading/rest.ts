import { text } from "../messages";

const MINUTE_MS = 60_000;
const REST_MINUTES = 30;
/** A pause of so long is a rest. */
const PAUSE_MS = 5 * MINUTE_MS;
const WARN_MS = 2 * MINUTE_MS;

/** Minutes of reading since the last rest, and a word when a rest would do good. */
export class Rest {
  readonly #tell: (minutes: number) => void;
  readonly #remind: (words: string) => void;
  #read = 0;
  #last = Date.now();
  #expires = Infinity;
  #isWarned = false;

  /** `tell` gets the minutes each minute, `remind` the words now and then. */
  constructor(tell: (minutes: number) => void, remind: (words: string) => void) {
    this.#tell = tell;
    this.#remind = remind;
    setInterval(() => this.#tick(), MINUTE_MS / 4);
  }

  /** A page is open until then: milliseconds UTC. */
  set expires(at: number) {
    this.#expires = at;
    this.#isWarned = false;
  }

  #tick(): void {
    const now = Date.now();
    if (document.hidden) return;
    const since = now - this.#last;
    this.#last = now;
    if (since > PAUSE_MS) this.#read = 0;
    const before = Math.floor(this.#read / MINUTE_MS);
    this.#read += Math.min(since, MINUTE_MS);
    const minutes = Math.floor(this.#read / MINUTE_MS);
    this.#tell(minutes);
    if (minutes > before && minutes % REST_MINUTES === 0) this.#remind(text("rest", { minutes }));
    else if (!this.#isWarned && this.#expires - now < WARN_MS) this.#warn();
  }

  #warn(): void {
    this.#isWarned = true;
    this.#remind(text("page_ends_soon"));
  }
}

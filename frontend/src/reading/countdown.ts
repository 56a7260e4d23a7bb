const SECOND_MS = 1000;

/** Tells each second how long it still is to an instant. */
export class Countdown {
  readonly #tell: (seconds: number) => void;
  #until: number;
  #timer: ReturnType<typeof setInterval> | undefined;

  /** `until`: milliseconds UTC. */
  constructor(until: number, tell: (seconds: number) => void) {
    this.#until = until;
    this.#tell = tell;
  }

  get seconds(): number {
    return Math.max(0, Math.ceil((this.#until - Date.now()) / SECOND_MS));
  }

  start(): void {
    this.stop();
    this.#timer = setInterval(() => this.#tick(), SECOND_MS);
    this.#tick();
  }

  stop(): void {
    clearInterval(this.#timer);
  }

  extend(until: number): void {
    this.#until = Math.max(this.#until, until);
    this.start();
  }

  #tick(): void {
    this.#tell(this.seconds);
    if (this.seconds === 0) this.stop();
  }
}

import { EMPTY_DRAFT, type UnitDraft } from "./answers";
import type { Answers, Page } from "./contract";
import { keysOf, load, remove, save } from "../storage";

const PREFIX = "overread:page:";

interface Stored {
  /** When this browser first showed the page. */
  readonly at: number;
  /** Of the unit on the screen. */
  readonly place: number;
  /** The places that the drafts belong to: some may not be asked for any more. */
  readonly places: readonly number[];
  readonly units: readonly UnitDraft[];
}

/** What a unit's draft was before a step that can be undone. */
interface Step {
  readonly index: number;
  readonly before: UnitDraft;
  readonly after: UnitDraft;
}

const STEPS_KEPT = 200;

/** The answers to a page until the server has them; kept by the browser through a reload. */
export class PageDraft {
  /** When this browser first showed the page: milliseconds UTC. */
  readonly openedAt: number;
  readonly #key: string;
  readonly #places: readonly number[];
  readonly #units: UnitDraft[];
  readonly #done: Step[] = [];
  readonly #undone: Step[] = [];
  #index: number;
  #answered: (place: number) => void = () => {};

  constructor(page: Page, now: number) {
    keysOf(PREFIX, now);
    this.#key = PREFIX + page.id;
    const stored = load<Stored>(this.#key);
    // A clock that was set back must not make the page wait.
    this.openedAt = Math.min(stored?.at ?? now, now);
    this.#places = page.units.map(({ place }) => place);
    this.#index = Math.max(0, this.#places.findIndex((place) => place >= (stored?.place ?? 0)));
    this.#units = this.#places.map((place) => draftOf(stored, place) ?? EMPTY_DRAFT);
    this.#save();
  }

  /** To be called once the server has the answers. */
  static forget({ id }: Page): void {
    remove(PREFIX + id);
  }

  get units(): readonly UnitDraft[] {
    return this.#units;
  }

  /** Which of the page's units is on the screen. */
  get index(): number {
    return this.#index;
  }

  set index(index: number) {
    this.#index = index;
    this.#save();
  }

  /** The draft of the unit on the screen. */
  get current(): UnitDraft {
    return this.#units[this.#index] ?? EMPTY_DRAFT;
  }

  set current(draft: UnitDraft) {
    const before = this.current;
    this.#units[this.#index] = draft;
    this.#save();
    if (!isSame(before, draft)) this.#answered(this.#places[this.#index] ?? 0);
  }

  /** The draft of the unit at a place of the page. */
  at(place: number): UnitDraft {
    return this.#units[this.#places.indexOf(place)] ?? EMPTY_DRAFT;
  }

  /** Calls `answered` with the place of each unit whose answers change here, until the signal. */
  whenAnswered(answered: (place: number) => void, signal: AbortSignal): void {
    this.#answered = answered;
    signal.addEventListener("abort", () => (this.#answered = (): void => {}));
  }

  /** Puts what was answered elsewhere in the place of what is here; whether anything changed. */
  takeOver(units: ReadonlyMap<number, UnitDraft>): boolean {
    let isChanged = false;
    this.#places.forEach((place, at) => {
      const [own, other] = [this.#units[at] ?? EMPTY_DRAFT, units.get(place)];
      if (!other || isSame(own, other)) return;
      const milliseconds = Math.max(own.milliseconds, other.milliseconds);
      this.#units[at] = { ...own, ...other, milliseconds };
      isChanged = true;
    });
    if (!isChanged) return false;
    this.#done.length = this.#undone.length = 0;
    this.#save();
    return true;
  }

  /** Answers to begin with, by unit, once: what was answered or taken away since stays so. */
  prefill(answers: readonly Answers[]): void {
    answers.forEach((given, index) => {
      const unit = this.#units[index];
      if (!unit || unit.isPrefilled) return;
      this.#units[index] = { ...unit, answers: { ...given, ...unit.answers }, isPrefilled: true };
      // A step back must not take away what nobody has seen yet.
      this.#done.length = this.#undone.length = 0;
    });
    this.#save();
  }

  /** A change that can be undone, as the time spent on the unit can't. */
  change(after: UnitDraft): void {
    this.#done.push({ index: this.#index, before: this.current, after });
    if (this.#done.length > STEPS_KEPT) this.#done.shift();
    this.#undone.length = 0;
    this.current = after;
  }

  /** Takes the latest change back and turns to its unit; false where there is none. */
  undo(): boolean {
    return this.#step(this.#done, this.#undone, "before");
  }

  redo(): boolean {
    return this.#step(this.#undone, this.#done, "after");
  }

  #step(from: Step[], to: Step[], which: "before" | "after"): boolean {
    const step = from.pop();
    if (!step) return false;
    to.push(step);
    const { milliseconds } = this.#units[step.index] ?? EMPTY_DRAFT;
    this.#index = step.index;
    this.current = { ...step[which], milliseconds };
    return true;
  }

  /** Takes over what another tab has answered, until the signal. */
  follow(changed: () => void, signal: AbortSignal): void {
    globalThis.addEventListener("storage", ({ key, newValue }) => {
      if (key !== this.#key || !newValue) return;
      const stored = load<Stored>(this.#key);
      const units = this.#places.map((place, at) => draftOf(stored, place) ?? this.#units[at]);
      this.#units.splice(0, units.length, ...(units as UnitDraft[]));
      changed();
    }, { signal });
  }

  #save(): void {
    save(this.#key, {
      at: this.openedAt,
      place: this.#places[this.#index] ?? 0,
      places: this.#places,
      units: this.#units,
    } as Stored);
  }
}

function draftOf(stored: Stored | undefined, place: number): UnitDraft | undefined {
  return stored?.units[stored.places.indexOf(place)];
}

/** Whether the answers are the same; the time spent may be another. */
export function isSame(one: UnitDraft, other: UnitDraft): boolean {
  return one.cannotBeJudged === other.cannotBeJudged
    && JSON.stringify(one.answers) === JSON.stringify(other.answers);
}

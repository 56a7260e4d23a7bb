import type { UnitDraft } from "./answers";
import type {
  Contest, Judgment, PageReply, Problem, ReadingData, Remark, SubmissionReply, UnitForm,
} from "./contract";

const WAITS_MS = [500, 1500, 4000];
const LONGEST_MS = 30_000;
/** The server could not answer now, or not to somebody who is signed out: it may later. */
const NO_ANSWER = new Set([401, 403, 408, 425, 429]);

/** The server said no, or (status 0) nothing that can be read. */
export class Refusal extends Error {
  readonly status: number;
  readonly code: string;
  readonly problems: readonly Problem[];
  /** When to try again, where that helps. */
  readonly seconds: number;

  constructor(status: number, { code, message, problems, seconds }: Told = {}) {
    super(message);
    this.status = status;
    this.code = code ?? "";
    this.problems = problems ?? [];
    this.seconds = seconds ?? 0;
  }

  /** Whether this is overread's own and last word, not that of a fault or a proxy on the way. */
  get isAnswer(): boolean {
    return this.code !== "" && this.status < 500 && !NO_ANSWER.has(this.status);
  }

  get isSignedOut(): boolean {
    return this.status === 401 || this.status === 403;
  }
}

interface Told {
  readonly code?: string;
  readonly message?: string;
  readonly problems?: readonly Problem[];
  readonly seconds?: number;
}

/** What the server keeps of a unit's draft. */
interface Unsent {
  readonly answers: UnitDraft["answers"];
  readonly cannot_be_judged: boolean;
  readonly milliseconds: number;
  readonly prefilled: boolean;
}

type Units = ReadonlyMap<number, UnitDraft>;

interface Place {
  readonly page: string;
  readonly place: number;
}

/** The routes of judging. All but a remark may be sent again: the server answers the same. */
export class Api {
  readonly #data: ReadingData;

  constructor(data: ReadingData) {
    this.#data = data;
  }

  /** The open page, else a new one; `retake` takes a failed quiz again. Raises Refusal. */
  page(retake = false): Promise<PageReply> {
    return this.#again(this.#data.page_address, retake ? { retake } : {}) as Promise<PageReply>;
  }

  /** Sends once. Raises Refusal. */
  submit(page: string, judgments: readonly Judgment[]): Promise<SubmissionReply> {
    const sent = this.#send(this.#data.submission_address, { page, judgments });
    return sent as Promise<SubmissionReply>;
  }

  /** What the units of a page have of their own in the form, by place. Raises Refusal. */
  async forms(address: string, page: string): Promise<Readonly<Record<string, UnitForm>>> {
    const reply = await this.#send(`${address}?${new URLSearchParams({ page }).toString()}`);
    return (reply as { forms: Readonly<Record<string, UnitForm>> }).forms;
  }

  /** Whether the server keeps what is not submitted yet; in an owner's preview it does not. */
  get keepsDrafts(): boolean {
    return this.#data.draft_address !== "";
  }

  /** What is answered on a page and not submitted, by place. Raises Refusal. */
  async draft(page: string): Promise<Units> {
    const query = new URLSearchParams({ page });
    const reply = await this.#send(`${this.#data.draft_address}?${query.toString()}`);
    const { places } = reply as { places: Readonly<Record<string, Unsent>> };
    return new Map(Object.entries(places).map(([place, kept]) => [Number(place), {
      answers: kept.answers,
      cannotBeJudged: kept.cannot_be_judged,
      milliseconds: kept.milliseconds,
      isPrefilled: kept.prefilled,
    }]));
  }

  /** Sends once, also while the page is being left. Raises Refusal. */
  async keepDraft(page: string, units: Units, isLeaving: boolean): Promise<boolean> {
    const places = Object.fromEntries([...units].map(([place, unit]): [number, Unsent] => [place, {
      answers: unit.answers,
      cannot_be_judged: unit.cannotBeJudged,
      milliseconds: Math.round(unit.milliseconds),
      prefilled: unit.isPrefilled ?? false,
    }]));
    await this.#send(this.#data.draft_address, { page, places }, isLeaving);
    return true;
  }

  /** Objects to a missed test question. Raises Refusal. */
  async contest(at: Place, words: string): Promise<Contest> {
    const reply = await this.#again(this.#data.contest_address, { ...at, text: words });
    return (reply as { contest: Contest }).contest;
  }

  /** The reader's own lines about an image and the owner's answers. Raises Refusal. */
  async remarks({ page, place }: Place): Promise<readonly Remark[]> {
    const query = new URLSearchParams({ page, place: String(place) });
    const reply = await this.#send(`${this.#data.remarks_address}?${query.toString()}`);
    return (reply as { remarks: readonly Remark[] }).remarks;
  }

  /** Sends once. Raises Refusal. */
  async remark(at: Place, words: string): Promise<readonly Remark[]> {
    const reply = await this.#send(this.#data.remarks_address, { ...at, text: words });
    return (reply as { remarks: readonly Remark[] }).remarks;
  }

  /** Whether no judgment of the place is asked for any more. Raises Refusal. */
  async report(at: Place, reason: string, words: string): Promise<boolean> {
    const reply = await this.#again(this.#data.report_address, { ...at, reason, text: words });
    return (reply as { dropped: boolean }).dropped;
  }

  async #again(address: string, body: unknown): Promise<unknown> {
    for (const wait of WAITS_MS) {
      try {
        return await this.#send(address, body);
      } catch (error) {
        if (!(error instanceof Refusal) || error.isAnswer || error.isSignedOut) throw error;
      }
      await new Promise((resolve) => setTimeout(resolve, wait));
    }
    return this.#send(address, body);
  }

  /** Posts a body, or gets without one. */
  async #send(address: string, body?: unknown, isLeaving = false): Promise<unknown> {
    const isPost = body !== undefined;
    const response = await fetch(address, {
      method: isPost ? "POST" : "GET",
      credentials: "same-origin",
      headers: isPost ? { "Content-Type": "application/json", "X-CSRFToken": this.#data.csrf } : {},
      body: isPost ? JSON.stringify(body) : null,
      keepalive: isLeaving,
      signal: AbortSignal.timeout(LONGEST_MS),
    }).catch(() => undefined);
    if (!response) throw new Refusal(0);
    return read(response);
  }
}

async function read(response: Response): Promise<unknown> {
  const body = (await response.json().catch(() => null)) as { error?: Told } | null;
  if (response.ok && body !== null) return body;
  throw new Refusal(response.ok ? 0 : response.status, body?.error);
}

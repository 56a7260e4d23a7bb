/** Uploads in parts, which go on after a lost connection, a reload or a restart of the server. */

export interface Sent {
  /** With the folders that it was chosen in. */
  readonly path: string;
  readonly file: File;
  readonly isTable: boolean;
}

/** Why an upload ended: `status` 0 where nobody canceled and no server said why. */
export class UploadError extends Error {
  constructor(readonly status: number, message = "", readonly unreadable = "") {
    super(message);
  }
}

export interface Watcher {
  /** Bytes that are on the server, or on their way. */
  sent(bytes: number): void;
  /** Whether the server can't be reached at the moment. */
  waiting(isWaiting: boolean): void;
}

interface Begun {
  readonly address: string;
  readonly offset: number;
  readonly length: number;
  readonly part: number;
}

interface Reply {
  readonly status: number;
  readonly offset: number;
  readonly body: string;
}

const FIRST_WAIT_MS = 1_000;
const LONGEST_WAIT_MS = 30_000;
/** After so many waits for another window that sends the same files, it is left to it. */
const MOST_BUSY = 20;

/** One upload: `run` sends what is not there yet, then has it read. */
export class Transfer {
  readonly #stop = new AbortController();
  #address = "";

  constructor(
    private readonly uploads: string,
    private readonly token: string,
    private readonly files: readonly Sent[],
    private readonly watcher: Watcher,
  ) {}

  /** Gives the address to go to. Raises UploadError. */
  async run(form: FormData): Promise<string> {
    const begun = await this.#begin();
    this.#address = begun.address;
    let offset = begun.offset;
    while (offset < begun.length) offset = await this.#part(offset, begun.part);
    const read = await this.#until(() => this.#ask("POST", this.#address, form));
    // Finished before, where only the answer was lost.
    if (read.status === 404) return "";
    return (JSON.parse(this.#good(read).body) as { address: string }).address;
  }

  /** Ends it, and drops what is on the server. */
  async cancel(): Promise<void> {
    this.#stop.abort();
    if (this.#address) await drop(this.#address, this.token);
  }

  async #begin(): Promise<Begun> {
    const list = this.files.map(({ path, file, isTable }) => ({
      path, size: file.size, modified: file.lastModified, is_table: isTable,
    }));
    const body = new Blob([JSON.stringify(list)], { type: "application/json" });
    return JSON.parse(this.#good(await this.#until(() => this.#ask("POST", this.uploads, body))).body) as Begun;
  }

  /** Sends a part from here on; gives where to go on. */
  async #part(offset: number, size: number): Promise<number> {
    const bytes = await this.#bytes(offset, size);
    const reply = await this.#until(async () => {
      const answer = await this.#ask("PATCH", this.#address, bytes, offset);
      if (answer.status > 0) return answer;
      // Whether the part came through is the server's to say.
      const head = await this.#ask("HEAD", this.#address);
      return head.status === 204 && head.offset === offset ? answer : head;
    });
    if (reply.status === 409 && reply.offset >= 0) return reply.offset;
    return this.#good(reply).offset;
  }

  /** The stream's bytes from here on, from as many files as they lie in. */
  async #bytes(offset: number, size: number): Promise<ArrayBuffer> {
    const parts: Blob[] = [];
    let start = 0;
    let left = size;
    let at = offset;
    for (const { path, file } of this.files) {
      const end = start + file.size;
      if (at < end && left > 0) {
        const some = file.slice(at - start, Math.min(file.size, at - start + left));
        // One that changed or went since it was chosen can't be read; this says which.
        try {
          parts.push(new Blob([await some.arrayBuffer()]));
        } catch {
          throw new UploadError(0, "", path);
        }
        at += some.size;
        left -= some.size;
      }
      start = end;
    }
    return new Blob(parts).arrayBuffer();
  }

  #good(reply: Reply): Reply {
    if (reply.status >= 200 && reply.status < 300) return reply;
    throw new UploadError(reply.status, message(reply.body));
  }

  /** Asks again until a server answers that is in its senses. */
  async #until(ask: () => Promise<Reply>): Promise<Reply> {
    let busy = 0;
    for (let wait = FIRST_WAIT_MS; ; wait = Math.min(2 * wait, LONGEST_WAIT_MS)) {
      const reply = await ask();
      const isBusy = reply.status === 423 && busy++ < MOST_BUSY;
      if (reply.status > 0 && reply.status < 500 && !isBusy) {
        this.watcher.waiting(false);
        return reply;
      }
      this.watcher.waiting(true);
      await pause(wait, this.#stop.signal);
    }
  }

  /** fetch has no progress for what it sends. */
  #ask(method: string, address: string, body?: XMLHttpRequestBodyInit, offset?: number): Promise<Reply> {
    const { signal } = this.#stop;
    return new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      request.open(method, address);
      request.setRequestHeader("X-CSRFToken", this.token);
      request.setRequestHeader("Accept", "application/json");
      if (offset !== undefined) {
        request.setRequestHeader("Upload-Offset", String(offset));
        request.setRequestHeader("Content-Type", "application/offset+octet-stream");
        request.upload.addEventListener("progress", ({ loaded }) => this.watcher.sent(offset + loaded));
      }
      const stop = (): void => request.abort();
      signal.addEventListener("abort", stop, { once: true });
      request.addEventListener("loadend", () => {
        signal.removeEventListener("abort", stop);
        if (signal.aborted) fail(new UploadError(0));
        else done(read(request));
      });
      if (signal.aborted) fail(new UploadError(0));
      else request.send(body);
    });
  }
}

/** Drops an unfinished upload. */
export async function drop(address: string, token: string): Promise<void> {
  await fetch(address, { method: "DELETE", headers: { "X-CSRFToken": token } }).catch(() => undefined);
}

function read(request: XMLHttpRequest): Reply {
  const offset = request.getResponseHeader("Upload-Offset");
  return { status: request.status, offset: offset === null ? -1 : Number(offset), body: request.responseText };
}

function message(body: string): string {
  try {
    return (JSON.parse(body) as { error?: { message?: string } }).error?.message ?? "";
  } catch {
    return "";
  }
}

/** Waits, less long where the connection is back or nobody wants to go on. */
function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((done) => {
    const end = (): void => {
      clearTimeout(timer);
      globalThis.removeEventListener("online", end);
      signal.removeEventListener("abort", end);
      done();
    };
    const timer = setTimeout(end, milliseconds);
    globalThis.addEventListener("online", end);
    signal.addEventListener("abort", end);
  });
}

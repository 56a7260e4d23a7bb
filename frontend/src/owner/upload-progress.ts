import { button, make } from "../dom";
import { text } from "../messages";
import { percent } from "../reading/progress";
import { inBytes } from "./files";
import type { Sent, Watcher } from "./parts";

/** Files that are shown at once, from the one on its way. */
const SHOWN = 5;

/** How far an upload is: the whole, and the files that are on their way. */
export class UploadProgress implements Watcher {
  readonly element: HTMLElement;
  readonly #bar = make("progress", { max: 1, value: 0, "aria-label": text("upload_progress") });
  readonly #words = make("p", { role: "status" });
  readonly #files = make("ul");
  readonly #cancel: HTMLElement;
  readonly #starts: number[] = [];
  readonly #length: number;
  #isWaiting = false;
  #sent = 0;

  constructor(private readonly sending: readonly Sent[], cancel: () => void) {
    let length = 0;
    for (const { file } of sending) {
      this.#starts.push(length);
      length += file.size;
    }
    this.#length = length;
    this.#cancel = button({ class: "button small plain" }, cancel, text("upload_cancel"));
    const list = make("div", { class: "upload-files" }, this.#files);
    this.element = make("div", { class: "upload-progress" }, this.#bar, this.#words, list, this.#cancel);
    this.#show();
  }

  sent(bytes: number): void {
    this.#sent = Math.min(bytes, this.#length);
    this.#show();
  }

  waiting(isWaiting: boolean): void {
    if (isWaiting === this.#isWaiting) return;
    this.#isWaiting = isWaiting;
    this.#show();
  }

  #show(): void {
    const share = this.#length ? this.#sent / this.#length : 1;
    const current = this.sending.findIndex(({ file }, at) => this.#sent < (this.#starts[at] ?? 0) + file.size);
    const done = current < 0 ? this.sending.length : current;
    if (done < this.sending.length) this.#bar.value = share;
    else this.#bar.removeAttribute("value");
    this.#words.textContent = this.#said(share, done);
    this.#cancel.hidden = done === this.sending.length;
    this.#files.replaceChildren(...this.sending.slice(done, done + SHOWN).map((one, at) => this.#row(one, done + at)));
  }

  #said(share: number, done: number): string {
    if (this.#isWaiting) return text("upload_waiting");
    if (done === this.sending.length) return text("upload_reading");
    const total = text("upload_share", { share: percent(share) });
    return `${total} · ${text("upload_files", { done, count: this.sending.length })}`;
  }

  #row({ path, file }: Sent, at: number): HTMLElement {
    const value = Math.max(0, this.#sent - (this.#starts[at] ?? 0)) / (file.size || 1);
    return make("li", {}, make("span", {}, path), make("progress", { max: 1, value, "aria-label": path }),
      make("span", { class: "muted" }, inBytes(file.size)));
  }
}

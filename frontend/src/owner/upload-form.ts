import { button, define, make } from "../dom";
import { text } from "../messages";
import { chosen, dropped, inBytes, ordered } from "./files";
import { drop, type Sent, Transfer, UploadError } from "./parts";
import { UploadProgress } from "./upload-progress";

const NAMED = 5;

/**
 * `<upload-form uploads="…">` around a multipart form with file inputs: takes files and folders
 * dropped anywhere on it, shows what was chosen, and sends it in parts to the address of uploads,
 * which go on after anything. An element with `data-begun="…"` tells of an upload that was broken
 * off; its button drops that. The plain form works without all of it.
 */
export class UploadForm extends HTMLElement {
  readonly #summary = make("div", { class: "upload-files", role: "status" });
  readonly #error = make("div", { class: "notice error", role: "alert", hidden: true });
  #dropped: Sent[] = [];
  #transfer: Transfer | undefined;

  connectedCallback(): void {
    const form = this.#form;
    form.append(this.#summary, this.#error);
    const actions = form.querySelector(".actions");
    if (actions) form.append(actions);
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      void this.#send();
    });
    form.addEventListener("change", () => this.#summarise());
    this.addEventListener("dragover", (event) => this.#hover(event, true));
    this.addEventListener("dragleave", (event) => this.#hover(event, false));
    this.addEventListener("drop", (event) => void this.#drop(event));
    this.#offerToDiscard();
  }

  get #form(): HTMLFormElement {
    const form = this.querySelector("form");
    if (!form) throw new Error("<upload-form> needs a form inside");
    return form;
  }

  get #inputs(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>("input[type=file]")];
  }

  get #token(): string {
    return this.querySelector<HTMLInputElement>("[name=csrfmiddlewaretoken]")?.value ?? "";
  }

  get #files(): Sent[] {
    return ordered([...this.#inputs.flatMap(chosen), ...this.#dropped]);
  }

  #offerToDiscard(): void {
    const begun = this.querySelector<HTMLElement>("[data-begun]");
    const discard = async (): Promise<void> => {
      await drop(begun?.dataset["begun"] ?? "", this.#token);
      begun?.remove();
    };
    begun?.append(button({ class: "button small" }, () => void discard(), text("upload_discard")));
  }

  #hover(event: DragEvent, isOver: boolean): void {
    event.preventDefault();
    this.toggleAttribute("data-over", isOver);
  }

  async #drop(event: DragEvent): Promise<void> {
    this.#hover(event, false);
    if (!event.dataTransfer || this.#transfer) return;
    this.#dropped.push(...await dropped(event.dataTransfer));
    this.#summarise();
  }

  #summarise(): void {
    const files = this.#files;
    this.#error.hidden = true;
    if (files.length === 0) {
      this.#summary.replaceChildren();
      return;
    }
    const size = files.reduce((sum, { file }) => sum + file.size, 0);
    const total = text("upload_chosen", { count: files.length, size: inBytes(size) });
    const rest = files.length - NAMED;
    this.#summary.replaceChildren(
      make("p", {}, make("strong", {}, total)),
      make("ul", {}, ...files.slice(0, NAMED).map(fileRow),
        rest > 0 && make("li", {}, text("upload_more", { count: rest }))),
      button({ class: "button small" }, () => this.#clear(), text("upload_clear")),
    );
  }

  #clear(): void {
    for (const input of this.#inputs) input.value = "";
    this.#dropped = [];
    this.#summarise();
  }

  async #send(): Promise<void> {
    if (this.#transfer) return;
    this.#error.hidden = true;
    const files = this.#files;
    const progress = new UploadProgress(files, () => void this.#transfer?.cancel());
    this.#transfer = new Transfer(this.getAttribute("uploads") ?? "", this.#token, files, progress);
    this.#summary.replaceChildren(progress.element);
    try {
      const address = await this.#transfer.run(this.#options());
      globalThis.location.assign(address || globalThis.location.href);
    } catch (error) {
      this.#transfer = undefined;
      this.#summarise();
      this.#say(error);
    }
  }

  /** The form without its files. */
  #options(): FormData {
    const form = new FormData(this.#form);
    for (const { name } of this.#inputs) form.delete(name);
    return form;
  }

  #say(error: unknown): void {
    if (!(error instanceof UploadError)) throw error;
    const { status, message, unreadable } = error;
    if (status === 0 && !unreadable) return; // canceled
    this.#error.textContent = unreadable ? text("upload_unreadable", { name: unreadable }) : message || text("upload_failed");
    this.#error.hidden = false;
  }
}

function fileRow({ path, file }: Sent): HTMLElement {
  return make("li", {}, make("span", {}, path), make("span", { class: "muted" }, inBytes(file.size)));
}

define("upload-form", UploadForm);

import { button, define, make } from "../dom";
import { text } from "../messages";
import { percent } from "../reading/progress";
import { dropped, fill, inBytes, sorted } from "./files";
import { upload } from "./upload";

const NAMED = 5;

/**
 * `<upload-form>` around a multipart form with file inputs `name="table"` and `name="images"`:
 * takes files and folders dropped anywhere on it, shows what was chosen and how far the upload is,
 * then goes to the address of the reply's JSON `{"address": "…"}`. The plain form works without it.
 */
export class UploadForm extends HTMLElement {
  readonly #summary = make("div", { class: "upload-files", role: "status" });
  readonly #bar = make("progress", { max: 1, value: 0, "aria-label": text("upload_progress") });
  readonly #words = make("p", { role: "status" });
  readonly #progress = make("div", { class: "upload-progress", hidden: true }, this.#bar, this.#words);
  readonly #error = make("div", { class: "notice error", role: "alert", hidden: true });

  connectedCallback(): void {
    const form = this.#form;
    form.append(this.#summary, this.#progress, this.#error);
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
  }

  get #form(): HTMLFormElement {
    const form = this.querySelector("form");
    if (!form) throw new Error("<upload-form> needs a form inside");
    return form;
  }

  get #inputs(): HTMLInputElement[] {
    return [...this.querySelectorAll<HTMLInputElement>("input[type=file]")];
  }

  #hover(event: DragEvent, isOver: boolean): void {
    event.preventDefault();
    this.toggleAttribute("data-over", isOver);
  }

  async #drop(event: DragEvent): Promise<void> {
    this.#hover(event, false);
    if (!event.dataTransfer) return;
    const { table, images } = sorted(await dropped(event.dataTransfer));
    this.#put("table", table);
    this.#put("images", images);
    this.#summarise();
  }

  #put(name: string, files: readonly File[]): void {
    const input = this.#inputs.find((candidate) => candidate.name === name);
    if (input && files.length > 0) fill(input, files);
  }

  #summarise(): void {
    const files = this.#inputs.flatMap((input) => [...(input.files ?? [])]);
    this.#error.hidden = true;
    if (files.length === 0) {
      this.#summary.replaceChildren();
      return;
    }
    const size = files.reduce((sum, file) => sum + file.size, 0);
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
    this.#summarise();
  }

  async #send(): Promise<void> {
    if (!this.#progress.hidden) return;
    this.#error.hidden = true;
    this.#progress.hidden = false;
    const { status, address, message } = await upload(this.#form, (share) => this.#show(share));
    if (address) {
      globalThis.location.assign(address);
      return;
    }
    this.#progress.hidden = true;
    this.#error.textContent = message ?? text(status === 0 ? "upload_offline" : "upload_failed");
    this.#error.hidden = false;
  }

  #show(share: number): void {
    const isSent = share >= 1;
    if (isSent) this.#bar.removeAttribute("value");
    else this.#bar.value = share;
    this.#words.textContent = isSent
      ? text("upload_reading")
      : text("upload_share", { share: percent(share) });
  }
}

function fileRow(file: File): HTMLElement {
  return make("li", {}, make("span", {}, file.name), make("span", { class: "muted" }, inBytes(file.size)));
}

define("upload-form", UploadForm);

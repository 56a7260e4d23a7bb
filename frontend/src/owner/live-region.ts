import { define } from "../dom";

const SLOWEST_MS = 30_000;

/**
 * `<live-region src="…" every="1000">`: shows the HTML fragment of an address and asks for it
 * again until the fragment carries `data-done`. With an address in `data-done` it goes there.
 */
export class LiveRegion extends HTMLElement {
  #timer: ReturnType<typeof setTimeout> | undefined;
  #failures = 0;
  #shown: string | undefined;

  connectedCallback(): void {
    this.#wait();
  }

  disconnectedCallback(): void {
    clearTimeout(this.#timer);
  }

  #wait(): void {
    const every = Number(this.getAttribute("every") ?? "1000");
    const wait = Math.min(every * 2 ** this.#failures, Math.max(every, SLOWEST_MS));
    this.#timer = setTimeout(() => void this.#refresh(), wait);
  }

  async #refresh(): Promise<void> {
    const html = document.hidden ? undefined : await this.#fetch();
    if (!this.isConnected) return;
    if (html !== undefined) this.#show(html);
    const done = this.querySelector<HTMLElement>("[data-done]");
    if (!done) this.#wait();
    else if (done.dataset["done"]) globalThis.location.assign(done.dataset["done"]);
  }

  async #fetch(): Promise<string | undefined> {
    try {
      const response = await fetch(this.getAttribute("src") ?? "", { credentials: "same-origin" });
      if (!response.ok) throw new Error(String(response.status));
      this.#failures = 0;
      return await response.text();
    } catch {
      // What was shown stays; a server that restarts is asked again, more and more seldom.
      this.#failures += 1;
      return undefined;
    }
  }

  #show(html: string): void {
    if (html === this.#shown) return;
    this.#shown = html;
    const focused = this.contains(document.activeElement) ? document.activeElement?.id : "";
    this.innerHTML = html;
    if (focused) document.getElementById(focused)?.focus();
  }
}

define("live-region", LiveRegion);

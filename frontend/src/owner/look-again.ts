import { define, make } from "../dom";

const EVERY_MS = 400;
const LOOKING = 202;

/**
 * `<look-again src="…" busy="…">` around a form: whatever is changed in it is sent at once, as its
 * button "look" would do, and the address gives the form anew when the server has looked (202
 * until then). `busy` says that it does; the element with `data-says`, what came of it. The plain
 * form works without it.
 */
export class LookAgain extends HTMLElement {
  readonly #status = make("p", { class: "look-status visually-hidden", role: "status" });
  readonly #shown = make("div");

  connectedCallback(): void {
    this.#shown.append(...this.childNodes);
    this.replaceChildren(this.#status, this.#shown);
    this.addEventListener("change", () => void this.#look());
  }

  async #look(): Promise<void> {
    const form = this.querySelector("form");
    if (!form) return;
    const body = new FormData(form);
    body.append("do", "look");
    const focused = document.activeElement?.id ?? "";
    this.#wait(true);
    try {
      await fetch(form.action, { method: "POST", body, redirect: "manual" });
      const html = await this.#seen();
      this.#shown.innerHTML = html;
      this.#wait(false);
      document.getElementById(focused)?.focus();
    } catch {
      globalThis.location.reload();
    }
  }

  async #seen(): Promise<string> {
    for (;;) {
      const answer = await fetch(this.getAttribute("src") ?? "", {
        headers: { "X-Part": "1" },
        redirect: "error",
      });
      if (answer.status !== LOOKING) return answer.text();
      await new Promise((done) => setTimeout(done, EVERY_MS));
    }
  }

  /** Nothing can be changed while the server looks: it looks at one thing at a time. */
  #wait(busy: boolean): void {
    this.#shown.toggleAttribute("inert", busy);
    const said = this.#shown.querySelector("[data-says]")?.textContent ?? "";
    this.#status.textContent = busy ? this.getAttribute("busy") : said.replace(/\s+/g, " ").trim();
    this.#status.classList.toggle("visually-hidden", !busy);
  }
}

define("look-again", LookAgain);

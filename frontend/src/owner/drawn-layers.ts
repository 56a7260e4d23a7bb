import { define } from "../dom";
import type { XRay } from "../x-ray";
import type { Mark } from "../x-ray/marks";

/**
 * `<drawn-layers image="id">` around a JSON script of marks by layer and a checkbox for each layer:
 * draws them on the `<x-ray>` with that id. The same stands beside it in words.
 */
export class DrawnLayers extends HTMLElement {
  connectedCallback(): void {
    this.addEventListener("change", () => this.#show());
    this.#show();
  }

  #show(): void {
    const image = document.querySelector<XRay>(`x-ray#${this.getAttribute("image") ?? ""}`);
    const found: unknown = JSON.parse(this.querySelector("script")?.textContent ?? "{}");
    const layers = found as Readonly<Record<string, readonly Mark[]>>;
    for (const { name, checked } of this.querySelectorAll("input")) {
      image?.showLayer(name, checked ? (layers[name] ?? []) : []);
    }
  }
}

define("drawn-layers", DrawnLayers);

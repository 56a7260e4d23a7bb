import { make } from "../dom";

/** A place for another canvas, out of the way of the one that is the image to everybody else. */
export class Pane {
  readonly element = make("div", { class: "x-ray-values", hidden: true });
  readonly #root = this.element.attachShadow({ mode: "closed" });

  put(canvas: HTMLCanvasElement): void {
    Object.assign(canvas.style, { display: "block", inlineSize: "100%", blockSize: "100%" });
    this.#root.replaceChildren(canvas);
  }
}

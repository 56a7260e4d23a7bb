import { handles, type Mark, type Place } from "./marks";
import type { Affine } from "./viewport";

const SVG = "http://www.w3.org/2000/svg";

/** Marks drawn over the image, one layer for each kind of thing; lines keep their width. */
export class Overlay {
  readonly element = svg("svg", { class: "x-ray-overlay", "aria-hidden": "true" });
  readonly #layers = new Map<string, SVGElement>();

  /** `selected` is the mark whose handles are shown; `draft` is not closed yet. */
  show(layer: string, marks: readonly Mark[], selected = -1, draft?: Mark): void {
    const drawn = marks.flatMap((mark, index) => shape(mark, index === selected ? "selected" : ""));
    const grips = marks[selected] ? handles(marks[selected]).map((at) => dot(at, "handle")) : [];
    this.#layer(layer).replaceChildren(...drawn, ...(draft ? shape(draft, "draft") : []), ...grips);
  }

  /** A cross where the keyboard's pen stands. */
  point(layer: string, at: Place | undefined): void {
    if (at) this.#layer(layer).append(...path(cross(at), "cursor"));
  }

  /** From points of the image to CSS pixels of the canvas. */
  place(placement: Affine | undefined): void {
    this.element.toggleAttribute("hidden", placement === undefined);
    if (!placement) return;
    for (const layer of this.#layers.values()) {
      layer.setAttribute("transform", `matrix(${placement.join(" ")})`);
    }
  }

  #layer(name: string): SVGElement {
    let layer = this.#layers.get(name);
    if (!layer) {
      const before = [...this.#layers.values()][0]?.getAttribute("transform");
      layer = svg("g", { class: `x-ray-${name}` });
      if (before) layer.setAttribute("transform", before);
      this.#layers.set(name, layer);
      this.element.append(layer);
    }
    return layer;
  }
}

function shape(mark: Mark, state: string): SVGElement[] {
  if (mark.kind === "dot") return mark.points.map((at) => dot(at, `spot ${state}`));
  const isClosed = state !== "draft" && mark.kind !== "line";
  const outline = mark.kind === "box" ? handles(mark) : mark.points;
  return path(`M${outline.map((at) => at.join(" ")).join("L")}${isClosed || mark.kind === "box" ? "Z" : ""}`, state);
}

/** Seen on black, grey and white alike: a bright line in a dark one. */
function path(d: string, state: string): SVGElement[] {
  return [svg("path", { class: `casing ${state}`, d }), svg("path", { class: `line ${state}`, d })];
}

/** A line without length and with round ends, so that it keeps its size. */
function dot([x, y]: Place, state: string): SVGElement {
  const group = svg("g", { class: state });
  group.append(...path(`M${x} ${y}h0`, state));
  return group;
}

function cross([x, y]: Place): string {
  return `M${x - 1e4} ${y}H${x + 1e4}M${x} ${y - 1e4}V${y + 1e4}`;
}

function svg(tag: string, attributes: Readonly<Record<string, string>>): SVGElement {
  const element = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
  return element;
}

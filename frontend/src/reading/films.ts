/** The images of units as elements. */

import { make } from "../dom";
import { text } from "../messages";
import type { XRay } from "../x-ray";
import type { Unit, UnitImage } from "./contract";

/** A unit's only image, or each of several with its role in sight. */
export function filmsOf({ images }: Unit, label: string): HTMLElement[] {
  const [only, ...others] = images;
  if (only && others.length === 0) return [xRay(only, label)];
  return images.map((image) => film(image, label));
}

function xRay(image: UnitImage, label: string): XRay {
  const made = make("x-ray", {});
  put(made, image, label);
  return made;
}

/** Has an element show an image, as it came and without marks. */
export function put(film: XRay, image: UnitImage, label: string): void {
  const { address, width, height, synthetic, full } = image;
  film.full = full ?? undefined;
  film.drawn = [];
  film.mayDraw = false;
  film.toggleAttribute("synthetic", synthetic);
  film.setAttribute("label", label);
  film.setAttribute("width", String(width));
  film.setAttribute("height", String(height));
  film.setAttribute("src", address);
  film.marks = [];
}

function film(image: UnitImage, label: string): HTMLElement {
  const role = text(`role_${image.role}`);
  const caption = make("figcaption", {}, role);
  return make("figure", { class: "film" }, caption, xRay(image, `${label}, ${role}`));
}

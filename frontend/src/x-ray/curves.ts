import type { Film } from "./film";
import { curveOf, equalising } from "./tones";

/** Curves are made once for a film. */
export const curves = {
  plain: new WeakMap<Film, Uint16Array<ArrayBuffer> | undefined>(),
  equal: new WeakMap<Film, Uint16Array<ArrayBuffer>>(),

  of(film: Film): Uint16Array<ArrayBuffer> | undefined {
    if (!this.plain.has(film)) this.plain.set(film, curveOf(film.greys));
    return this.plain.get(film);
  },

  equalising(film: Film, histogram: Uint32Array): Uint16Array<ArrayBuffer> {
    const made = this.equal.get(film) ?? equalising(histogram, film.greys);
    this.equal.set(film, made);
    return made;
  },
};

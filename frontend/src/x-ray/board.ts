import type { Display } from "./display";
import { boxOf, type Mark, type Share } from "./marks";
import type { Overlay } from "./overlay";
import { Pen, type PenHost } from "./pen";
import { lengthWords } from "./tools";
import type { Point, Size } from "./viewport";

const REACH = 10;
const REACH_OF_A_FINGER = 22;

export interface BoardEvents {
  readonly marked: (marks: readonly Mark[]) => void;
  readonly measured: (words: string, at: Point | undefined) => void;
}

/** What is drawn over an image: places to look at, the reader's own marks, a ruler. */
export class Board {
  readonly ruler: Pen;
  readonly pen: Pen;
  readonly #display: Display;
  readonly #overlay: Overlay;
  readonly #events: BoardEvents;
  #places: readonly Share[] = [];
  #placed: string | undefined;

  constructor(display: Display, overlay: Overlay, events: BoardEvents) {
    this.#display = display;
    this.#overlay = overlay;
    this.#events = events;
    this.pen = new Pen(this.#host((marks) => events.marked(marks)));
    this.ruler = new Pen(this.#host(() => undefined));
    this.ruler.most = 1;
  }

  /** Whether the reader may draw: without it marks are only looked at. */
  mayDraw = false;

  set places(places: readonly Share[]) {
    this.#places = places;
    this.refresh();
  }

  showLayer(name: string, marks: readonly Mark[]): void {
    this.#overlay.show(name, marks);
    this.#placed = undefined;
    this.place();
  }

  /** The pen in the reader's hand. */
  get inHand(): Pen | undefined {
    if (this.ruler.kind) return this.ruler;
    return this.mayDraw ? this.pen : undefined;
  }

  down(at: Point, isTouch: boolean): boolean {
    const point = this.#display.toImage(at);
    const reach = (isTouch ? REACH_OF_A_FINGER : REACH) * this.#perPixel;
    return point !== undefined && (this.inHand?.down(point, reach) ?? false);
  }

  move(at: Point): void {
    const point = this.#display.toImage(at);
    if (point) this.inHand?.move(point);
  }

  /** Draws everything anew. */
  refresh(): void {
    const { film } = this.#display;
    const places = film ? this.#places.map((place) => boxOf(place, film)) : [];
    this.#overlay.show("places", places);
    this.#draw("own", this.pen);
    this.#draw("ruler", this.ruler);
    this.#placed = undefined;
    this.place();
  }

  /** Moves everything to where the image lies now. */
  place(): void {
    const { placement } = this.#display;
    if (this.#placed && String(placement) === this.#placed) return;
    this.#placed = String(placement);
    this.#overlay.place(placement);
    this.#measure();
  }

  #draw(layer: string, pen: Pen | undefined): void {
    // While the board is made, the first pen is told to draw before the second is there.
    if (!pen) return;
    this.#overlay.show(layer, pen.marks, pen.selected, pen.draft);
    this.#overlay.point(layer, pen.cursor);
  }

  #measure(): void {
    const { film } = this.#display;
    const [a, b] = (this.ruler?.draft ?? this.ruler?.marks[0])?.points ?? [];
    if (film && a && b) {
      const [x, y] = [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2];
      this.#events.measured(lengthWords(film, a, b), { x, y });
    } else this.#events.measured("", undefined);
  }

  get #perPixel(): number {
    return (globalThis.devicePixelRatio || 1) / this.#display.scale;
  }

  #host(changed: (marks: readonly Mark[]) => void): PenHost {
    const board = this;
    return {
      get image(): Size | undefined {
        return board.#display.film;
      },
      get reach(): number {
        return board.#perPixel;
      },
      refresh: () => board.refresh(),
      changed,
    };
  }
}

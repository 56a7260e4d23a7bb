import {
  corners, distanceTo, fewest, handles, inside, isWhole, shifted, withHandle, type Mark,
  type MarkKind, type Place,
} from "./marks";
import type { Point, Size } from "./viewport";

/** What was taken hold of: a mark, or one of its handles. */
interface Grip {
  readonly index: number;
  readonly handle: number;
  readonly from: Place;
  readonly before: Mark;
}

export interface PenHost {
  /** The image that is drawn on; undefined while there is none. */
  readonly image: Size | undefined;
  /** Pixels of the image for one CSS pixel. */
  readonly reach: number;
  /** To be drawn anew. */
  refresh(): void;
  /** A mark was drawn, moved, resized or deleted. */
  changed(marks: readonly Mark[]): void;
}

const STEP = 10;
const FINE = 1;
const ARROWS: Readonly<Record<string, Place>> = {
  ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1],
};

/** Draws, moves, resizes and deletes marks, by pointer or by keyboard. */
export class Pen {
  readonly #host: PenHost;
  #marks: readonly Mark[] = [];
  #kind: MarkKind | undefined;
  #label: string | undefined;
  #selected = -1;
  #draft: Place[] = [];
  #cursor: Place | undefined;
  #grip: Grip | undefined;
  #isDragging = false;
  /** Beyond it no further mark is drawn; a single one is drawn anew. */
  most = Infinity;

  constructor(host: PenHost) {
    this.#host = host;
  }

  get marks(): readonly Mark[] {
    return this.#marks;
  }

  set marks(marks: readonly Mark[]) {
    this.#marks = marks;
    this.#selected = Math.min(this.#selected, marks.length - 1);
    this.#host.refresh();
  }

  get kind(): MarkKind | undefined {
    return this.#kind;
  }

  /** What is drawn next; undefined only takes hold of what is there. */
  draw(kind: MarkKind | undefined, label?: string): void {
    this.#kind = kind;
    this.#label = label;
    this.cancel();
  }

  get selected(): number {
    return this.#selected;
  }

  set selected(index: number) {
    this.#selected = index;
    this.#host.refresh();
  }

  /** What is under way, as it would be now. */
  get draft(): Mark | undefined {
    const points = this.#cursor && !this.#isDragging ? [...this.#draft, this.#cursor] : this.#draft;
    if (!this.#kind || this.#draft.length === 0) return undefined;
    return this.#kind === "box" ? box(points) : { kind: this.#kind, points };
  }

  /** Where the keyboard's pen stands. */
  get cursor(): Place | undefined {
    return this.#kind && !this.#isDragging ? this.#cursor : undefined;
  }

  /** Whether the pen takes a press at a point of the image for itself. */
  down(at: Point, reach: number): boolean {
    const place = this.#inside(at);
    if (!place) return false;
    this.#cursor = undefined;
    if (this.#kind && this.#draft.length === 0 && this.#takeHold(place, reach, true)) return true;
    if (!this.#kind) return this.#takeHold(place, reach, false);
    if (this.#isClosedBy(place, reach)) return this.finish();
    this.#draft.push(place);
    this.#isDragging = true;
    this.#host.refresh();
    return true;
  }

  move(at: Point): void {
    const place = this.#inside(at);
    if (!place) return;
    if (this.#grip) this.#drag(this.#grip, place);
    else if (this.#isDragging && (this.#kind === "box" || this.#kind === "line")) {
      this.#draft.splice(1, 1, place);
      this.#host.refresh();
    }
  }

  up(): void {
    if (this.#grip) {
      const isChanged = this.#marks[this.#grip.index] !== this.#grip.before;
      this.#grip = undefined;
      if (isChanged) this.#host.changed(this.#marks);
      return;
    }
    this.#isDragging = false;
    const kind = this.#kind;
    if (kind && kind !== "polygon" && this.#draft.length >= fewest(kind)) this.finish();
  }

  /** Ends the mark under way; false where it has too few points. */
  finish(): boolean {
    const [draft, kind] = [this.draft, this.#kind];
    if (!draft || !kind) return false;
    const points = this.#draft.length >= fewest(kind) ? this.#draft : draft.points;
    const mark = kind === "box" ? box(points) : { kind, points };
    if (!isWhole(mark)) return false;
    this.#keep(this.#label === undefined ? mark : { ...mark, label: this.#label });
    return true;
  }

  /** Drops the mark under way; false where there is none. */
  cancel(): boolean {
    const isUnderWay = this.#draft.length > 0 || this.#cursor !== undefined;
    this.#draft = [];
    this.#cursor = undefined;
    this.#isDragging = false;
    this.#host.refresh();
    return isUnderWay;
  }

  remove(index = this.#selected): boolean {
    if (!this.#marks[index]) return false;
    this.#selected = -1;
    this.#change(this.#marks.filter((_, at) => at !== index));
    return true;
  }

  /**
   * Arrows, Enter or the space bar, Delete, Escape; false where they ask nothing of the pen.
   * With Shift the pen goes in small steps, and of a selected mark the last corner moves.
   */
  press(event: KeyboardEvent): boolean {
    if (event.ctrlKey || event.metaKey || event.altKey) return false;
    const step = ARROWS[event.key];
    if (event.key === "Escape") return this.#draft.length > 0 && this.cancel();
    if (event.key === "Delete" || event.key === "Backspace") return this.#draft.length === 0 && this.remove();
    if (step) return this.#step(step, event.shiftKey);
    return this.#kind !== undefined && (event.key === "Enter" || event.key === " ") && this.#put();
  }

  /** Moves the selected mark, or with `last` its last corner, by CSS pixels. */
  nudge([x, y]: Place, pixels: number, last: boolean): boolean {
    const [mark, { image, reach }] = [this.#marks[this.#selected], this.#host];
    if (!mark || !image) return false;
    const by = { x: x * pixels * reach, y: y * pixels * reach };
    const [hx, hy] = mark.points[mark.points.length - 1] as Place;
    const handle = mark.kind === "box" ? 2 : mark.points.length - 1;
    const moved = last
      ? withHandle(mark, handle, inside({ x: hx + by.x, y: hy + by.y }, image))
      : shifted(mark, by, image);
    if (!isWhole(moved)) return true;
    this.#change(this.#marks.map((one, index) => (index === this.#selected ? moved : one)));
    return true;
  }

  #step(by: Place, withShift: boolean): boolean {
    const { image, reach } = this.#host;
    if (!this.#kind || !image) return this.nudge(by, STEP / 2, withShift);
    const pixels = withShift ? FINE : STEP;
    const [x, y] = this.#cursor ?? [image.width / 2, image.height / 2];
    this.#cursor = inside({ x: x + by[0] * pixels * reach, y: y + by[1] * pixels * reach }, image);
    this.#host.refresh();
    return true;
  }

  /** A point where the keyboard's pen stands; twice at the same place ends a polygon. */
  #put(): boolean {
    if (!this.#cursor || !this.#kind) return false;
    const last = this.#draft[this.#draft.length - 1];
    if (last && last[0] === this.#cursor[0] && last[1] === this.#cursor[1]) return this.finish();
    this.#draft.push(this.#cursor);
    const isDone = this.#kind !== "polygon" && this.#draft.length >= fewest(this.#kind);
    if (!isDone || !this.finish()) this.#host.refresh();
    return true;
  }

  #keep(mark: Mark): void {
    const room = this.most > 1 ? this.#marks : [];
    this.#draft = [];
    this.#isDragging = false;
    if (room.length >= this.most) {
      this.#host.refresh();
      return;
    }
    this.#selected = room.length;
    this.#change([...room, mark]);
  }

  #change(marks: readonly Mark[]): void {
    this.#marks = marks;
    this.#host.refresh();
    this.#host.changed(marks);
  }

  /** With a pen in hand only handles of the selected mark are taken, so that marks may overlap. */
  #takeHold(place: Place, reach: number, onlyHandles: boolean): boolean {
    const own = this.#marks[this.#selected];
    const handle = own ? handles(own).findIndex((at) => near(at, place, reach)) : -1;
    if (own && handle >= 0) {
      this.#grip = { index: this.#selected, handle, from: place, before: own };
      return true;
    }
    if (onlyHandles) return false;
    const isNear = this.#marks.map((mark) => distanceTo(mark, place) <= reach);
    const index = isNear.lastIndexOf(true);
    this.selected = index;
    const before = this.#marks[index];
    if (before) this.#grip = { index, handle: -1, from: place, before };
    return before !== undefined;
  }

  #drag({ index, handle, from, before }: Grip, to: Place): void {
    const { image } = this.#host;
    if (!image) return;
    const by = { x: to[0] - from[0], y: to[1] - from[1] };
    const mark = handle < 0 ? shifted(before, by, image) : withHandle(before, handle, to);
    if (!isWhole(mark)) return;
    this.#marks = this.#marks.map((one, at) => (at === index ? mark : one));
    this.#host.refresh();
  }

  #isClosedBy(place: Place, reach: number): boolean {
    const [first] = this.#draft;
    const isEnough = this.#kind === "polygon" && this.#draft.length >= fewest("polygon");
    return isEnough && first !== undefined && near(first, place, reach);
  }

  #inside(at: Point): Place | undefined {
    return this.#host.image && inside(at, this.#host.image);
  }
}

function box(points: readonly Place[]): Mark {
  const [a, b = a] = points;
  return { kind: "box", points: a && b ? corners(a, b) : [] };
}

function near(a: Place, b: Place, reach: number): boolean {
  return Math.hypot(a[0] - b[0], a[1] - b[1]) <= reach;
}

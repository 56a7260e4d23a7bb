/** Marks on an image, in its own pixels from the upper left corner, at full precision. */

import type { Point, Size } from "./viewport";

export type MarkKind = "box" | "dot" | "polygon" | "line";
export type Place = readonly [x: number, y: number];

/** A box has its upper left and lower right corner, a line and a polygon their points in order. */
export interface Mark {
  readonly kind: MarkKind;
  readonly points: readonly Place[];
  readonly label?: string;
}

/** A part of an image: shares of its width and height, from the upper left. */
export interface Share extends Point, Size {}

export function boxOf({ x, y, width, height }: Share, image: Size): Mark {
  const [left, top] = [x * image.width, y * image.height];
  const corner: Place = [left + width * image.width, top + height * image.height];
  return { kind: "box", points: [[left, top], corner] };
}

/** How many points a mark needs; a polygon may have more. */
export function fewest(kind: MarkKind): number {
  return { dot: 1, line: 2, box: 2, polygon: 3 }[kind];
}

/** What can be taken hold of: the corners of a box, the points of the others. */
export function handles({ kind, points }: Mark): readonly Place[] {
  const [a, b] = points;
  if (kind !== "box" || !a || !b) return points;
  return [a, [b[0], a[1]], b, [a[0], b[1]]];
}

/** The same mark with one of its handles elsewhere. */
export function withHandle(mark: Mark, handle: number, to: Place): Mark {
  if (mark.kind !== "box") {
    return { ...mark, points: mark.points.map((point, index) => (index === handle ? to : point)) };
  }
  const opposite = handles(mark)[(handle + 2) % 4] as Place;
  return { ...mark, points: corners(opposite, to) };
}

export function corners(a: Place, b: Place): readonly Place[] {
  return [
    [Math.min(a[0], b[0]), Math.min(a[1], b[1])], [Math.max(a[0], b[0]), Math.max(a[1], b[1])],
  ];
}

/** The same mark moved as far as the image allows. */
export function shifted(mark: Mark, by: Point, image: Size): Mark {
  const across = mark.points.map(([x]) => x);
  const down = mark.points.map(([, y]) => y);
  const x = within(by.x, -Math.min(...across), image.width - Math.max(...across));
  const y = within(by.y, -Math.min(...down), image.height - Math.max(...down));
  return { ...mark, points: mark.points.map(([a, b]): Place => [a + x, b + y]) };
}

export function inside({ x, y }: Point, image: Size): Place {
  return [within(x, 0, image.width), within(y, 0, image.height)];
}

/** Whether a mark has enough points, and more than one place where it needs an extent. */
export function isWhole({ kind, points }: Mark): boolean {
  if (points.length < fewest(kind)) return false;
  const [a, b] = points;
  return kind !== "box" || (a !== undefined && b !== undefined && a[0] < b[0] && a[1] < b[1]);
}

/** How far a place is from a mark's outline, or 0 where it lies inside. */
export function distanceTo(mark: Mark, [x, y]: Place): number {
  const outline = mark.kind === "box" ? handles(mark) : mark.points;
  const [first] = outline;
  if (!first) return Infinity;
  if (outline.length === 1) return Math.hypot(x - first[0], y - first[1]);
  const isClosed = mark.kind === "box" || mark.kind === "polygon";
  const ends = isClosed ? [...outline, first] : outline;
  const sides = ends.slice(1).map((end, index) => toSide(x, y, ends[index] as Place, end));
  return isClosed && contains(outline, x, y) ? 0 : Math.min(...sides);
}

function toSide(x: number, y: number, [ax, ay]: Place, [bx, by]: Place): number {
  const [dx, dy] = [bx - ax, by - ay];
  const along = ((x - ax) * dx + (y - ay) * dy) / (dx * dx + dy * dy || 1);
  const share = within(along, 0, 1);
  return Math.hypot(x - ax - share * dx, y - ay - share * dy);
}

/** Even-odd rule. */
function contains(outline: readonly Place[], x: number, y: number): boolean {
  let isIn = false;
  let before = outline[outline.length - 1] as Place;
  for (const here of outline) {
    const [[ax, ay], [bx, by]] = [before, here];
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) isIn = !isIn;
    before = here;
  }
  return isIn;
}

function within(value: number, low: number, high: number): number {
  return Math.min(high, Math.max(low, value));
}

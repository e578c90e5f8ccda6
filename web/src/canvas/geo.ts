/** Points, boxes and angles in diagram units. */
import type { Point, Shape } from './schema';


export interface Box {
  x: number;
  y: number;
  w: number;
  h: number;
}

export const boxOf = ({ at: [x, y], size: [w, h] }: Pick<Shape, 'at' | 'size'>): Box => ({ x, y, w, h });

export const centreOf = ({ at: [x, y], size: [w, h] }: Pick<Shape, 'at' | 'size'>): Point => [x + w / 2, y + h / 2];

export function rotate([x, y]: Point, [cx, cy]: Point, degrees: number): Point {
  if (degrees === 0) return [x, y];
  const radians = (degrees * Math.PI) / 180;
  const [sin, cos] = [Math.sin(radians), Math.cos(radians)];
  return [cx + (x - cx) * cos - (y - cy) * sin, cy + (x - cx) * sin + (y - cy) * cos];
}

/** The corners, clockwise from the top left. */
export function cornersOf(shape: Pick<Shape, 'at' | 'size' | 'angle'>): Point[] {
  const { x, y, w, h } = boxOf(shape);
  const centre = centreOf(shape);
  return ([[x, y], [x + w, y], [x + w, y + h], [x, y + h]] as Point[]).map((point) => rotate(point, centre, shape.angle));
}

export function boxAround(points: Iterable<Point>): Box {
  let [left, top, right, bottom] = [Infinity, Infinity, -Infinity, -Infinity];
  for (const [x, y] of points) {
    left = Math.min(left, x);
    top = Math.min(top, y);
    right = Math.max(right, x);
    bottom = Math.max(bottom, y);
  }
  return left > right ? { x: 0, y: 0, w: 0, h: 0 } : { x: left, y: top, w: right - left, h: bottom - top };
}

export const boundsOf = (shape: Pick<Shape, 'at' | 'size' | 'angle'>): Box => (shape.angle === 0 ? boxOf(shape) : boxAround(cornersOf(shape)));

export function union(boxes: Iterable<Box>): Box | null {
  const points: Point[] = [];
  for (const { x, y, w, h } of boxes) points.push([x, y], [x + w, y + h]);
  return points.length === 0 ? null : boxAround(points);
}

export const overlaps = (a: Box, b: Box): boolean => a.x <= b.x + b.w && b.x <= a.x + a.w && a.y <= b.y + b.h && b.y <= a.y + a.h;
export const holds = (a: Box, b: Box): boolean => a.x <= b.x && a.y <= b.y && a.x + a.w >= b.x + b.w && a.y + a.h >= b.y + b.h;
export const inBox = ([px, py]: Point, { x, y, w, h }: Box): boolean => px >= x && px <= x + w && py >= y && py <= y + h;
export const grown = ({ x, y, w, h }: Box, by: number): Box => ({ x: x - by, y: y - by, w: w + 2 * by, h: h + 2 * by });
export const boxBetween = ([ax, ay]: Point, [bx, by]: Point): Box => ({ x: Math.min(ax, bx), y: Math.min(ay, by), w: Math.abs(bx - ax), h: Math.abs(by - ay) });
export const add = ([x, y]: Point, [dx, dy]: Point): Point => [x + dx, y + dy];
/** A plain root, as the server takes it: `Math.hypot` gives another last digit. */
export const distance = ([ax, ay]: Point, [bx, by]: Point): number => Math.sqrt((bx - ax) * (bx - ax) + (by - ay) * (by - ay));
export const round = (value: number): number => Math.round(value * 100) / 100 + 0;
export const roundPoint = ([x, y]: Point): Point => [round(x), round(y)];

/** How far a point is from the piece of line between two others. */
export function distanceToSegment(p: Point, a: Point, b: Point): number {
  const [dx, dy] = [b[0] - a[0], b[1] - a[1]];
  const length = dx * dx + dy * dy;
  const t = length === 0 ? 0 : Math.max(0, Math.min(1, ((p[0] - a[0]) * dx + (p[1] - a[1]) * dy) / length));
  return distance(p, [a[0] + t * dx, a[1] + t * dy]);
}

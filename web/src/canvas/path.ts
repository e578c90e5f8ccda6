/** Builds the `d` of an SVG path, with the same numbers as `crates/content/src/diagram/svg.rs`. */
import type { Point } from './schema';

/** A number with two decimals at most, halves up. */
export function number(value: number): string {
  const rounded = Math.floor(value * 100 + 0.5) / 100;
  return rounded === 0 ? '0' : String(rounded);
}

/** The control points of a quarter of an ellipse, of its radius. */
const ARC = 0.5523;

const at = ([x, y]: Point): string => `${number(x)} ${number(y)}`;

export class Path {
  d = '';

  start(to: Point): void {
    this.d += `M${at(to)}`;
  }

  line(to: Point): void {
    this.d += `L${at(to)}`;
  }

  bend(by: Point, to: Point): void {
    this.d += `Q${at(by)} ${at(to)}`;
  }

  curve(a: Point, b: Point, to: Point): void {
    this.d += `C${at(a)} ${at(b)} ${at(to)}`;
  }

  close(): void {
    this.d += 'Z';
  }

  polyline(points: readonly Point[]): void {
    points.forEach((point, index) => (index === 0 ? this.start(point) : this.line(point)));
  }

  polygon(points: readonly Point[]): void {
    this.polyline(points);
    this.close();
  }

  rect(x: number, y: number, w: number, h: number): void {
    this.polygon([[x, y], [x + w, y], [x + w, y + h], [x, y + h]]);
  }

  ellipse(x: number, y: number, w: number, h: number): void {
    const [rx, ry] = [w / 2, h / 2];
    const [cx, cy] = [x + rx, y + ry];
    this.start([x, cy]);
    this.curve([x, cy - ry * ARC], [cx - rx * ARC, y], [cx, y]);
    this.curve([cx + rx * ARC, y], [x + w, cy - ry * ARC], [x + w, cy]);
    this.curve([x + w, cy + ry * ARC], [cx + rx * ARC, y + h], [cx, y + h]);
    this.curve([cx - rx * ARC, y + h], [x, cy + ry * ARC], [x, cy]);
    this.close();
  }

  rounded(x: number, y: number, w: number, h: number, radius: number): void {
    const r = Math.min(radius, w / 2, h / 2);
    const [right, bottom] = [x + w, y + h];
    this.start([x + r, y]);
    this.line([right - r, y]);
    this.bend([right, y], [right, y + r]);
    this.line([right, bottom - r]);
    this.bend([right, bottom], [right - r, bottom]);
    this.line([x + r, bottom]);
    this.bend([x, bottom], [x, bottom - r]);
    this.line([x, y + r]);
    this.bend([x, y], [x + r, y]);
    this.close();
  }

  /** A closed cylinder's body, and the rim of its lid on `lid`. */
  cylinder(x: number, y: number, w: number, h: number, lid: Path): void {
    const r = h * 0.1;
    const [right, bottom, half] = [x + w, y + h, w / 2];
    this.start([x, y + r]);
    this.curve([x, y + r - r * ARC], [x + half - half * ARC, y], [x + half, y]);
    this.curve([x + half + half * ARC, y], [right, y + r - r * ARC], [right, y + r]);
    this.line([right, bottom - r]);
    this.curve([right, bottom - r + r * ARC], [x + half + half * ARC, bottom], [x + half, bottom]);
    this.curve([x + half - half * ARC, bottom], [x, bottom - r + r * ARC], [x, bottom - r]);
    this.close();
    lid.start([x, y + r]);
    lid.curve([x, y + r + r * ARC], [x + half - half * ARC, y + r * 2], [x + half, y + r * 2]);
    lid.curve([x + half + half * ARC, y + r * 2], [right, y + r + r * ARC], [right, y + r]);
  }

  /** Through the middles between points, from the first to the last. */
  smooth(points: readonly Point[]): void {
    const [first, last] = [points[0], points.at(-1)];
    if (first === undefined || last === undefined) return;
    this.start(first);
    for (let i = 1; i < points.length - 1; i += 1) {
      const [a, b] = [points[i], points[i + 1]] as [Point, Point];
      this.bend(a, [(a[0] + b[0]) / 2, (a[1] + b[1]) / 2]);
    }
    this.line(last);
  }
}

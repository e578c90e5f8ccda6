/** What lies at a point or in a rectangle. Pure. */
import { isBehind, labelOf } from './drawing';
import { boundsOf, boxOf, centreOf, distanceToSegment, grown, holds, inBox, overlaps, rotate, type Box } from './geo';
import { strokeOf, type Way } from './geometry';
import type { Connector, Element, Point, Shape } from './schema';

/** Whether a point lies on a shape, or within `reach` of what is drawn of it. */
export function isOnShape(shape: Shape, point: Point, reach: number): boolean {
  const box = boxOf(shape);
  const local = rotate(point, centreOf(shape), -shape.angle);
  if (shape.kind === 'frame') {
    // A frame is taken by its name or its edge: what lies in it is inside, not on it.
    const name: Box = { x: box.x, y: box.y - shape.style.fontSize * 1.6, w: Math.min(box.w, 240), h: shape.style.fontSize * 1.6 };
    return inBox(local, name) || (inBox(local, grown(box, reach)) && !inBox(local, grown(box, -reach)));
  }
  if (!inBox(local, grown(box, reach))) return false;
  if (shape.kind === 'draw') {
    const line = strokeOf(shape);
    const near = reach + shape.style.strokeWidth / 2;
    if (line.length === 1) return Math.hypot(local[0] - (line[0] as Point)[0], local[1] - (line[0] as Point)[1]) <= near;
    return line.some((at, index) => index > 0 && distanceToSegment(local, line[index - 1] as Point, at) <= near);
  }
  const isEdge = !inBox(local, grown(box, -reach));
  if (shape.kind === 'boundary') return isEdge || local[1] > box.y + box.h - shape.style.fontSize * 2;
  // What shows nothing inside is taken by its edge, or by its text.
  if (shape.style.fill === 'none' && !['text', 'image', 'card', 'actor'].includes(shape.kind)) return isEdge || (shape.text !== '' && inBox(local, grown({ ...box }, -Math.min(box.w, box.h) / 4)));
  const [cx, cy] = [(local[0] - box.x) / box.w, (local[1] - box.y) / box.h];
  if (shape.kind === 'ellipse') return (2 * cx - 1) ** 2 + (2 * cy - 1) ** 2 <= 1.05;
  if (shape.kind === 'diamond') return Math.abs(2 * cx - 1) + Math.abs(2 * cy - 1) <= 1.05;
  if (shape.kind === 'triangle') return cy >= Math.abs(2 * cx - 1) - 0.05;
  return true;
}

export function isOnConnector(connector: Connector, way: Way, point: Point, reach: number): boolean {
  const label = labelOf(connector, way.middle);
  if (label !== null && inBox(point, label.place)) return true;
  if (!inBox(point, grown(way.bounds, reach + 4))) return false;
  const near = reach + connector.style.strokeWidth / 2;
  return way.line.some((at, index) => index > 0 && distanceToSegment(point, way.line[index - 1] as Point, at) <= near);
}

/** Frames lie behind connectors, connectors behind shapes. */
const band = (element: Element): number => (element.type === 'connector' ? 1 : isBehind(element.kind) ? 0 : 2);

/** Back to front as they are drawn. */
export function painted<E extends Element>(order: readonly E[]): E[] {
  const bands: E[][] = [[], [], []];
  for (const element of order) bands[band(element)]?.push(element);
  return bands.flat();
}

/** The one in front at a point. */
export function elementAt(drawn: readonly Element[], wayOf: (id: string) => Way | null, point: Point, reach: number): Element | null {
  for (let i = drawn.length - 1; i >= 0; i -= 1) {
    const element = drawn[i] as Element;
    if (element.type === 'shape') {
      if (isOnShape(element, point, reach)) return element;
      continue;
    }
    const way = wayOf(element.id);
    if (way !== null && isOnConnector(element, way, point, reach)) return element;
  }
  return null;
}

/** The shape in front whose box a point lies in: where a connector would hold on. */
export function shapeAt(drawn: readonly Element[], point: Point, reach: number, except?: string): Shape | null {
  for (let i = drawn.length - 1; i >= 0; i -= 1) {
    const element = drawn[i] as Element;
    if (element.type !== 'shape' || element.id === except || element.kind === 'draw') continue;
    const local = rotate(point, centreOf(element), -element.angle);
    const box = boxOf(element);
    if (isBehind(element.kind) ? isOnShape(element, point, reach) : inBox(local, grown(box, reach))) return element;
  }
  return null;
}

/** What lies in a rectangle: a shape that it touches, but a frame only as a whole. */
export function elementsIn(order: readonly Element[], wayOf: (id: string) => Way | null, box: Box): string[] {
  return order.flatMap((element) => {
    if (element.locked) return [];
    if (element.type === 'connector') {
      const way = wayOf(element.id);
      return way !== null && holds(box, way.bounds) ? [element.id] : [];
    }
    const bounds = boundsOf(element);
    return (isBehind(element.kind) ? holds(box, bounds) : overlaps(box, bounds)) ? [element.id] : [];
  });
}

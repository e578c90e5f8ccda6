/** Putting shapes in line. Pure. */
import { boundsOf, union, type Box } from './geo';
import type { Point, Shape } from './schema';

export type Alignment = 'left' | 'centre' | 'right' | 'top' | 'middle' | 'bottom';
type Places = Map<string, { at: Point }>;

/** Things that move as one: a group, or a shape by itself. */
export interface Unit {
  ids: string[];
  box: Box;
}

/** The shapes as units: those with one outermost group move together. */
export function unitsOf(shapes: readonly Shape[]): Unit[] {
  const groups = new Map<string, Shape[]>();
  for (const shape of shapes) {
    const key = shape.groups.at(-1) ?? `:${shape.id}`;
    groups.set(key, [...(groups.get(key) ?? []), shape]);
  }
  return [...groups.values()].map((members) => ({ ids: members.map(({ id }) => id), box: union(members.map(boundsOf)) as Box }));
}

function shifted(shapes: readonly Shape[], units: readonly Unit[], by: (unit: Unit) => Point): Places {
  const places: Places = new Map();
  const byId = new Map(shapes.map((shape) => [shape.id, shape]));
  for (const unit of units) {
    const [dx, dy] = by(unit);
    if (dx === 0 && dy === 0) continue;
    for (const id of unit.ids) {
      const { at } = byId.get(id) as Shape;
      places.set(id, { at: [at[0] + dx, at[1] + dy] });
    }
  }
  return places;
}

export function align(shapes: readonly Shape[], to: Alignment): Places {
  const units = unitsOf(shapes);
  const all = union(units.map(({ box }) => box));
  if (all === null) return new Map();
  return shifted(shapes, units, ({ box }) => {
    switch (to) {
      case 'left':
        return [all.x - box.x, 0];
      case 'centre':
        return [all.x + all.w / 2 - box.x - box.w / 2, 0];
      case 'right':
        return [all.x + all.w - box.x - box.w, 0];
      case 'top':
        return [0, all.y - box.y];
      case 'middle':
        return [0, all.y + all.h / 2 - box.y - box.h / 2];
      case 'bottom':
        return [0, all.y + all.h - box.y - box.h];
    }
  });
}

/** Makes the gaps between neighbours equal; the outer ones stay. */
export function distribute(shapes: readonly Shape[], axis: 'x' | 'y'): Places {
  const length = axis === 'x' ? 'w' : 'h';
  const units = unitsOf(shapes).sort((a, b) => a.box[axis] - b.box[axis]);
  const [first, last] = [units[0], units.at(-1)];
  if (first === undefined || last === undefined || units.length < 3) return new Map();
  const room = last.box[axis] + last.box[length] - first.box[axis];
  const gap = (room - units.reduce((sum, { box }) => sum + box[length], 0)) / (units.length - 1);
  const to = new Map<Unit, number>();
  let at = first.box[axis];
  for (const unit of units) {
    to.set(unit, at - unit.box[axis]);
    at += unit.box[length] + gap;
  }
  return shifted(shapes, units, (unit) => (axis === 'x' ? [to.get(unit) ?? 0, 0] : [0, to.get(unit) ?? 0]));
}

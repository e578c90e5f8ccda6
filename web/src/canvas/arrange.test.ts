import { describe, expect, it } from 'vitest';
import { align, distribute } from './arrange';
import { simplified } from './gestures';
import { elementAt, elementsIn, isOnShape, painted } from './hit';
import { shapeFrom, type Shape } from './schema';
import { snapBox } from './snap';
import { subtreeDiagram, treePlaces } from './subtree';

const shape = (id: string, x: number, y: number, w: number, h: number, more = {}): Shape => shapeFrom(id, { kind: 'rectangle', at: [x, y], size: [w, h], ...more }, '') as Shape;

describe('arranging', () => {
  const three = [shape('a', 0, 0, 100, 40), shape('b', 250, 60, 50, 40), shape('c', 500, 10, 100, 80)];

  it('aligns edges and middles', () => {
    expect(align(three, 'left').get('c')).toEqual({ at: [0, 10] });
    expect(align(three, 'bottom').get('a')).toEqual({ at: [0, 60] });
    expect(align(three, 'middle').get('b')).toEqual({ at: [250, 30] });
    expect(align(three, 'left').has('a')).toBe(false);
  });

  it('moves a group as one', () => {
    const grouped = [shape('a', 0, 0, 10, 10, { groups: ['g'] }), shape('b', 20, 5, 10, 10, { groups: ['g'] }), shape('c', 100, 50, 10, 10)];
    const places = align(grouped, 'right');
    expect(places.get('a')).toEqual({ at: [80, 0] });
    expect(places.get('b')).toEqual({ at: [100, 5] });
  });

  it('makes the gaps equal and leaves the outer ones', () => {
    const places = distribute(three, 'x');
    expect([...places.keys()]).toEqual(['b']);
    expect(places.get('b')?.at[0]).toBe(275);
  });
});

describe('snapping', () => {
  const other = { x: 200, y: 100, w: 80, h: 40 };

  it('goes to the nearest edge or middle, and shows with what it is in line', () => {
    const { dx, dy, guides } = snapBox({ x: 203, y: 300, w: 80, h: 40 }, [other], 6, null);
    expect([dx, dy]).toEqual([-3, 0]);
    expect(guides.map(({ axis, at }) => [axis, at])).toEqual([['x', 200], ['x', 240], ['x', 280]]);
    expect(guides[0]).toMatchObject({ from: 100, to: 340 });
  });

  it('goes to the grid when nothing is near, and nowhere without one', () => {
    expect(snapBox({ x: 13, y: 18, w: 10, h: 10 }, [], 6, 10)).toMatchObject({ dx: -3, dy: 2, guides: [] });
    expect(snapBox({ x: 13, y: 18, w: 10, h: 10 }, [other], 6, null)).toMatchObject({ dx: 0, dy: 0 });
  });
});

describe('what lies where', () => {
  const frame = shape('f', 0, 0, 400, 300, { kind: 'frame' });
  const box = shape('b', 50, 50, 100, 60);
  const over = shape('o', 100, 80, 100, 60, { kind: 'ellipse' });

  it('is the one in front, and a frame only by its edge or name', () => {
    const drawn = painted([over, box, frame].reverse());
    expect(drawn[0]?.id).toBe('f');
    expect(elementAt(drawn, () => null, [150, 110], 4)?.id).toBe('o');
    expect(elementAt(drawn, () => null, [300, 250], 4)).toBeNull();
    expect(elementAt(drawn, () => null, [300, 1], 4)?.id).toBe('f');
    expect(elementAt(drawn, () => null, [20, -8], 4)?.id).toBe('f');
  });

  it('follows the outline and the angle', () => {
    expect(isOnShape(over, [103, 83], 1)).toBe(false);
    const turned = shape('t', 0, 0, 200, 20, { angle: 90 });
    expect(isOnShape(turned, [100, -60], 1)).toBe(true);
    expect(isOnShape(turned, [10, 10], 1)).toBe(false);
    const open = shape('n', 0, 0, 100, 100, { fill: 'none' });
    expect(isOnShape(open, [50, 50], 4)).toBe(false);
    expect(isOnShape(open, [1, 50], 4)).toBe(true);
  });

  it('in a rectangle are shapes that it touches, whole frames, and nothing locked', () => {
    const locked = shape('l', 60, 60, 10, 10, { locked: true });
    expect(elementsIn([frame, box, locked], () => null, { x: 40, y: 40, w: 20, h: 20 })).toEqual(['b']);
    expect(elementsIn([frame], () => null, { x: -1, y: -1, w: 402, h: 302 })).toEqual(['f']);
  });
});

describe('a pen’s line', () => {
  it('loses points that say nothing', () => {
    const straight = Array.from({ length: 50 }, (_, n) => [n, n * 2, 0.5]).flat();
    expect(simplified(straight, 0.1)).toEqual([0, 0, 0.5, 49, 98, 0.5]);
    const corner = [0, 0, 1, 50, 0, 1, 50, 50, 1];
    expect(simplified(corner, 1)).toEqual(corner);
  });
});

describe('a subtree', () => {
  const children = (id: string) => ({ root: ['a', 'b'], a: ['c', 'd', 'e'] })[id] ?? [];

  it('is laid out level by level, parents over their children, nothing over another', () => {
    const places = treePlaces('root', children, [100, 50], [20, 30]);
    expect(places.get('a')).toEqual([120, 80]);
    expect(places.get('root')?.[1]).toBe(0);
    const boxes = [...places.values()].map(([x, y]) => `${x},${y}`);
    expect(new Set(boxes).size).toBe(6);
    for (const [x, y] of places.values()) for (const [p, q] of places.values()) if (y === q && x !== p) expect(Math.abs(x - p)).toBeGreaterThanOrEqual(120);
  });

  it('becomes cards and connectors', () => {
    const { shapes, connectors } = subtreeDiagram('root', children);
    expect(shapes.map(({ item }) => item).sort()).toEqual(['a', 'b', 'c', 'd', 'e', 'root']);
    expect(connectors).toHaveLength(5);
    expect(new Set(connectors.map(({ id }) => id)).size).toBe(5);
  });
});

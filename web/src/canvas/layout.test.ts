import { describe, expect, it } from 'vitest';
import { laidOut, layout, type LayoutOptions } from './layout';
import type { ConnectorJson, DiagramJson, ShapeJson } from './schema';

const shape = (id: string, extra: Partial<ShapeJson> = {}): ShapeJson => ({ id, rank: 'a0', kind: 'rectangle', at: [0, 0], size: [100, 60], ...extra });
const line = (from: string, to: string, extra: Partial<ConnectorJson> = {}): ConnectorJson => ({ id: `${from}-${to}`, rank: 'a0', from: { shape: from, side: 'auto' }, to: { shape: to, side: 'auto' }, ...extra });
const diagram = (shapes: ShapeJson[], connectors: ConnectorJson[] = []): DiagramJson => ({ canopy: 'diagram', version: 1, title: '', shapes, connectors });
const by = ({ shapes }: DiagramJson) => Object.fromEntries(shapes.map((one) => [one.id, one]));

function overlaps(shapes: ShapeJson[]): string[] {
  return shapes.flatMap((a, i) =>
    shapes
      .slice(i + 1)
      .filter((b) => a.at[0] < b.at[0] + b.size[0] && b.at[0] < a.at[0] + a.size[0] && a.at[1] < b.at[1] + b.size[1] && b.at[1] < a.at[1] + a.size[1])
      .map((b) => `${a.id}/${b.id}`),
  );
}

const chain = diagram([shape('a', { at: [200, 300] }), shape('b', { at: [220, 310] }), shape('c', { at: [210, 320] }), shape('d', { at: [230, 330] })], [line('a', 'b'), line('b', 'c'), line('a', 'd')]);

describe.each(['layered', 'tree'] as const)('%s', (kind) => {
  it.each([
    ['down', 1, 1],
    ['up', 1, -1],
    ['right', 0, 1],
    ['left', 0, -1],
  ] as const)('leads %s', (direction, axis, sign) => {
    const { a, b, c, d } = by(laidOut(chain, { kind, direction }));
    expect(sign * (b!.at[axis] - a!.at[axis])).toBeGreaterThan(60);
    expect(sign * (c!.at[axis] - b!.at[axis])).toBeGreaterThan(60);
    expect(d!.at[axis]).toBe(b!.at[axis]);
    expect(overlaps([a!, b!, c!, d!])).toEqual([]);
  });

  it('keeps the corner where the shapes were, and their sizes', () => {
    const { shapes } = laidOut(chain, { kind, direction: 'down' });
    expect([Math.min(...shapes.map(({ at }) => at[0])), Math.min(...shapes.map(({ at }) => at[1]))]).toEqual([200, 300]);
    expect(shapes.every(({ size }) => size[0] === 100 && size[1] === 60)).toBe(true);
  });

  it('is the same when done again', () => {
    const once = laidOut(chain, { kind, direction: 'right' });
    expect(layout(once, { kind, direction: 'right' })).toEqual({ shapes: [], connectors: [] });
  });

  it('puts frames around what they hold, with connectors across them', () => {
    const framed = diagram(
      [
        shape('f', { kind: 'frame', size: [10, 10] }),
        shape('g', { kind: 'frame', size: [10, 10], frame: 'f' }),
        shape('a', { frame: 'g' }),
        shape('b', { frame: 'g' }),
        shape('c', { frame: 'f' }),
        shape('d'),
      ],
      [line('a', 'b'), line('b', 'c'), line('c', 'd'), line('a', 'f')],
    );
    const { a, b, c, d, f, g } = by(laidOut(framed, { kind, direction: 'down' }));
    const inside = (inner: ShapeJson, outer: ShapeJson) =>
      inner.at[0] >= outer.at[0] && inner.at[1] >= outer.at[1] && inner.at[0] + inner.size[0] <= outer.at[0] + outer.size[0] && inner.at[1] + inner.size[1] <= outer.at[1] + outer.size[1];
    expect([inside(a!, g!), inside(b!, g!), inside(g!, f!), inside(c!, f!), inside(d!, f!)]).toEqual([true, true, true, true, false]);
    expect(overlaps([a!, b!, c!, d!])).toEqual([]);
    expect(overlaps([f!, d!])).toEqual([]);
    expect(overlaps([g!, c!])).toEqual([]);
  });

  it('moves a group as one', () => {
    const grouped = diagram([shape('a', { groups: ['x'] }), shape('b', { at: [30, 200], groups: ['y', 'x'] }), shape('c')], [line('c', 'a')]);
    const { a, b, c } = by(laidOut(grouped, { kind, direction: 'down' }));
    expect([b!.at[0] - a!.at[0], b!.at[1] - a!.at[1]]).toEqual([30, 200]);
    expect(overlaps([a!, b!, c!])).toEqual([]);
  });

  it('leaves what is locked, and places the rest as if it were not there', () => {
    const { a, b } = by(laidOut(diagram([shape('a', { at: [7, 7], locked: true }), shape('b', { at: [7, 7] })], [line('a', 'b')]), { kind, direction: 'down' }));
    expect([a!.at, b!.at]).toEqual([[7, 7], [7, 7]]);
  });

  it('takes circles, loops and connectors that are there twice', () => {
    const circle = diagram([shape('a'), shape('b'), shape('c')], [line('a', 'b'), line('b', 'c'), line('c', 'a'), line('a', 'a'), line('a', 'b', { id: 'again', text: 'a label' })]);
    expect(overlaps(laidOut(circle, { kind, direction: 'down' }).shapes)).toEqual([]);
  });

  it('puts what is not connected in rows', () => {
    const { shapes } = laidOut(diagram(Array.from({ length: 30 }, (_, i) => shape(`n${i}`))), { kind, direction: 'down' });
    expect(overlaps(shapes)).toEqual([]);
    expect(new Set(shapes.map(({ at }) => at[1])).size).toBeGreaterThan(3);
  });

  it('takes away waypoints that led around what was there', () => {
    const bent = { ...chain, connectors: [line('a', 'b', { route: 'straight', points: [[5, 5]] }), { ...line('a', 'b'), id: 'free', from: { at: [0, 0] }, to: { at: [9, 9] }, points: [[4, 4]] } as ConnectorJson] };
    const { connectors } = laidOut(bent, { kind, direction: 'down' });
    expect(connectors.map(({ points }) => points)).toEqual([undefined, [[4, 4]]]);
  });

  it('lets connectors leave and arrive the way they lead, and those that lead back where it is shorter', () => {
    const back = { ...chain, connectors: [...chain.connectors, line('c', 'a')] };
    const { connectors } = laidOut(back, { kind, direction: 'right' });
    const sides = connectors.map(({ from, to }) => [from, to].map((end) => ('shape' in end ? end.side : '')));
    expect(sides).toEqual([['right', 'left'], ['right', 'left'], ['right', 'left'], ['auto', 'auto']]);
  });

  it('lays out 2,000 shapes and the deepest chain', () => {
    const options: LayoutOptions = { kind, direction: 'down' };
    const ids = Array.from({ length: 2000 }, (_, i) => `n${i}`);
    const wide = diagram(ids.map((id) => shape(id)), ids.slice(1).map((id, i) => line(`n${Math.floor(i / 3)}`, id)));
    expect(layout(wide, options).shapes.length).toBeGreaterThan(1990);
    const deep = diagram(ids.map((id) => shape(id)), ids.slice(1).map((id, i) => line(`n${i}`, id)));
    expect(new Set(laidOut(deep, options).shapes.map(({ at }) => at[1])).size).toBe(2000);
  }, 120_000);
});

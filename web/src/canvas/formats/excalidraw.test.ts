import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX } from '../schema';
import { readExcalidraw } from './excalidraw';

const fixture = (name: string) => readExcalidraw(readFileSync(join(import.meta.dirname, `fixtures/excalidraw/${name}.excalidraw`), 'utf8'));
const file = (elements: unknown[], more: object = {}) => JSON.stringify({ type: 'excalidraw', version: 2, elements, ...more });

describe('Excalidraw', () => {
  it('says what it can’t read', () => {
    expect(() => readExcalidraw('{}')).toThrow(/not an Excalidraw file/);
    expect(() => readExcalidraw('{"type":"excalidraw","elements":{}}')).toThrow(/not an Excalidraw file/);
    expect(() => readExcalidraw('<xml/>')).toThrow(/not valid JSON/);
  });

  it('reads what Excalidraw puts on the clipboard', () => {
    const { diagram } = readExcalidraw(file([{ id: 'a', type: 'ellipse', x: 1, y: 2, width: 30, height: 40 }], { type: 'excalidraw/clipboard' }));
    expect(diagram.shapes).toMatchObject([{ kind: 'ellipse', at: [1, 2], size: [30, 40] }]);
  });

  it('keeps shapes where they are, turned about their centre', () => {
    const { shapes } = fixture('shapes').diagram;
    expect(shapes.map(({ kind, at, size }) => [kind, ...at, ...size])).toEqual([
      ['rectangle', 0, 0, 120, 60], ['rounded', 160, 0, 120, 60], ['diamond', 320, 0, 120, 80], ['ellipse', 480, 0, 100, 100], ['rectangle', 0, 150, 100, 50],
    ]);
    expect(shapes[4]!.angle).toBe(45);
  });

  it('puts texts into what they belong to', () => {
    const { shapes, connectors } = fixture('texts').diagram;
    expect(shapes.map(({ kind, text }) => [kind, text])).toEqual([['text', 'Free text\nin two lines'], ['rectangle', 'In the box']]);
    expect(connectors[0]).toMatchObject({ text: 'on the arrow', fontSize: 20 });
  });

  it('attaches arrows to what they are bound to', () => {
    const { shapes, connectors } = fixture('bindings').diagram;
    const kind = Object.fromEntries(shapes.map((shape) => [shape.id, shape.kind]));
    const ends = connectors.map(({ from, to, route }) => [route, ...[from, to].map((end) => ('shape' in end ? `${kind[end.shape]} ${end.side}` : 'free'))]);
    expect(ends).toEqual([
      ['straight', 'rectangle auto', 'ellipse auto'],
      ['straight', 'rectangle bottom', 'text left'],
      ['curved', 'ellipse bottom', 'free'],
      ['orthogonal', 'rectangle top', 'ellipse top'],
    ]);
    expect(connectors[1]!.points).toEqual([[50, 215]]);
    expect(connectors[3]!.points).toBeUndefined();
  });

  it('turns lines about their middle', () => {
    const turned = fixture('lines').diagram.connectors[3]!;
    expect([turned.from, turned.to]).toEqual([{ at: [250, -50] }, { at: [250, 50] }]);
  });

  it('keeps strokes with their pressure, relative to their box', () => {
    const [pen, mouse] = fixture('freedraw').diagram.shapes;
    expect(pen).toMatchObject({ at: [90, 95], size: [50, 20], base: [50, 20], points: [10, 5, 0.2, 0, 10, 0.5, 30, 20, 0.9, 50, 0, 0.4] });
    expect(mouse!.points!.filter((_, i) => i % 3 === 2)).toEqual([0.5, 0.5, 0.5]);
  });

  it('thins out strokes with more points than a diagram may hold, and keeps their ends', () => {
    const points = Array.from({ length: 50_000 }, (_, i) => [i / 100, 0]);
    const { diagram, report } = readExcalidraw(file([{ id: 'a', type: 'freedraw', x: 0, y: 0, width: 500, height: 0, points }]));
    expect(diagram.shapes[0]!.points).toHaveLength(MAX.points);
    expect(diagram.shapes[0]!.points!.slice(-3)).toEqual([500, 0, 0.5]);
    expect(report.map(({ code }) => code)).toContain('points_cut');
  });

  it('hands over the pictures in the file and fetches none', async () => {
    const { files, diagram } = fixture('images');
    expect(files.map(({ shape, file: { type, size } }) => [shape, type, size])).toEqual([[diagram.shapes[0]!.id, 'image/png', 70]]);
    expect([...new Uint8Array(await files[0]!.file.arrayBuffer()).slice(0, 4)]).toEqual([0x89, 0x50, 0x4e, 0x47]);
    expect(diagram.shapes.map(({ kind }) => kind)).toEqual(['image', 'image', 'image', 'image']);
  });

  it('puts frames behind what they hold', () => {
    const { shapes } = fixture('frames').diagram;
    const frame = shapes.find(({ text }) => text === 'Login')!;
    const held = shapes.filter(({ frame: id }) => id === frame.id);
    expect(held).toHaveLength(2);
    expect(held.every((shape) => shapes.indexOf(shape) > shapes.indexOf(frame))).toBe(true);
    expect(held.map(({ groups }) => groups?.length)).toEqual([2, 1]);
    expect(held[0]!.groups![1]).toBe(held[1]!.groups![0]);
  });

  it('leaves out what has no place, and nothing else', () => {
    const hostile = [{ x: Number.NaN }, { x: 1e300 }, { width: -50 }, { width: 'wide' }, { angle: 'up' }, { opacity: -5 }, { strokeWidth: 1e9 }, { groupIds: [{}] }, { points: 'none', type: 'line' }, { points: [[0, 0], [1e9, 0]], type: 'arrow' }].map((more, i) => ({ id: `e${i}`, type: 'rectangle', x: 0, y: 0, width: 10, height: 10, ...more }));
    const { diagram, report } = readExcalidraw(file(hostile));
    expect(diagram.shapes).toHaveLength(6);
    expect(diagram.shapes[0]!.size).toEqual([50, 10]);
    expect(diagram.connectors).toEqual([]);
    expect(report.filter(({ level }) => level === 'warning').map(({ code, count }) => `${code} ${count}`)).toEqual(['bad_place 2', 'malformed 1', 'bad_place 1']);
  });

  it('ends arrows where they ended on a side, and at the side that suits where that is its middle', () => {
    const box = (id: string, x: number) => ({ id, type: 'rectangle', x, y: 0, width: 100, height: 200 });
    const arrow = (id: string, y: number) => ({ id, type: 'arrow', x: 100, y, width: 200, height: 0, points: [[0, 0], [200, 0]], startBinding: { elementId: 'a' }, endBinding: { elementId: 'b' } });
    const { connectors } = readExcalidraw(JSON.stringify({ type: 'excalidraw', version: 2, elements: [box('a', 0), box('b', 300), arrow('1', 40), arrow('2', 100), arrow('3', 150)] })).diagram;
    expect(connectors.map(({ from, to }) => [from, to].map((end) => ('shape' in end ? [end.side, end.along] : null)))).toEqual([
      [['right', 0.2], ['left', 0.2]],
      [['auto', undefined], ['auto', undefined]],
      [['right', 0.75], ['left', 0.75]],
    ]);
  });
});

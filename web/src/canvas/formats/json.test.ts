import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { MAX } from '../schema';
import { readJson, writeJson } from './json';
import { FormatError } from './report';

const all = readFileSync(join(import.meta.dirname, 'fixtures/json/all-kinds.json'), 'utf8');
const diagram = (shapes: unknown[], connectors: unknown[] = []) => JSON.stringify({ canopy: 'diagram', version: 1, title: '', shapes, connectors });
const shape = (id: string, extra: object = {}) => ({ id, kind: 'rectangle', at: [0, 0], size: [10, 10], rank: 'a0', ...extra });
const codes = (text: string) => readJson(text).report.map(({ code, count }) => `${code} ${count}`);

function refusal(text: string): string {
  try {
    readJson(text);
  } catch (error) {
    if (error instanceof FormatError) return error.code;
  }
  return 'none';
}

describe('JSON', () => {
  it('writes what it read, to the letter', () => {
    const { diagram: read, report } = readJson(all);
    expect(report).toEqual([]);
    expect(writeJson(read)).toBe(all);
  });

  it('says what is wrong with what it can’t read', () => {
    expect(refusal('{"canopy": ')).toBe('not_json');
    expect(refusal('[]')).toBe('not_canopy');
    expect(refusal('{"canopy":"diagram","version":1,"shapes":{},"connectors":[]}')).toBe('not_canopy');
    expect(refusal('{"canopy":"diagram","version":2,"shapes":[],"connectors":[]}')).toBe('newer_version');
    expect(refusal(`"${'x'.repeat(33 * 1024 * 1024)}"`)).toBe('too_large');
    expect(() => readJson('nothing')).toThrow(/not valid JSON/);
  });

  it('sorts by rank, then by id, and puts what has no rank in front in the order given', () => {
    const { shapes } = readJson(diagram([shape('c', { rank: undefined }), shape('b', { rank: 'a5' }), shape('a', { rank: 'a5' }), shape('d', { rank: 7 }), shape('e', { rank: 'Zz' })])).diagram;
    expect(shapes.map(({ id }) => id)).toEqual(['e', 'a', 'b', 'c', 'd']);
    expect(new Set(shapes.map(({ rank }) => rank)).size).toBe(4);
  });

  it('keeps to the bounds', () => {
    const many = Array.from({ length: MAX.elements + 5 }, (_, i) => shape(`n${i}`));
    const { diagram: bounded, report } = readJson(diagram(many));
    expect(bounded.shapes).toHaveLength(MAX.elements);
    expect(report.map(({ code, count }) => [code, count])).toEqual([['too_many', 5]]);
    expect(codes(diagram([shape('a', { text: 'x'.repeat(MAX.text + 1) })]))).toEqual(['text_cut 1']);
    expect(codes(diagram([shape('a', { points: Array(MAX.points + 3).fill(0) })]))).toEqual(['bad_value 1']);
  });

  it('cuts a text between characters', () => {
    const text = readJson(diagram([shape('a', { text: `${'x'.repeat(MAX.text - 1)}😀` })])).diagram.shapes[0]!.text!;
    expect(text).toBe('x'.repeat(MAX.text - 1));
  });

  it('lets nothing of a hostile file through', () => {
    const deep = `${'['.repeat(5000)}${']'.repeat(5000)}`;
    const text = diagram([shape('a')]).replace('"rank"', `"__proto__":{"polluted":true},"deep":${deep},"rank"`);
    const read = readJson(text);
    expect(Object.keys(read.diagram.shapes[0]!).sort()).toEqual(['at', 'id', 'kind', 'rank', 'size']);
    expect(({} as Record<string, unknown>).polluted).toBeUndefined();
    expect((read.diagram.shapes[0] as Record<string, unknown>).polluted).toBeUndefined();
    for (const link of ['javascript:alert(1)', ' JavaScript:alert(1)', 'data:text/html,x', '//example.com', 'vbscript:x']) expect(codes(diagram([shape('a', { link })]))).toEqual(['link 1']);
  });

  it('cuts chains of frames that no walk would come to the end of', () => {
    const chain = Array.from({ length: 5000 }, (_, i) => shape(`f${i}`, { kind: 'frame', frame: `f${(i + 1) % 5000}` }));
    const { shapes } = readJson(diagram(chain)).diagram;
    const frames = new Map(shapes.map(({ id, frame }) => [id, frame]));
    const depths = shapes.map(({ id }) => {
      let depth = 0;
      for (let at = frames.get(id); at !== undefined && depth < 5001; at = frames.get(at)) depth++;
      return depth;
    });
    expect(Math.max(...depths)).toBeLessThan(64);
  });
});

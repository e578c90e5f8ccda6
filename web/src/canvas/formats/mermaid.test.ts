import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { ConnectorJson, DiagramJson } from '../schema';
import { isMermaid, readMermaid, writeMermaid } from './mermaid';

const DIR = join(import.meta.dirname, 'fixtures/mermaid');
const fixture = async (name: string) => (await readMermaid(readFileSync(join(DIR, `${name}.mmd`), 'utf8'))).diagram;

/** What a diagram says, whatever the ids and places: "a -> b" by texts. */
function said({ shapes, connectors }: DiagramJson): string[] {
  const text = new Map(shapes.map((shape) => [shape.id, shape.text ?? '']));
  const frame = new Map(shapes.map((shape) => [shape.id, shape.frame === undefined ? '' : text.get(shape.frame)]));
  const name = (end: ConnectorJson['from']) => ('shape' in end ? text.get(end.shape) : 'free');
  return [
    ...shapes.map((shape) => `${shape.kind} ${shape.text} in ${frame.get(shape.id)}`),
    ...connectors.map((line) => `${name(line.from)} ${line.start}/${line.strokeStyle ?? 'solid'}/${line.end} ${name(line.to)}: ${line.startText ?? ''} ${line.text ?? ''} ${line.endText ?? ''}`),
  ].sort();
}

describe('reading Mermaid', () => {
  it('tells Mermaid from other texts', () => {
    expect(['graph TD\n a', '  sequenceDiagram\n', '```mermaid\nerDiagram\n```', '%% hi\nclassDiagram-v2', '---\ntitle: x\n---\nflowchart LR', 'gantt\n'].map(isMermaid)).toEqual([true, true, true, true, true, true]);
    expect(['graphics are nice', 'Hello', '', '{"a":1}', 'flow\nchart'].map(isMermaid)).toEqual([false, false, false, false, false]);
  });

  it('says what it can’t read', async () => {
    await expect(readMermaid('Dear all')).rejects.toMatchObject({ code: 'not_mermaid' });
    await expect(readMermaid('gantt\n title x')).rejects.toMatchObject({ code: 'other_mermaid', message: expect.stringContaining('gantt') as string });
    await expect(readMermaid('flowchart LR\n  a -->')).rejects.toMatchObject({ code: 'mermaid_syntax', message: expect.stringContaining('line') as string });
    await expect(readMermaid(`flowchart LR\n${'a'.repeat(300_000)}`)).rejects.toMatchObject({ code: 'too_large' });
  });

  it('keeps nothing of one diagram for the next', async () => {
    await readMermaid('---\ntitle: First\n---\nflowchart LR\n a --> b');
    await expect(readMermaid('flowchart LR\n a -->')).rejects.toThrow();
    const { diagram } = await readMermaid('flowchart LR\n c --> d');
    expect(diagram.title).toBe('');
    expect(diagram.shapes.map(({ text }) => text)).toEqual(['c', 'd']);
  });

  it('reads more connectors than Mermaid draws', async () => {
    const { diagram } = await readMermaid(`flowchart LR\n${Array.from({ length: 700 }, (_, i) => `a${i} --> a${i + 1}`).join('\n')}`);
    expect(diagram.connectors).toHaveLength(700);
  }, 60_000);

  it('keeps labels as they are written, without a tag left alive', async () => {
    const { diagram } = await readMermaid('flowchart TB\n a["1 < 2 & <img src=x onerror=alert(1)> &lt;b&gt; #lt;i#gt;"]\n b["<script>alert(1)</script>safe"]');
    expect(diagram.shapes[0]!.text).toContain('1 < 2 &');
    expect(diagram.shapes[1]!.text).toContain('safe');
  });

  it('lays a flowchart out in its direction, frames around their members', async () => {
    const { shapes } = await fixture('flowchart-subgraphs');
    const by = Object.fromEntries(shapes.map((shape) => [shape.text!, shape]));
    expect(by.a!.at[0]).toBeLessThan(by.b!.at[0]);
    expect(by.b!.at[0]).toBeLessThan(by.c!.at[0]);
    expect(by.c!.at[0]).toBeLessThan(by.d!.at[0]);
    expect([by.inner!.frame, by.c!.frame, by.d!.frame]).toEqual([by['The outer one']!.id, by['The outer one']!.id, undefined]);
    expect(by.inner!.at[0]).toBeGreaterThan(by['The outer one']!.at[0]);
  });

  it('puts messages in order below their heads', async () => {
    const { shapes, connectors } = await fixture('sequence-messages');
    const messages = connectors.filter(({ text }) => text);
    const by = new Map(shapes.map((shape) => [shape.id, shape]));
    // They end on the lines below the heads, which follow their heads.
    const heightOf = ({ from }: ConnectorJson) => {
      const { shape, along = 0.5 } = from as { shape: string; along?: number };
      return by.get(shape)!.at[1] + along * by.get(shape)!.size[1];
    };
    const heights = messages.map(heightOf);
    expect(heights).toEqual([...heights].sort((a, b) => a - b));
    expect(messages.map(({ text }) => Number.parseInt(text!, 10))).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
    const centre = (name: string) => shapes.filter(({ text }) => text === name).map(({ at, size }) => at[0] + size[0] / 2)[0];
    const [first] = messages;
    const lines = [first!.from, first!.to].map((end) => by.get((end as { shape: string }).shape)!);
    expect(lines.map(({ at, size }) => at[0] + size[0] / 2)).toEqual([centre('Alice'), centre('Bob')]);
    expect(lines.map(({ groups }) => groups)).toEqual(['Alice', 'Bob'].map((name) => shapes.find(({ text }) => text === name)!.groups));
    expect(Math.max(...shapes.filter(({ kind }) => kind !== 'draw').map(({ at, size }) => at[1] + size[1]))).toBeLessThan(heights[0]!);
  });

  it('puts nested blocks into one another, the outer one behind', async () => {
    const { shapes } = await fixture('sequence-blocks');
    const [alt, loop] = ['alt [is fine]', 'loop [three times]'].map((name) => shapes.find(({ text }) => text === name)!);
    expect(loop!.frame).toBe(alt!.id);
    expect(shapes.indexOf(alt!)).toBeLessThan(shapes.indexOf(loop!));
    expect(loop!.at[1]).toBeGreaterThan(alt!.at[1]);
    expect(loop!.at[1] + loop!.size[1]).toBeLessThan(alt!.at[1] + alt!.size[1]);
  });

  it('reads heads and cardinalities the right way round', async () => {
    const relations = said(await fixture('class-relations'));
    expect(relations).toContain('Animal triangle_open/solid/none Duck:  is a ');
    expect(relations).toContain('Pond diamond_open/solid/none Duck: 1  0..*');
    expect(relations).toContain('Duck none/dashed/triangle_open Swims:   ');
    const entities = said(await fixture('er-relations'));
    expect(entities).toContain('CUSTOMER one/solid/zero_many ORDER:  places ');
    expect(entities).toContain('ORDER one_many/dashed/one ADDRESS:  delivered to ');
  });
});

describe('writing Mermaid', () => {
  const lossless = ['flowchart-text', 'flowchart-subgraphs', 'front-matter', 'class-compartments', 'class-namespaces', 'er-entities', 'er-relations'];

  it.each(lossless)('%s says the same when read again', async (name) => {
    const before = await fixture(name);
    const { text, report } = writeMermaid(before);
    expect(report.map(({ code }) => code)).toEqual(['place']);
    expect(said((await readMermaid(text)).diagram)).toEqual(said(before));
  });

  it.each(readdirSync(DIR).filter((name) => name.endsWith('.mmd')))('%s becomes Mermaid that can be read', async (name) => {
    const { text } = writeMermaid(await fixture(name.replace('.mmd', '')));
    expect((await readMermaid(text)).diagram.shapes.length).toBeGreaterThan(0);
  });

  it('reports what Mermaid has no words for', () => {
    const shape = (id: string, kind: string, extra: object = {}) => ({ id, kind, at: [0, 0], size: [10, 10], rank: 'a0', ...extra });
    const { text, report } = writeMermaid({
      canopy: 'diagram', version: 1, title: 'A "title"',
      shapes: [shape('a', 'person', { text: 'end' }), shape('b', 'draw'), shape('c', 'image', { alt: 'A cat' }), shape('d', 'card', { item: 'i1' })],
      connectors: [
        { id: '1', rank: 'a0', from: { shape: 'a', side: 'auto' }, to: { at: [1, 1] } },
        { id: '2', rank: 'a0', from: { shape: 'a', side: 'auto' }, to: { shape: 'c', side: 'auto' }, end: 'zero_many', startText: '1' },
      ],
    } as unknown as DiagramJson, { cardTitle: () => 'The item' });
    expect(report.map(({ code, count }) => `${code} ${count}`).sort()).toEqual(['cardinality_lost 1', 'drawing 1', 'head_lost 1', 'image_lost 1', 'kind_lost 1', 'kind_lost 1', 'loose_end 1', 'place 1']);
    expect(text).toBe('---\ntitle: "A \\"title\\""\n---\nflowchart TB\n  n1["end"]\n  n2["A cat"]\n  n3["The item"]\n  n1 --> n2\n');
  });
});

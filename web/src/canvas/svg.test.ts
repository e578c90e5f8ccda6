import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Card } from './drawing';
import { inOrder } from './scene';
import { connectorFrom, shapeFrom, type DiagramJson, type ElementJson } from './schema';
import { svg } from './svg';

/** What the server draws, too. */
const FIXTURES = join(import.meta.dirname, '../../../crates/content/fixtures/diagrams');

interface Fixture {
  diagram: DiagramJson;
  given?: { theme?: 'light' | 'dark'; frame?: string | null; cards?: Record<string, Card>; images?: Record<string, string> };
  svg: string;
}

const read = <E>(list: ElementJson[], from: (id: string, values: Record<string, unknown>, text: string) => E | null): E[] => list.flatMap(({ id, text = '', ...values }) => from(id, values, text) ?? []);

describe('a diagram as SVG', () => {
  for (const name of readdirSync(FIXTURES)) {
    it(`is what the server makes of ${name}`, () => {
      const { diagram, given = {}, svg: expected } = JSON.parse(readFileSync(join(FIXTURES, name), 'utf8')) as Fixture;
      const shapes = read(diagram.shapes, shapeFrom).sort(inOrder);
      const connectors = read(diagram.connectors, connectorFrom).sort(inOrder);
      const drawn = svg({ shapes, connectors, frame: given.frame ?? null }, { theme: given.theme ?? 'light', card: (item) => given.cards?.[item], image: (file) => given.images?.[file] });
      expect(drawn.replaceAll('><', '>\n<')).toBe(expected.replaceAll('><', '>\n<'));
    });
  }
});

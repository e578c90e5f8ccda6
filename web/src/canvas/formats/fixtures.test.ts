/**
 * Every row of docs/diagrams.md has a fixture; beside it stands what it becomes, and the report.
 * `UPDATE_GOLDEN=1` writes those anew: read the difference before you commit it.
 */
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { readDrawio } from './drawio';
import { readExcalidraw } from './excalidraw';
import type { Imported } from './files';
import { readJson, writeJson } from './json';
import { readMermaid } from './mermaid';

const ROOT = join(import.meta.dirname, 'fixtures');
const READERS: Readonly<Record<string, (text: string) => Imported | Promise<Imported>>> = { mermaid: readMermaid, excalidraw: readExcalidraw, drawio: (text) => readDrawio(text), json: readJson };

function told(imported: Imported): string {
  const files = imported.files.map(({ shape, file }) => `file for ${shape}: ${file.type}, ${file.size} bytes`);
  const report = imported.report.map(({ level, code, message, count }) => `${level} ${code} ×${count}: ${message}`);
  return `${writeJson(imported.diagram)}${[...files, ...report].map((line) => `${line}\n`).join('')}`;
}

/** The rows of the tables in the documentation, by format: what each says, and its fixture. */
const HEADINGS: Readonly<Record<string, string>> = { JSON: 'json', Mermaid: 'mermaid', Excalidraw: 'excalidraw', 'draw.io': 'drawio' };
const sections = readFileSync(join(import.meta.dirname, '../../../../docs/diagrams.md'), 'utf8').split(/^## /m);
const rowsOf = (format: string) => {
  const section = sections.find((one) => HEADINGS[one.slice(0, one.indexOf('\n'))] === format) ?? '';
  return section.split('\n').filter((line) => /^\|(?!-| what \|)/.test(line)).map((line) => line.split(/(?<!\\)\|/).map((cell) => cell.trim())).map(([, what = '', , fixture = '']) => ({ what, fixture: /^`([\w-]+)`$/.exec(fixture)?.[1] ?? fixture }));
};

describe.each(Object.keys(READERS))('%s', (format) => {
  const names = readdirSync(join(ROOT, format)).filter((name) => !name.endsWith('.expected'));

  it.each(names)('%s', async (name) => {
    const imported = await READERS[format]!(readFileSync(join(ROOT, format, name), 'utf8'));
    const golden = join(ROOT, format, `${name}.expected`);
    if (process.env.UPDATE_GOLDEN) writeFileSync(golden, told(imported));
    expect(told(imported)).toBe(readFileSync(golden, 'utf8'));
  });

  it.each(names)('%s is written as JSON and read again without loss', async (name) => {
    const { diagram } = await READERS[format]!(readFileSync(join(ROOT, format, name), 'utf8'));
    const again = readJson(writeJson(diagram));
    expect(again.diagram).toEqual(diagram);
    expect(writeJson(again.diagram)).toBe(writeJson(diagram));
  });

  const plain = names.map((name) => name.replace(/\.\w+$/, ''));

  it.each(rowsOf(format))('$what has a fixture', ({ fixture }) => {
    expect(plain).toContain(fixture);
  });

  it('every fixture stands in the documentation', () => {
    const named = new Set(rowsOf(format).map(({ fixture }) => fixture));
    expect(plain.filter((name) => !named.has(name))).toEqual([]);
  });
});

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { getSchema } from '@tiptap/core';
import { describe, expect, test } from 'vitest';
import { schemaExtensions } from './extensions';
import { normalize, type Value } from './markdown/normal';
import { readMarkdown } from './markdown/read';
import { writeMarkdown } from './markdown/write';

type Fixture = { name: string; doc: Value; markdown: string };

const schema = getSchema(schemaExtensions);
const folder = join(import.meta.dirname, '../../../crates/content/fixtures/markdown');
const load = (path: string): Fixture[] =>
  readdirSync(join(folder, path))
    .filter((name) => name.endsWith('.json'))
    .map((name) => JSON.parse(readFileSync(join(folder, path, name), 'utf8')) as Fixture);

/** In normal form; an empty description is one empty paragraph to an editor. */
const read = (markdown: string): Value => {
  const value = normalize(readMarkdown(schema, markdown).toJSON() as Value);
  const [only, ...rest] = value.content ?? [];
  return rest.length === 0 && only?.type === 'paragraph' && only.content === undefined && markdown === '' ? { type: 'doc', content: [] } : value;
};

describe('the fixtures that the server holds to, too', () => {
  test.each(load(''))('$name, written', ({ doc, markdown }) => {
    expect(writeMarkdown(doc)).toBe(markdown);
  });
  test.each(load(''))('$name, read', ({ doc, markdown }) => {
    expect(read(markdown)).toEqual(normalize(doc));
  });
  test.each(load('read/'))('$name, as people write it', ({ doc, markdown }) => {
    expect(read(markdown)).toEqual(normalize(doc));
  });
  test.each(load(''))('$name fits the schema', ({ doc }) => {
    if ((doc.content ?? []).length > 0) schema.nodeFromJSON(doc).check();
  });
});

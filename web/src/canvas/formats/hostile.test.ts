/** Texts made to keep a parser busy: each is done with, or refused, long before the test would be given up. */
import { expect, it } from 'vitest';
import { readDrawio } from './drawio';
import { plainText } from './html';
import { readMermaid } from './mermaid';
import { parseXml } from './xml';

it.each(['<a ', '<!--', '<font', '<div>', '<br> ', ' ', ' <p> ', '&', '&#', '<script>'])('HTML of many %j', (part) => {
  expect(plainText(`<i>x</i>${part.repeat(200_000)}`)).toMatch(/^x/);
});

it.each([`<mxfile ${'a'.repeat(2_000_000)}>`, `<mxfile ${'a '.repeat(500_000)}>`, `<mxfile>${'<a x="1" '.repeat(300_000)}`, `<mxfile>${'<a>'.repeat(300_000)}`, `<mxfile>${'</a>'.repeat(300_000)}`])('XML without an end', (text) => {
  expect(() => parseXml(text)).toThrow(/not valid XML/);
});

it('more elements than anybody draws', async () => {
  await expect(readDrawio(`<mxfile>${'<a/>'.repeat(500_001)}</mxfile>`)).rejects.toMatchObject({ code: 'too_large' });
});

it.each([`\`\`\`mermaid\n${'\n '.repeat(60_000)}`, `---\n${'\n '.repeat(60_000)}`, `flowchart LR\na\nstyle a ${':'.repeat(60_000)}`, `flowchart LR\n${'click a '.repeat(20_000)}`, `flowchart LR\na["${'<b '.repeat(60_000)}"]`, `flowchart LR\n${'"'.repeat(60_001)}`])('Mermaid', async (text) => {
  const done = await readMermaid(text).then(() => 'read', (error: { code?: string }) => error.code);
  expect(['read', 'mermaid_syntax', 'not_mermaid']).toContain(done);
});

it('as many links as two lists of nodes have', async () => {
  const nodes = (letter: string) => Array.from({ length: 200 }, (_, i) => `${letter}${i}`).join(' & ');
  await expect(readMermaid(`flowchart LR\n${nodes('a')} --> ${nodes('b')}`)).rejects.toMatchObject({ code: 'mermaid_syntax' });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openDrawio, readDrawio } from './drawio';
import { plainText } from './html';
import { parseXml } from './xml';

const source = (name: string) => readFileSync(join(import.meta.dirname, `fixtures/drawio/${name}.drawio`), 'utf8');
const fixture = async (name: string, page?: number) => (await readDrawio(source(name), page === undefined ? {} : { pages: [page] })).diagram;
const packed = (text: string) => `<mxfile><diagram name="P">${deflateRawSync(Buffer.from(text)).toString('base64')}</diagram></mxfile>`;

describe('draw.io', () => {
  it('says what it can’t read', async () => {
    await expect(readDrawio('{}')).rejects.toMatchObject({ code: 'not_xml' });
    await expect(readDrawio('<html><body/></html>')).rejects.toMatchObject({ code: 'not_drawio' });
    await expect(readDrawio('<svg xmlns="http://www.w3.org/2000/svg"/>')).rejects.toMatchObject({ code: 'not_drawio' });
    await expect(readDrawio('<mxfile/>')).rejects.toMatchObject({ code: 'no_page' });
    await expect(readDrawio('<mxfile><diagram name="P">not base64!</diagram></mxfile>')).rejects.toMatchObject({ code: 'not_deflated', message: expect.stringContaining('“P”') as string });
    await expect(readDrawio('<mxfile><diagram>')).rejects.toMatchObject({ code: 'not_xml' });
  });

  it('reads no entities of a file’s own', async () => {
    const bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;">]><mxfile><diagram>&b;</diagram></mxfile>';
    await expect(readDrawio(bomb)).rejects.toMatchObject({ code: 'document_type' });
    await expect(readDrawio(packed('<!DOCTYPE x [<!ENTITY a "a">]><mxGraphModel/>'))).rejects.toMatchObject({ code: 'document_type' });
  });

  it('stops unpacking where it gets too much', async () => {
    await expect(readDrawio(packed(`<mxGraphModel>${' '.repeat(40 * 1024 * 1024)}</mxGraphModel>`))).rejects.toMatchObject({ code: 'too_large' });
  }, 30_000);

  it('bounds depth', async () => {
    await expect(readDrawio('<a>'.repeat(100_000))).rejects.toMatchObject({ code: 'not_xml' });
    const nested = Array.from({ length: 2000 }, (_, i) => `<mxCell id="c${i}" parent="${i === 0 ? '1' : `c${i - 1}`}" style="container=1" vertex="1"><mxGeometry width="9" height="9"/></mxCell>`).join('');
    const { diagram } = await readDrawio(`<mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>${nested}</root></mxGraphModel>`);
    expect(diagram.shapes.length).toBeLessThan(70);
  });

  it('survives cells that are their own parents', async () => {
    const { diagram } = await readDrawio('<mxGraphModel><root><mxCell id="a" parent="b" vertex="1"><mxGeometry width="9" height="9"/></mxCell><mxCell id="b" parent="a" vertex="1"><mxGeometry width="9" height="9"/></mxCell><mxCell id="c" parent="c"/></root></mxGraphModel>');
    expect(diagram.shapes).toEqual([]);
  });

  it('reads compressed pages as plain ones', async () => {
    const { shapes, connectors } = await fixture('compressed');
    expect(shapes.map(({ text, at }) => [text, ...at])).toEqual([['A', 0, 0], ['B', 300, 200]]);
    expect(connectors.map(({ text }) => text)).toEqual(['grüße']);
  });

  it('reads one page, or all of them side by side in frames', async () => {
    expect((await openDrawio(source('pages'))).pages).toEqual([{ name: 'First', hidden: [] }, { name: 'Second', hidden: [] }]);
    expect((await fixture('pages', 1)).title).toBe('Second');
    expect((await fixture('pages', 1)).shapes.map(({ text }) => text)).toEqual(['again A']);
    const { shapes, connectors } = await fixture('pages');
    const [first, , , second, again] = shapes;
    expect(shapes.map(({ text }) => text)).toEqual(['First', 'A', 'B', 'Second', 'again A']);
    expect(again!.frame).toBe(second!.id);
    expect(second!.at[0]).toBeGreaterThan(first!.at[0] + first!.size[0]);
    // The free end moves with its page.
    const free = connectors[0]!.from.at!;
    expect([again!.at[0] - free[0], again!.at[1] - free[1]]).toEqual([100, 40]);
  });

  it('places what stands in groups and containers absolutely', async () => {
    const groups = (await fixture('groups')).shapes;
    expect(groups.map(({ text, at, groups: ids }) => [text, ...at, ids?.length ?? 0])).toEqual([['A', 100, 100, 1], ['B', 260, 110, 2], ['C', 330, 110, 2], ['D', 500, 100, 0]]);
    const { shapes } = await fixture('swimlanes');
    const by = Object.fromEntries(shapes.map((shape) => [shape.text!, shape]));
    expect([by.A!.at, by.B!.at, by.D!.at]).toEqual([[80, 40], [320, 190], [720, 40]]);
    expect([by.A!.frame, by['Lane 1']!.frame, by.D!.frame]).toEqual([by['Lane 1']!.id, by.Pool!.id, by['A container']!.id]);
    expect(by.Collapsed!.size).toEqual([200, 120]);
  });

  it('attaches connectors at the sides that are told', async () => {
    const { connectors } = await fixture('edges');
    expect(connectors[1]).toMatchObject({ route: 'orthogonal', from: { side: 'right' }, to: { side: 'top' } });
    expect(connectors[2]).toMatchObject({ route: 'curved', points: [[60, 230]] });
    expect(connectors[4]).toMatchObject({ from: { at: [0, 400] }, to: { at: [200, 400] }, end: 'none', strokeStyle: 'dashed', strokeWidth: 3 });
    expect(connectors.at(-1)).toMatchObject({ to: { at: [-50, 90] } });
  });

  it('leads connectors of rows to their table', async () => {
    const { shapes, connectors } = await fixture('er-tables');
    expect(shapes.map(({ kind, text }) => [kind, text])).toEqual([
      ['entity', 'users\n---\nPK id int\n---\nFK team_id int\nname text'],
      ['entity', 'teams\n---\nPK id int'],
      ['entity', 'Fields\n---\nfirst\nsecond'],
    ]);
    expect(connectors).toMatchObject([{ from: { shape: shapes[0]!.id }, to: { shape: shapes[1]!.id }, start: 'zero_many', end: 'one' }]);
  });

  it('reads C4', async () => {
    const { shapes } = await fixture('c4');
    expect(shapes.map(({ kind }) => kind)).toEqual(['boundary', 'person', 'system', 'container', 'component']);
    expect(shapes[2]!.text).toBe('Banking\n[Software System]\n\nShows balances');
  });

  it('hands over the pictures in the file and fetches none', async () => {
    const { files, diagram } = await readDrawio(source('images'));
    expect(files.map(({ shape, file: { type, size } }) => [shape, type, size])).toEqual([[diagram.shapes[1]!.id, 'image/png', 70]]);
  });
});

describe('XML', () => {
  it('reads elements, attributes, text, CDATA, comments and references', () => {
    const root = parseXml(`<?xml version="1.0"?><!-- a > b --><a x='1 > 0' y="&lt;&#65;&#x42;&amp;lt;"><b/>t &amp; u<![CDATA[<raw>]]></a>`);
    expect([root.name, [...root.attributes], root.children.map(({ name }) => name), root.text]).toEqual(['a', [['x', '1 > 0'], ['y', '<AB&lt;']], ['b'], 't & u<raw>']);
  });

  it.each(['', '<a', '<a>', '<a></b>', '</a>', '<a x="1', '<1/>', '<a><!-- </a>', '<a><![CDATA[</a>'])('refuses %s', (text) => {
    expect(() => parseXml(text)).toThrow(/not valid XML/);
  });
});

describe('labels', () => {
  it.each([
    ['a<br>b<br/>c', 'a\nb\nc'],
    ['<div>one</div><div>two</div>', 'one\ntwo'],
    ['<ul><li>x</li><li>y</li></ul>', '• x\n• y'],
    ['<table><tr><td>1</td><td>2</td></tr><tr><td>3</td></tr></table>', '1 2\n3'],
    ['&lt;b&gt; &amp;amp; &nbsp;&#8364;&bogus;', '<b> &amp;  €&bogus;'],
    ['1 < 2 > 0', '1 < 2 > 0'],
    ['<script>alert(1)</script><style>a{}</style>shown', 'shown'],
    ['<img src=x onerror="alert(1)">alt', 'alt'],
  ])('%s', (html, text) => {
    expect(plainText(html)).toBe(text);
  });
});

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { deflateRawSync } from 'node:zlib';
import { describe, expect, it } from 'vitest';
import { openDrawio, readDrawio } from './drawio';
import { plainText } from './html';
import { parseXml } from './xml';

const box = (id: string, value: string, x: number, y: number, style = '') => `<mxCell id="${id}" value="${value}" style="${style}" vertex="1" parent="1"><mxGeometry x="${x}" y="${y}" width="100" height="40" as="geometry"/></mxCell>`;

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

  it('takes of several pages those that are wanted, and hidden layers when asked', async () => {
    const file = await openDrawio(`<mxfile><diagram name="One"><mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>${box('a', 'A', 0, 0)}<mxCell id="2" parent="0" value="Notes" visible="0"/><mxCell id="b" value="B" vertex="1" parent="2"><mxGeometry width="9" height="9"/></mxCell></root></mxGraphModel></diagram><diagram name="Two"><mxGraphModel><root><mxCell id="0"/><mxCell id="1" parent="0"/>${box('c', 'C', 0, 0)}</root></mxGraphModel></diagram></mxfile>`);
    expect(file.pages).toEqual([{ name: 'One', hidden: ['Notes'] }, { name: 'Two', hidden: [] }]);
    const texts = (choice?: Parameters<typeof file.read>[0]) => file.read(choice).diagram.shapes.map(({ text }) => text);
    expect(texts()).toEqual(['One', 'A', 'Two', 'C']);
    expect(texts({ pages: [1] })).toEqual(['C']);
    expect(texts({ pages: [0], hidden: true })).toEqual(['A', 'B']);
    expect(file.read().report.map(({ code }) => code)).toEqual(['hidden_layer']);
    expect(file.read({ hidden: true }).report).toEqual([]);
  });

  it('reads the SVG that draw.io writes, with the public document type that older ones name', async () => {
    const svg = source('in-svg');
    const named = `<?xml version="1.0"?><!DOCTYPE svg PUBLIC "-//W3C//DTD SVG 1.1//EN" "http://www.w3.org/Graphics/SVG/1.1/DTD/svg11.dtd">${svg.slice(svg.indexOf('<svg'))}`;
    expect((await readDrawio(named)).diagram).toEqual((await readDrawio(svg)).diagram);
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
    // A title at the side stands on a bar in the lane; one at the top above a frame that begins below it.
    expect(by['Lane 1']).toMatchObject({ kind: 'rectangle', angle: 270, frame: by.A!.frame });
    expect(shapes.find(({ id }) => id === by.A!.frame)).toMatchObject({ kind: 'frame', frame: by.Pool!.frame });
    expect(by.D!.frame).toBe(by['A container']!.id);
    expect([by.Collapsed!.at, by.Collapsed!.size]).toEqual([[700, 223], [200, 97]]);
  });

  it('attaches connectors at the sides that are told', async () => {
    const { connectors } = await fixture('edges');
    expect(connectors[1]).toMatchObject({ route: 'orthogonal', from: { side: 'right' }, to: { side: 'top' } });
    expect(connectors[2]).toMatchObject({ route: 'curved', points: [[60, 230]] });
    expect(connectors[4]).toMatchObject({ from: { at: [0, 400] }, to: { at: [200, 400] }, end: 'none', strokeStyle: 'dashed', strokeWidth: 3 });
    expect(connectors.at(-1)).toMatchObject({ to: { at: [-50, 90] } });
  });

  it('bends and ends connectors as they are drawn there', async () => {
    const { shapes, connectors } = await fixture('bends');
    const id = (name: string) => shapes.find(({ text }) => text === name)!.id;
    expect(connectors.map(({ from, to, points }) => [from, to, points])).toEqual([
      [{ shape: id('A'), side: 'right', along: 0.25 }, { shape: id('B'), side: 'top', along: 0.75 }, undefined],
      // In right angles through its bends, from where the first one is straight across.
      [{ shape: id('A'), side: 'bottom', along: 0.3 }, { shape: id('B'), side: 'left' }, [[30, 120], [140, 120], [140, 220]]],
      // An elbow has one piece across.
      [{ shape: id('A'), side: 'right' }, { shape: id('B'), side: 'left' }, [[160, 20], [160, 220]]],
    ]);
  });

  it('ends messages on lifelines and bars, at their height', async () => {
    const { shapes, connectors } = await fixture('lifelines');
    const [head, line, other, far, bar] = shapes;
    expect(shapes.map(({ kind, text }) => [kind, text])).toEqual([['rectangle', ':Shop'], ['draw', undefined], ['actor', 'Somebody'], ['draw', undefined], ['rectangle', '']]);
    expect([line!.groups, far!.groups]).toEqual([head!.groups, other!.groups]);
    expect(connectors.map(({ from, to }) => [from, to])).toEqual([
      [{ shape: line!.id, side: 'right', along: 0.2308 }, { shape: bar!.id, side: 'left', along: 0 }],
      [{ shape: bar!.id, side: 'left', along: 1 }, { shape: line!.id, side: 'right', along: 0.6154 }],
    ]);
  });

  it('puts a label that stands beside its shape there, and groups them', async () => {
    const { shapes } = await fixture('beside');
    const [icon, below, , right] = shapes;
    expect([icon!.text, below!.text, below!.groups]).toEqual(['', 'Queue', icon!.groups]);
    expect(below!.at[1]).toBeGreaterThanOrEqual(icon!.at[1] + icon!.size[1]);
    expect(below!.at[0] + below!.size[0] / 2).toBe(icon!.at[0] + icon!.size[0] / 2);
    expect([right!.text, right!.align]).toEqual(['Worker', 'left']);
  });

  it('leads connectors of rows to their table', async () => {
    const { shapes, connectors } = await fixture('er-tables');
    expect(shapes.map(({ kind, text }) => [kind, text])).toEqual([
      ['entity', 'users\nPK id int\n---\nFK team_id int\nname text'],
      ['entity', 'teams\nPK id int'],
      ['entity', 'Fields\nfirst\nsecond'],
    ]);
    expect(connectors).toMatchObject([{ from: { shape: shapes[0]!.id, side: 'right', along: 0.4792 }, to: { shape: shapes[1]!.id, side: 'left', along: 0.575 }, start: 'zero_many', end: 'one' }]);
  });

  it('reads C4', async () => {
    const { shapes } = await fixture('c4');
    expect(shapes.map(({ kind }) => kind)).toEqual(['boundary', 'person', 'system', 'container', 'component']);
    expect(shapes[2]!.text).toBe('Banking\n[Software System]\n\nShows balances');
  });

  it('hands over the pictures in the file and fetches none', async () => {
    const { files, diagram } = await readDrawio(source('images'));
    expect(files.map(({ shape, file: { type, size } }) => [shape, type, size])).toEqual([[diagram.shapes.find(({ alt }) => alt === 'Inside')?.id, 'image/png', 70]]);
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

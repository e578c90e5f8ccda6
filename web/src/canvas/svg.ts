/** A diagram as SVG: text alone, no script, nothing from elsewhere. The server writes the same, byte for byte. */
import { connectorMarks, isBehind, labelMarks, labelOf, shapeMarks, type Given, type Mark } from './drawing';
import { boxAround, boundsOf, type Box } from './geo';
import { wayOf, type Way } from './geometry';
import { number } from './path';
import { rules } from './rules';
import type { Connector, End, Point, Shape } from './schema';

/** Text for an element or an attribute. What XML can't say is left out. */
const escaped = (text: string): string => text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replaceAll('"', '&quot;').replaceAll('\t', ' ').replace(/[\0-\x1f\ufffe\uffff]/g, '');

/** Back to front, as a scene has them. `frame`: only this frame and what is in it. `only`: only these. */
export interface Drawn {
  shapes: readonly Shape[];
  connectors: readonly Connector[];
  frame?: string | null;
  only?: ReadonlySet<string>;
}

export function svg({ shapes, connectors, frame = null, only }: Drawn, given: Given): string {
  const byId = new Map(shapes.map((shape) => [shape.id, shape]));
  const inside = (shape: Shape): boolean => (frame === null || shape.id === frame || shape.frame === frame) && (only === undefined || only.has(shape.id));
  const drawn = shapes.filter(inside);
  const held = ({ shape, ...end }: End): boolean => {
    if (shape === null) return frame === null && end.at !== null;
    const found = byId.get(shape);
    return found !== undefined && inside(found);
  };
  const ways = connectors.flatMap((connector): [Connector, Way][] => {
    if (only === undefined ? !held(connector.from) || !held(connector.to) : !only.has(connector.id)) return [];
    const way = wayOf(connector, (id) => byId.get(id));
    return way === null ? [] : [[connector, way]];
  });
  const { x, y, w, h } = pageOf(drawn, ways);
  const [nx, ny, nw, nh] = [x, y, w, h].map(number);
  let out = `<svg xmlns="http://www.w3.org/2000/svg" width="${nw}" height="${nh}" viewBox="${nx} ${ny} ${nw} ${nh}" font-family="${escaped(rules.font.family)}">`;
  if (given.clear !== true) out += `<rect x="${nx}" y="${ny}" width="${nw}" height="${nh}" fill="${rules.page[given.theme].background}"/>`;
  for (const shape of drawn) if (isBehind(shape.kind)) out += shapeSvg(shape, given);
  for (const [connector, way] of ways) {
    const marks = connectorMarks(connector, way, given.theme).map(markSvg).join('');
    out += connector.style.opacity < 1 ? `<g opacity="${number(connector.style.opacity)}">${marks}</g>` : marks;
  }
  for (const shape of drawn) if (!isBehind(shape.kind)) out += shapeSvg(shape, given);
  for (const [connector, way] of ways) out += labelMarks(connector, way, given.theme).map(markSvg).join('');
  return `${out}</svg>`;
}

/** What is drawn, and a margin. */
function pageOf(shapes: readonly Shape[], ways: readonly [Connector, Way][]): Box {
  const corners: Point[] = [];
  const cover = ({ x, y, w, h }: Box) => corners.push([x, y], [x + w, y + h]);
  for (const shape of shapes) {
    cover(boundsOf(shape));
    // Its name stands above it.
    if (shape.kind === 'frame') cover({ x: shape.at[0], y: shape.at[1] - shape.style.fontSize * 1.6, w: 1, h: 1 });
  }
  for (const [connector, way] of ways) {
    cover(way.bounds);
    const label = labelOf(connector, way.middle);
    if (label !== null) cover(label.place);
  }
  const { x, y, w, h } = boxAround(corners);
  const { margin } = rules;
  return { x: x - margin, y: y - margin, w: w + margin * 2, h: h + margin * 2 };
}

function shapeSvg(shape: Shape, given: Given): string {
  const { style, angle, at: [x, y], size: [w, h] } = shape;
  const marks = shapeMarks(shape, given).map(markSvg).join('');
  if (style.opacity >= 1 && angle === 0) return marks;
  const opacity = style.opacity < 1 ? ` opacity="${number(style.opacity)}"` : '';
  const turn = angle === 0 ? '' : ` transform="rotate(${number(angle)} ${number(x + w / 2)} ${number(y + h / 2)})"`;
  return `<g${opacity}${turn}>${marks}</g>`;
}

function markSvg(mark: Mark): string {
  switch (mark.type) {
    case 'path': {
      const { d, fill, stroke, width, dashes } = mark;
      const line = stroke === 'none' ? '' : ` stroke-width="${number(width)}"${dashes === '' ? '' : ` stroke-dasharray="${dashes}"`} stroke-linecap="round" stroke-linejoin="round"`;
      return `<path d="${d}" fill="${fill}" stroke="${stroke}"${line}/>`;
    }
    case 'text': {
      const { x, y, size, bold, anchor, color, text } = mark;
      return `<text x="${number(x)}" y="${number(y)}" font-size="${number(size)}"${bold ? ' font-weight="700"' : ''}${anchor === 'start' ? '' : ` text-anchor="${anchor}"`} fill="${color}" xml:space="preserve">${escaped(text)}</text>`;
    }
    case 'box':
      return `<rect x="${number(mark.box.x)}" y="${number(mark.box.y)}" width="${number(mark.box.w)}" height="${number(mark.box.h)}" rx="3" fill="${mark.fill}"/>`;
    case 'image':
      return `<image x="${number(mark.box.x)}" y="${number(mark.box.y)}" width="${number(mark.box.w)}" height="${number(mark.box.h)}" href="${escaped(mark.href)}"/>`;
  }
}

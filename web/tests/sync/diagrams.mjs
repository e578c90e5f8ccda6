// Diagrams at random, the same for the same seed: everything that a diagram may say, sensible or not.
import { random as numbers } from './plan.mjs';

export const KINDS = [
  'rectangle', 'rounded', 'ellipse', 'diamond', 'cylinder', 'sticky', 'text', 'frame', 'draw', 'image', 'card', 'terminator', 'parallelogram', 'hexagon', 'document', 'subroutine', 'triangle', 'cloud',
  'person', 'system', 'container', 'component', 'boundary', 'entity', 'class', 'actor', 'note', 'of a later version',
];
export const HEADS = ['none', 'arrow', 'triangle', 'triangle_open', 'diamond', 'diamond_open', 'circle', 'circle_open', 'cross', 'one', 'many', 'one_many', 'zero_one', 'zero_many'];
const TEXTS = [
  '', ' ', '\n', 'Shop', 'A text of several words that has to be broken', 'Donaudampfschifffahrtsgesellschaftskapitän', 'two\nlines', 'a\n\n\nb', '  indented  and   spaced  ', 'tab\tin it', '<b>&"quoted"\'s</b>', '結帳流程的規格說明文件', 'ひらがなとカタカナ 混ざった文', '한국어 문장',
  '🚀 launch 👩‍👩‍👧‍👦 family 🇩🇪', 'שלום עולם', 'مرحبا بالعالم', 'e\u0301te\u0301', 'a\u200bb', 'nul\u0000 and \u0008 bell', 'Order\n---\nid int PK\nname text\n---\n+ pay(): void', 'Shape\n«interface»\n---\n+ area()', 'Only', '---\n---', 'x'.repeat(400), '\u{10ffff}', '\ufeffmark\u0085', 'one\r\ntwo\u2028three', '\u00a0hard\u00a0', '﹐全角！',
];
const COLOURS = ['default', 'gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink', 'none', '#12aB9f', '#000000', 'nosuch', '#12', 'url(x)'];

export function diagramOf(seed) {
  const random = numbers(seed);
  const below = (n) => Math.floor(random() * n);
  const one = (list) => list[below(list.length)];
  const maybe = (share, value) => (random() < share ? value() : undefined);
  const far = random() < 0.15;
  const number = (least, most) => {
    const value = least + random() * (most - least);
    return one([Math.round(value), Math.round(value * 10) / 10, Math.round(value * 100) / 100, value]);
  };
  const coordinate = () => (far && random() < 0.3 ? number(-1e6, 1e6) : number(-900, 900));
  const point = () => [coordinate(), coordinate()];
  const edge = () => (random() < 0.08 ? one([1, 1.5, 3, 2_000, 1e5]) : number(8, 320));
  const size = () => [edge(), edge()];
  const style = () => ({
    stroke: maybe(0.4, () => one(COLOURS)), color: maybe(0.3, () => one(COLOURS)), strokeWidth: maybe(0.4, () => one([0.5, 1, 2, 4, 3.3, 20, 99, -1])),
    strokeStyle: maybe(0.4, () => one(['solid', 'dashed', 'dotted', 'wavy'])), opacity: maybe(0.3, () => one([0, 0.25, 0.333333, 1, 2])), fontSize: maybe(0.4, () => one([8, 12, 13.5, 16, 40, 200, 3, 1000])),
    locked: maybe(0.1, () => true), groups: maybe(0.1, () => ['g1', 'g2']),
  });
  const clean = (values) => Object.fromEntries(Object.entries(values).filter(([, value]) => value !== undefined));
  const rank = () => one(['a0', 'a1', 'a1V', 'b00', 'Zz', `a${one([...'0123456789ABCxyz'])}`]);

  const shapes = Array.from({ length: 1 + below(24) }, (_, i) => {
    const kind = one(KINDS);
    return clean({
      id: `s${i}`, rank: rank(), kind, at: point(), size: size(), angle: maybe(0.35, () => one([90, 45, -30, 12.34, 359.999, 720, 1e-3, number(-400, 400)])), text: kind === 'card' ? '' : one(TEXTS), fill: maybe(0.5, () => one(COLOURS)), bold: maybe(0.2, () => true),
      align: maybe(0.3, () => one(['left', 'center', 'right', 'justify'])), valign: maybe(0.3, () => one(['top', 'middle', 'bottom'])), ...style(), frame: maybe(0.2, () => `s${below(24)}`),
      ...(kind === 'draw' ? { points: Array.from({ length: 1 + below(12) }, () => [number(-20, 200), number(-20, 200), random()]).flat(), base: maybe(0.8, size) } : {}),
      ...(kind === 'image' ? { file: maybe(0.5, () => 'nosuch'), alt: maybe(0.7, () => one(TEXTS)) } : {}),
    });
  });
  const end = () => (random() < 0.2 ? { at: point() } : clean({ shape: one(shapes).id, side: one(['auto', 'top', 'right', 'bottom', 'left', 'nowhere']), along: maybe(0.4, () => one([0, 1, 0.25, 0.6667, -3, 7])), at: maybe(0.3, point) }));
  const connectors = Array.from({ length: below(24) }, (_, i) =>
    clean({
      id: `c${i}`, rank: rank(), from: end(), to: end(), route: maybe(0.8, () => one(['straight', 'orthogonal', 'curved', 'zigzag'])), points: maybe(0.3, () => Array.from({ length: below(5) }, point)), text: one(TEXTS),
      start: maybe(0.7, () => one(HEADS)), end: maybe(0.7, () => one(HEADS)), startText: maybe(0.2, () => one(TEXTS)), endText: maybe(0.2, () => one(TEXTS)), ...style(),
    }),
  );
  return { canopy: 'diagram', version: 1, title: `Seed ${seed}`, shapes, connectors };
}

// A diagram with every kind of shape, every way of a connector and every head, for pictures and for axe.

const ROWS = [
  ['rectangle', 'rounded', 'ellipse', 'diamond', 'cylinder', 'triangle'],
  ['terminator', 'parallelogram', 'hexagon', 'document', 'subroutine', 'cloud'],
  ['person', 'system', 'container', 'component', 'actor', 'note'],
];
const COLOURS = ['default', 'gray', 'red', 'orange', 'yellow', 'green', 'teal', 'blue', 'purple', 'pink'];
const HEADS = ['none', 'arrow', 'triangle', 'triangle_open', 'diamond', 'diamond_open', 'circle', 'circle_open', 'cross', 'one', 'many', 'one_many', 'zero_one', 'zero_many'];
const LETTERS = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';

/** Its JSON. `items` stand on it as cards. */
export function gallery(items) {
  const shapes = [];
  const connectors = [];
  const rank = () => `b${LETTERS[Math.floor((shapes.length + connectors.length) / 52)]}${LETTERS[(shapes.length + connectors.length) % 52]}`;
  const shape = (id, kind, at, size, more = {}) => shapes.push({ id, kind, at, size, rank: rank(), text: '', ...more });
  const connect = (id, from, to, more = {}) => connectors.push({ id, from, to, rank: rank(), text: '', ...more });

  shape('frame', 'frame', [-20, 620], [480, 300], { text: 'Orders' });
  shape('boundary', 'boundary', [500, 620], [300, 300], { text: 'Third parties' });
  ROWS.forEach((kinds, row) => kinds.forEach((kind, column) => shape(kind, kind, [column * 200, row * 190], [150, 120], { text: kind, ...(row === 0 ? { fill: COLOURS[column + 2], stroke: COLOURS[column + 2], color: COLOURS[column + 2] } : {}) })));
  shape('order', 'entity', [0, 660], [180, 120], { text: 'Order\nid: uuid\nplaced: date\ntotal: money', frame: 'frame' });
  shape('line', 'class', [260, 700], [180, 130], { text: 'Line\namount: int\n---\nprice(): money', frame: 'frame' });
  connect('has', { shape: 'order', side: 'auto' }, { shape: 'line', side: 'auto' }, { start: 'one', end: 'one_many', text: 'has', startText: '1', endText: '1..*' });
  shape('sticky', 'sticky', [520, 640], [180, 180], { text: 'Who pays the fee when the bank says no?' });
  shape('text', 'text', [820, 640], [260, 36], { text: 'Payments, as of May', fontSize: 24, bold: true });
  const points = Array.from({ length: 40 }, (_, at) => [at * 6, 40 + 34 * Math.sin(at / 3), 0.2 + 0.6 * Math.abs(Math.sin(at / 9))]).flat();
  shape('draw', 'draw', [820, 700], [234, 74], { base: [234, 74], points, stroke: 'purple', strokeWidth: 4 });
  shape('image', 'image', [820, 800], [240, 120], { alt: 'A sketch of the till' });
  shape('locked', 'rectangle', [1100, 640], [130, 70], { text: 'Locked', locked: true, strokeStyle: 'dashed' });
  shape('linked', 'rounded', [1100, 740], [130, 70], { text: 'With a link', link: 'https://example.com/', opacity: 0.6, strokeStyle: 'dotted' });
  shape('turned', 'rectangle', [1100, 850], [130, 60], { text: 'Turned', angle: 20, fill: 'teal', stroke: 'teal' });
  items.forEach((item, at) => shape(`card${at}`, 'card', [at * 320, 980], [280, 88], { item: item.id }));
  ['straight', 'orthogonal', 'curved'].forEach((route, at) => connect(route, { shape: ROWS[0][at], side: 'auto' }, { shape: ROWS[1][at + 1], side: 'auto' }, { route, text: route, stroke: COLOURS[at + 5] }));
  HEADS.forEach((head, at) => connect(`head-${at}`, { at: [1280, at * 44] }, { at: [1440, at * 44] }, { route: 'straight', start: head, end: head, ...(at % 3 === 1 ? { strokeStyle: 'dashed' } : {}), strokeWidth: [1, 2, 4][at % 3] }));
  return { canopy: 'diagram', version: 1, title: '', shapes, connectors };
}

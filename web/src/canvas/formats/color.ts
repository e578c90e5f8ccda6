/** Colours as other programs write them (CSS Color Module Level 4, the forms in use) to `#rrggbb` or `none`. */
const NAMED: Readonly<Record<string, string>> = {
  aliceblue: '#f0f8ff', antiquewhite: '#faebd7', aqua: '#00ffff', aquamarine: '#7fffd4', azure: '#f0ffff', beige: '#f5f5dc', bisque: '#ffe4c4', black: '#000000', blue: '#0000ff',
  blueviolet: '#8a2be2', brown: '#a52a2a', burlywood: '#deb887', cadetblue: '#5f9ea0', chartreuse: '#7fff00', chocolate: '#d2691e', coral: '#ff7f50', cornflowerblue: '#6495ed',
  cornsilk: '#fff8dc', crimson: '#dc143c', cyan: '#00ffff', darkblue: '#00008b', darkcyan: '#008b8b', darkgray: '#a9a9a9', darkgreen: '#006400', darkgrey: '#a9a9a9', darkorange: '#ff8c00',
  darkred: '#8b0000', deeppink: '#ff1493', deepskyblue: '#00bfff', dimgray: '#696969', dodgerblue: '#1e90ff', firebrick: '#b22222', forestgreen: '#228b22', fuchsia: '#ff00ff',
  gainsboro: '#dcdcdc', gold: '#ffd700', goldenrod: '#daa520', gray: '#808080', green: '#008000', greenyellow: '#adff2f', grey: '#808080', honeydew: '#f0fff0', hotpink: '#ff69b4',
  indianred: '#cd5c5c', indigo: '#4b0082', ivory: '#fffff0', khaki: '#f0e68c', lavender: '#e6e6fa', lemonchiffon: '#fffacd', lightblue: '#add8e6', lightcoral: '#f08080',
  lightcyan: '#e0ffff', lightgray: '#d3d3d3', lightgreen: '#90ee90', lightgrey: '#d3d3d3', lightpink: '#ffb6c1', lightsalmon: '#ffa07a', lightseagreen: '#20b2aa', lightskyblue: '#87cefa',
  lightsteelblue: '#b0c4de', lightyellow: '#ffffe0', lime: '#00ff00', limegreen: '#32cd32', linen: '#faf0e6', magenta: '#ff00ff', maroon: '#800000', mediumblue: '#0000cd',
  mediumpurple: '#9370db', mediumseagreen: '#3cb371', midnightblue: '#191970', mintcream: '#f5fffa', mistyrose: '#ffe4e1', moccasin: '#ffe4b5', navy: '#000080', olive: '#808000',
  orange: '#ffa500', orangered: '#ff4500', orchid: '#da70d6', palegreen: '#98fb98', paleturquoise: '#afeeee', peachpuff: '#ffdab9', peru: '#cd853f', pink: '#ffc0cb', plum: '#dda0dd',
  powderblue: '#b0e0e6', purple: '#800080', rebeccapurple: '#663399', red: '#ff0000', rosybrown: '#bc8f8f', royalblue: '#4169e1', salmon: '#fa8072', sandybrown: '#f4a460', seagreen: '#2e8b57',
  seashell: '#fff5ee', sienna: '#a0522d', silver: '#c0c0c0', skyblue: '#87ceeb', slateblue: '#6a5acd', slategray: '#708090', slategrey: '#708090', snow: '#fffafa', springgreen: '#00ff7f',
  steelblue: '#4682b4', tan: '#d2b48c', teal: '#008080', thistle: '#d8bfd8', tomato: '#ff6347', turquoise: '#40e0d0', violet: '#ee82ee', wheat: '#f5deb3', white: '#ffffff',
  whitesmoke: '#f5f5f5', yellow: '#ffff00', yellowgreen: '#9acd32',
};

const hex = (value: number) => Math.round(Math.min(255, Math.max(0, value))).toString(16).padStart(2, '0');

/** `null` where it is no colour. What is wholly transparent is `none`; what is partly so is solid. */
export function readColor(text: unknown): string | null {
  if (typeof text !== 'string' || text.length > 64) return null;
  const color = text.trim().toLowerCase();
  if (color === 'none' || color === 'transparent') return 'none';
  const short = /^#([0-9a-f])([0-9a-f])([0-9a-f])([0-9a-f])?$/.exec(color);
  if (short) return short[4] === '0' ? 'none' : `#${short[1]}${short[1]}${short[2]}${short[2]}${short[3]}${short[3]}`;
  const long = /^#([0-9a-f]{6})([0-9a-f]{2})?$/.exec(color);
  if (long) return long[2] === '00' ? 'none' : `#${long[1]}`;
  const call = /^(rgb|hsl)a?\(\s*([\d.]+)(?:deg)?[\s,]+([\d.]+)(%?)[\s,]+([\d.]+)%?\s*(?:[,/]\s*([\d.]+)%?\s*)?\)$/.exec(color);
  if (call) {
    const [a, b, c] = [Number(call[2]), Number(call[3]), Number(call[5])];
    if (![a, b, c].every(Number.isFinite)) return null;
    if (Number(call[6] ?? 1) === 0) return 'none';
    if (call[1] === 'rgb') return `#${hex(a)}${hex(b)}${hex(c)}`;
    const light = Math.min(100, c) / 100;
    const chroma = (Math.min(100, b) / 100) * Math.min(light, 1 - light);
    const part = (n: number) => {
      const k = (n + a / 30) % 12;
      return hex(255 * (light - chroma * Math.max(-1, Math.min(k - 3, 9 - k, 1))));
    };
    return `#${part(0)}${part(8)}${part(4)}`;
  }
  return Object.hasOwn(NAMED, color) ? NAMED[color]! : null;
}

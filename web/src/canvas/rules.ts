/** `rules.json`, which the server reads too: colours, the widths of characters, and what a shape is like when it doesn't say. */
import json from '../../../crates/content/src/diagram/rules.json';

export type Theme = 'light' | 'dark';
export type Align = 'left' | 'center' | 'right';
export type Valign = 'top' | 'middle' | 'bottom';
export type StrokeStyle = 'solid' | 'dashed' | 'dotted';

interface Colours {
  fill: string;
  stroke: string;
  text: string;
}

interface Common {
  strokeWidth: number;
  strokeStyle: StrokeStyle;
  opacity: number;
  fontSize: number;
  fill: string;
  stroke: string;
  color: string;
  align: Align;
  valign: Valign;
  padding: number;
  size: [number, number];
  /** Top, right, bottom, left of where text stands, as shares of the size. */
  inset: [number, number, number, number];
}

interface Rules {
  font: { family: string; lineHeight: number; ascent: number; ascii: number[]; bold: number; wide: number; other: number };
  page: Record<Theme, { background: string; label: string }>;
  palette: Record<string, Record<Theme, Colours>>;
  common: Common;
  kinds: Record<string, Partial<Common>>;
  connector: {
    route: string;
    start: string;
    end: string;
    stroke: string;
    color: string;
    strokeWidth: number;
    strokeStyle: StrokeStyle;
    opacity: number;
    fontSize: number;
    stub: number;
    corner: number;
    labelWidth: number;
  };
  margin: number;
}

export const rules = json as unknown as Rules;

/** The words of the palette, in the order in which they are offered. */
export const PALETTE: readonly string[] = Object.keys(rules.palette);

const kinds = new Map<string, Common>();

/** What holds for a kind; for a rectangle, if it isn't known. */
export function ruleOf(kind: string): Common {
  const known = kinds.get(kind);
  if (known !== undefined) return known;
  const rule = { ...rules.common, ...(Object.hasOwn(rules.kinds, kind) ? rules.kinds[kind] : {}) };
  if (kinds.size < 1_000) kinds.set(kind, rule);
  return rule;
}

export const isKind = (kind: string): boolean => Object.hasOwn(rules.kinds, kind);

/** The colour that a word of the palette is, by its role; of the default, if there is no such word. */
export function colourOf(colour: string, theme: Theme, role: keyof Colours): string {
  if (colour === 'none' || colour.startsWith('#')) return colour;
  const themes = Object.hasOwn(rules.palette, colour) ? rules.palette[colour] : rules.palette.default;
  return (themes as Record<Theme, Colours>)[theme][role];
}

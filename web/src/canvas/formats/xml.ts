/**
 * As much of XML as diagram files use: elements, attributes, text, CDATA, comments. No document types, hence no entities
 * of a file's own; bounded in depth and in number.
 */
import { decodeEntities } from './html';
import { FormatError } from './report';

export interface Element {
  name: string;
  attributes: ReadonlyMap<string, string>;
  children: Element[];
  text: string;
}

const MAX_DEPTH = 64;
const MAX_ELEMENTS = 500_000;
/** Sticky: what is no attribute ends the tag, and is not searched through again from every place in it. */
const ATTRIBUTE = /\s+([^\s=/>"']+)\s*=\s*(?:"([^"]*)"|'([^']*)')/y;

/** The root element. */
export function parseXml(source: string): Element {
  // One that names a public type, as older SVG has it, declares nothing.
  if (/<!(?:DOCTYPE\b(?![^<>[\]]*>)|ENTITY)/i.test(source)) throw new FormatError('document_type');
  const root: Element = { name: '', attributes: new Map(), children: [], text: '' };
  const open = [root];
  let count = 0;
  let at = 0;
  const until = (mark: string, from: number) => {
    const end = source.indexOf(mark, from);
    if (end < 0) throw new FormatError('not_xml', `${mark} is missing`);
    return end;
  };
  while (at < source.length) {
    const tag = source.indexOf('<', at);
    const current = open.at(-1)!;
    const text = source.slice(at, tag < 0 ? undefined : tag);
    if (text.trim() !== '') current.text += decodeEntities(text);
    if (tag < 0) break;
    if (source.startsWith('<!--', tag)) at = until('-->', tag) + 3;
    else if (source.startsWith('<!', tag) && !source.startsWith('<![CDATA[', tag)) at = until('>', tag) + 1;
    else if (source.startsWith('<?', tag)) at = until('?>', tag) + 2;
    else if (source.startsWith('<![CDATA[', tag)) {
      const end = until(']]>', tag);
      current.text += source.slice(tag + 9, end);
      at = end + 3;
    } else if (source[tag + 1] === '/') {
      const end = until('>', tag);
      const name = source.slice(tag + 2, end).trim();
      if (open.length < 2 || current.name !== name) throw new FormatError('not_xml', `</${name.slice(0, 40)}>`);
      open.pop();
      at = end + 1;
    } else {
      // A ">" may stand in an attribute.
      let end = tag + 1;
      for (let quote = ''; ; end++) {
        const char = source[end];
        if (char === undefined) throw new FormatError('not_xml', source.slice(tag, tag + 40));
        if (quote !== '') quote = char === quote ? '' : quote;
        else if (char === '"' || char === "'") quote = char;
        else if (char === '>') break;
      }
      const inside = source.slice(tag + 1, source[end - 1] === '/' ? end - 1 : end);
      const name = /^[^\s/>]+/.exec(inside)?.[0];
      if (name === undefined || !/^[A-Za-z_]/.test(name)) throw new FormatError('not_xml', source.slice(tag, tag + 40));
      const attributes = new Map<string, string>();
      let read = name.length;
      for (ATTRIBUTE.lastIndex = read; ; read = ATTRIBUTE.lastIndex) {
        const match = ATTRIBUTE.exec(inside);
        if (!match) break;
        attributes.set(match[1]!, decodeEntities(match[2] ?? match[3] ?? ''));
      }
      if (inside.slice(read).trim() !== '') throw new FormatError('not_xml', source.slice(tag, tag + 40));
      const element: Element = { name, attributes, children: [], text: '' };
      if (++count > MAX_ELEMENTS) throw new FormatError('too_large', `${MAX_ELEMENTS}`);
      current.children.push(element);
      if (source[end - 1] !== '/') {
        if (open.length > MAX_DEPTH) throw new FormatError('not_xml', `${MAX_DEPTH}`);
        open.push(element);
      }
      at = end + 1;
    }
  }
  if (open.length > 1) throw new FormatError('not_xml', `<${open.at(-1)!.name.slice(0, 40)}>`);
  const [top] = root.children;
  if (!top) throw new FormatError('not_xml', '');
  return top;
}

export const child = (element: Element, name: string): Element | undefined => element.children.find((one) => one.name === name);
export const attribute = (element: Element | undefined, name: string): string | undefined => element?.attributes.get(name);

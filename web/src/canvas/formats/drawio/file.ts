/** The pages of a draw.io file: plain or compressed, alone or inside an SVG that draw.io wrote. */
import { t } from '@/texts';
import { FormatError, MAX_CHARACTERS, refuseLarge } from '../report';
import { attribute, child, parseXml, type Element } from '../xml';

export interface Page {
  name: string;
  /** `<mxGraphModel>` */
  model: Element;
}

/** Base64, raw deflate, URI encoding, as draw.io writes it; never more than the bound, whatever it claims to hold. */
async function inflated(text: string, page: string): Promise<string> {
  try {
    const bytes = Uint8Array.from(atob(text.replace(/\s/g, '')), (char) => char.charCodeAt(0));
    const reader = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw')).getReader();
    const decoder = new TextDecoder();
    let result = '';
    for (let part = await reader.read(); !part.done; part = await reader.read()) {
      result += decoder.decode(part.value, { stream: true });
      if (result.length > MAX_CHARACTERS) {
        await reader.cancel();
        refuseLarge(result);
      }
    }
    result += decoder.decode();
    return result.startsWith('<') ? result : decodeURIComponent(result);
  } catch (error) {
    throw error instanceof FormatError ? error : new FormatError('not_deflated', page);
  }
}

/** The page with that number, from 0 on, or all. Only those asked for are unpacked. */
export async function readPages(text: string, wanted: number | 'all'): Promise<Page[]> {
  refuseLarge(text);
  let root = parseXml(text.replace(/^\uFEFF/, ''));
  if (root.name === 'svg') root = parseXml(attribute(root, 'content') ?? '<none/>');
  if (root.name === 'mxGraphModel') root = { name: 'mxfile', attributes: new Map(), text: '', children: [{ name: 'diagram', attributes: new Map(), text: '', children: [root] }] };
  if (root.name !== 'mxfile') throw new FormatError('not_drawio');
  const diagrams = root.children.filter(({ name }) => name === 'diagram');
  if (diagrams.length === 0 || (wanted !== 'all' && !diagrams[wanted])) throw new FormatError('no_page', wanted === 'all' ? '' : String(wanted + 1));
  const pages: Page[] = [];
  let total = 0;
  for (const [i, diagram] of diagrams.entries()) {
    if (wanted !== 'all' && wanted !== i) continue;
    const name = attribute(diagram, 'name') ?? t.formats.page(i + 1);
    let model = child(diagram, 'mxGraphModel');
    if (!model && diagram.text.trim() !== '') {
      const source = diagram.text.trim();
      const unpacked = source.startsWith('<') ? source : await inflated(source, name);
      total += unpacked.length;
      if (total > 2 * MAX_CHARACTERS) throw new FormatError('too_large', `${(2 * MAX_CHARACTERS) / 1024 / 1024} MiB`);
      model = parseXml(unpacked);
    }
    if (model?.name === 'mxGraphModel') pages.push({ name, model });
    else if (model) throw new FormatError('not_drawio');
  }
  return pages;
}

/** The names of the pages, in order, for somebody to choose from. */
export function pageNames(text: string): string[] {
  refuseLarge(text);
  let root = parseXml(text.replace(/^\uFEFF/, ''));
  if (root.name === 'svg') root = parseXml(attribute(root, 'content') ?? '<none/>');
  if (root.name !== 'mxfile') return [t.formats.page(1)];
  return root.children.filter(({ name }) => name === 'diagram').map((diagram, i) => attribute(diagram, 'name') ?? t.formats.page(i + 1));
}

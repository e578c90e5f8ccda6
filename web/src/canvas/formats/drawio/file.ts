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
        refuseLarge(result.length);
      }
    }
    result += decoder.decode();
    return result.startsWith('<') ? result : decodeURIComponent(result);
  } catch (error) {
    throw error instanceof FormatError ? error : new FormatError('not_deflated', page);
  }
}

/** The pages, unpacked. */
export async function readPages(text: string): Promise<Page[]> {
  refuseLarge(text.length);
  let root = parseXml(text.replace(/^\uFEFF/, ''));
  if (root.name === 'svg') root = parseXml(attribute(root, 'content') ?? '<none/>');
  if (root.name === 'mxGraphModel') return [{ name: t.formats.page(1), model: root }];
  if (root.name !== 'mxfile') throw new FormatError('not_drawio');
  const pages: Page[] = [];
  let total = 0;
  for (const [i, diagram] of root.children.filter(({ name }) => name === 'diagram').entries()) {
    const name = attribute(diagram, 'name') ?? t.formats.page(i + 1);
    let model = child(diagram, 'mxGraphModel');
    if (!model && diagram.text.trim() !== '') {
      const source = diagram.text.trim();
      const unpacked = source.startsWith('<') ? source : await inflated(source, name);
      total += unpacked.length;
      refuseLarge(unpacked.length, 2 * MAX_CHARACTERS - total + unpacked.length);
      model = parseXml(unpacked);
    }
    if (model?.name === 'mxGraphModel') pages.push({ name, model });
    else if (model) throw new FormatError('not_drawio');
  }
  if (pages.length === 0) throw new FormatError('no_page');
  return pages;
}

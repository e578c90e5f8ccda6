/**
 * A document as Markdown: CommonMark with GitHub's tables, tasks, strikethrough and alerts. What Markdown has no words for gets an
 * escape, an entity or a tag, so that reading gives back the same document. The server writes the same, letter by letter.
 */
import { htmlTable, imageAddress } from './html';
import { destination, escapePlain, inline, textOf } from './inline';
import { contentOf, count, normalize, string, type Value } from './normal';

/** A document as Markdown. Ends with a line break unless it is empty. */
export function writeMarkdown(doc: Value): string {
  const writer = new Writer();
  writer.blocks(contentOf(normalize(doc)));
  return writer.out;
}

const isEmpty = (node: Value | undefined) => node?.type === 'paragraph' && contentOf(node).length === 0;
const startOf = (list: Value) => Math.min(count(list.attrs?.start) ?? 1, 900_000_000);

class Writer {
  out = '';
  /** What stands before each line: `> `, or the spaces of a list's entry. */
  #prefix = '';
  /** What stands before the next line instead of the end of the prefix: a list's marker. */
  #marker: string | null = null;

  #line(text: string): void {
    const marker = this.#marker;
    this.#marker = null;
    this.out += marker === null ? this.#prefix : this.#prefix.slice(0, Math.max(0, this.#prefix.length - marker.length)) + marker;
    this.out += text;
    // An empty line has no spaces at its end.
    if (text === '') this.out = this.out.replace(/ +$/, '');
    this.out += '\n';
  }

  #within(prefix: string, write: () => void): void {
    const before = this.#prefix;
    this.#prefix += prefix;
    write();
    this.#prefix = before;
  }

  blocks(blocks: readonly Value[]): void {
    blocks.forEach((block, index) => {
      if (index > 0) this.#between(blocks[index - 1] as Value, block);
      this.#block(block);
    });
  }

  #block(node: Value): void {
    const { attrs = {} } = node;
    switch (node.type) {
      case 'heading': {
        const signs = '#'.repeat(Math.min(3, Math.max(1, count(attrs.level) ?? 1)));
        const text = inline(contentOf(node), 'heading');
        return this.#line(text === '' ? signs : `${signs} ${text}`);
      }
      case 'bulletList':
        return this.#entries(node, () => '- ');
      case 'orderedList':
        return this.#entries(node, (index) => `${startOf(node) + index}. `);
      case 'taskList':
        return this.#entries(node, (_index, item) => (item.attrs?.checked === true ? '- [x] ' : '- [ ] '));
      case 'blockquote':
        return this.#within('> ', () => this.blocks(contentOf(node)));
      case 'callout':
        return this.#within('> ', () => {
          this.#line(`[!${(string(attrs.kind) || 'note').toUpperCase()}]`);
          const blocks = contentOf(node);
          if (blocks[0]?.type !== 'paragraph') this.#line('');
          this.blocks(blocks);
        });
      case 'codeBlock':
        return this.#code(node);
      case 'horizontalRule':
        return this.#line('---');
      case 'table':
        return this.#table(node);
      case 'image': {
        const width = count(attrs.width);
        return this.#line(`![${escapePlain(string(attrs.alt))}](${destination(imageAddress(attrs))})${width === null ? '' : `{width=${width}}`}`);
      }
      case 'file':
        return this.#line(`[${escapePlain(string(attrs.name))}](${destination(fileAddress(attrs))})`);
      default: {
        const text = inline(contentOf(node), 'paragraph');
        // An empty paragraph must show.
        if (text === '') return this.#line('&nbsp;');
        for (const line of text.split('\n')) this.#line(line);
      }
    }
  }

  #entries(list: Value, markerOf: (index: number, item: Value) => string): void {
    let before: readonly Value[] = [];
    contentOf(list).forEach((item, index) => {
      const blocks = contentOf(item);
      if (index > 0 && (isLoose(blocks) || isLoose(before))) this.#line('');
      before = blocks;
      const marker = markerOf(index, item);
      // What belongs to a task stands under its text, not under its box.
      const indent = marker.indexOf(' ') + 1;
      this.#within(' '.repeat(indent), () => {
        this.#marker = marker.slice(0, indent);
        this.#entry(blocks, marker.slice(indent));
      });
    });
  }

  /** An entry's blocks; the first is its paragraph, behind the box of a task. */
  #entry(blocks: readonly Value[], task: string): void {
    const [first, rest] = blocks[0]?.type === 'paragraph' ? [contentOf(blocks[0]), blocks.slice(1)] : [[], blocks];
    const text = inline(first, 'paragraph');
    if (text !== '') text.split('\n').forEach((line, index) => this.#line(index === 0 ? `${task}${line}` : line));
    else this.#line(`${task}&nbsp;`);
    rest.forEach((block, index) => {
      if (index > 0) this.#between(rest[index - 1] as Value, block);
      else if (!(first.length > 0 && interrupts(block))) this.#line('');
      this.#block(block);
    });
  }

  #between(before: Value, block: Value): void {
    this.#line('');
    if (family(before) !== null && family(before) === family(block)) {
      this.#line('<!-- -->');
      this.#line('');
    }
  }

  #code(node: Value): void {
    const text = textOf(node);
    const language = string(node.attrs?.language).replace(/[\s\p{Cc}`\\&]/gu, '');
    const longest = Math.max(2, ...(text.match(/`+/g) ?? []).map(({ length }) => length));
    const fence = '`'.repeat(longest + 1);
    this.#line(`${fence}${language}`);
    if (text !== '') for (const line of text.split('\n')) this.#line(line);
    this.#line(fence);
  }

  #table(node: Value): void {
    const rows = pipeRows(node);
    if (rows === null) {
      for (const line of htmlTable(node).split('\n')) this.#line(line);
      return;
    }
    rows.forEach((cells, index) => {
      this.#line(`|${cells.map((cell) => (cell === '' ? ' |' : ` ${cell} |`)).join('')}`);
      if (index === 0) this.#line(`|${' --- |'.repeat(cells.length)}`);
    });
  }
}

/** Whether a list may stand right under a paragraph. */
function interrupts(list: Value): boolean {
  const first = contentOf(contentOf(list)[0] ?? list)[0];
  const starts = first?.type === 'paragraph' && !isEmpty(first);
  return starts && (list.type === 'bulletList' || list.type === 'taskList' || (list.type === 'orderedList' && startOf(list) === 1));
}

/** Whether an entry has more than a paragraph and lists. */
const isLoose = (blocks: readonly Value[]): boolean =>
  blocks.some(({ type }, index) => {
    if (type === 'paragraph') return index > 0;
    return /List$/.test(type) ? index > 1 : true;
  });

const family = ({ type }: Value): string | null => (type === 'orderedList' ? '.' : type === 'bulletList' || type === 'taskList' ? '-' : null);

/**
 * A table's cells as lines of text, if GitHub's tables can say it: a first row of headers, then cells, all rows as long, no spans
 * and widths, one paragraph in each.
 */
function pipeRows(table: Value): string[][] | null {
  const rows = contentOf(table);
  const width = contentOf(rows[0] ?? table).length;
  if (rows.length === 0 || width === 0) return null;
  const made: string[][] = [];
  for (const [index, row] of rows.entries()) {
    const cells = contentOf(row);
    if (cells.length !== width) return null;
    const line: string[] = [];
    for (const { type, attrs, content = [] } of cells) {
      const single = (count(attrs?.colspan) ?? 1) === 1 && (count(attrs?.rowspan) ?? 1) === 1 && (attrs?.colwidth ?? null) === null;
      if (type !== (index === 0 ? 'tableHeader' : 'tableCell') || !single || content.length !== 1 || content[0]?.type !== 'paragraph') return null;
      line.push(inline(contentOf(content[0]), 'cell'));
    }
    made.push(line);
  }
  return made;
}

function fileAddress(attrs: Record<string, unknown>): string {
  const query = [
    count(attrs.size) === null ? null : `size=${count(attrs.size)}`,
    typeof attrs.media_type === 'string' ? `type=${attrs.media_type.replace(/[^0-9a-z/.+-]/gi, '')}` : null,
  ].filter((one) => one !== null);
  return `file:${string(attrs.file)}${query.length > 0 ? `?${query.join('&')}` : ''}`;
}

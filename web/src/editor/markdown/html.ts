/** Tables as HTML, for those that Markdown can't say. Without an empty line: one block of HTML to Markdown. A row is a line. */
import { contentOf, count, string, type Value } from './normal';

const escape = (text: string) =>
  [...text]
    .map((one) => {
      if (one === '&') return '&amp;';
      if (one === '<') return '&lt;';
      if (one === '>') return '&gt;';
      if (one === '"') return '&quot;';
      return one !== ' ' && /[\s\p{Cc}\ufeff]/u.test(one) ? `&#${one.codePointAt(0)};` : one;
    })
    .join('');

const attribute = (name: string, value: unknown) => (typeof value === 'string' || typeof value === 'number' ? ` ${name}="${escape(String(value))}"` : '');

export function htmlTable(table: Value): string {
  const rows = contentOf(table).map((row) => {
    const cells = contentOf(row).map((cell) => {
      const tag = cell.type === 'tableHeader' ? 'th' : 'td';
      const span = (name: string) => (count(cell.attrs?.[name]) ?? 1) === 1 ? '' : attribute(name, cell.attrs?.[name]);
      const widths = Array.isArray(cell.attrs?.colwidth) ? attribute('data-colwidth', cell.attrs.colwidth.join(',')) : '';
      return `<${tag}${span('colspan')}${span('rowspan')}${widths}>${blocks(contentOf(cell))}</${tag}>`;
    });
    return `<tr>${cells.join('')}</tr>\n`;
  });
  return `<table>\n${rows.join('')}</table>`;
}

const blocks = (all: readonly Value[]): string => all.map(block).join('');

function block(node: Value): string {
  const { attrs = {} } = node;
  const inner = contentOf(node);
  switch (node.type) {
    case 'heading': {
      const level = Math.min(3, Math.max(1, count(attrs.level) ?? 1));
      return `<h${level}>${inline(inner)}</h${level}>`;
    }
    case 'bulletList':
      return `<ul>${blocks(inner)}</ul>`;
    case 'orderedList':
      return `<ol${(count(attrs.start) ?? 1) === 1 ? '' : attribute('start', attrs.start)}>${blocks(inner)}</ol>`;
    case 'taskList':
      return `<ul data-type="taskList">${blocks(inner)}</ul>`;
    case 'listItem':
      return `<li>${blocks(inner)}</li>`;
    case 'taskItem':
      return `<li data-type="taskItem"${attribute('data-checked', String(attrs.checked === true))}>${blocks(inner)}</li>`;
    case 'blockquote':
      return `<blockquote>${blocks(inner)}</blockquote>`;
    case 'callout':
      return `<div data-type="callout"${attribute('data-kind', string(attrs.kind) || 'note')}>${blocks(inner)}</div>`;
    case 'codeBlock': {
      const language = string(attrs.language);
      return `<pre><code${language === '' ? '' : attribute('class', `language-${language}`)}>${inner.map(({ text }) => escape(text ?? '')).join('')}</code></pre>`;
    }
    case 'horizontalRule':
      return '<hr>';
    case 'table':
      return htmlTable(node).replaceAll('\n', '');
    case 'image':
      return `<img${attribute('src', imageAddress(attrs))}${attribute('alt', attrs.alt)}${attribute('width', attrs.width)}>`;
    case 'file':
      return `<div data-type="file"${attribute('data-file', attrs.file)}${attribute('data-name', attrs.name)}${attribute('data-media-type', attrs.media_type)}${attribute('data-size', attrs.size)}></div>`;
    default:
      return `<p>${inline(inner)}</p>`;
  }
}

export const imageAddress = (attrs: Record<string, unknown>): string => (typeof attrs.file === 'string' ? `file:${attrs.file}` : string(attrs.src));

const TAGS: Record<string, string> = { bold: 'strong', italic: 'em', strike: 's', code: 'code', underline: 'u', highlight: 'mark' };

function inline(nodes: readonly Value[]): string {
  return nodes
    .map((node) => {
      if (node.type === 'hardBreak') return '<br>';
      if (node.type === 'mention' || node.type === 'itemLink') {
        const { id, label } = node.attrs ?? {};
        const sign = node.type === 'mention' ? '@' : '#';
        return `<span data-type="${node.type}"${attribute('data-id', id)}${attribute('data-label', label)}>${sign}${escape(string(label))}</span>`;
      }
      let [open, close] = ['', ''];
      for (const { type, attrs } of node.marks ?? []) {
        const tag = TAGS[type];
        if (type === 'link') [open, close] = [`${open}<a${attribute('href', string(attrs?.href))}>`, `</a>${close}`];
        else if (tag !== undefined) [open, close] = [`${open}<${tag}>`, `</${tag}>${close}`];
      }
      return `${open}${escape(node.text ?? '')}${close}`;
    })
    .join('');
}

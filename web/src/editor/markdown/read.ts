/**
 * Markdown into a document: what {@link writeMarkdown} writes, and what people write. Markdown becomes HTML, and the schema reads
 * that as it reads anything pasted: what it doesn't know has no way in. The parser is loaded when it is first needed.
 */
import MarkdownIt from 'markdown-it';
import { DOMParser as Reader, type Node as Doc, type Schema } from '@tiptap/pm/model';

type StateInline = Parameters<MarkdownIt['inline']['ruler']['before']>[2] extends (state: infer S, silent: boolean) => boolean ? S : never;
type Token = ReturnType<MarkdownIt['parse']>[number];
type StateCore = Parameters<MarkdownIt['core']['ruler']['push']>[1] extends (state: infer S) => unknown ? S : never;

const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';
const ink = (code: string) => code !== '' && !/\s/.test(code);

const md = new MarkdownIt('commonmark', { html: true }).enable(['table', 'strikethrough']);
const { escapeHtml } = md.utils;

// Every address is read; the schema decides which may stay.
md.validateLink = () => true;
md.normalizeLink = (url) => url;
md.normalizeLinkText = (url) => url;

/** `==x==`: two signs, ink on the inner sides. They pair up when the paragraph is whole. */
md.inline.ruler.before('emphasis', 'highlight', (state: StateInline, silent: boolean) => {
  if (silent || state.src[state.pos] !== '=') return false;
  const run = /^=+/.exec(state.src.slice(state.pos))?.[0].length ?? 1;
  const token = state.push('equals', '', 0);
  token.content = '='.repeat(run);
  if (run === 2) token.meta = { equals: true, opens: ink(state.src[state.pos + 2] ?? ''), closes: ink(state.src[state.pos - 1] ?? '') };
  state.pos += run;
  return true;
});
md.inline.ruler.at('text', (state: StateInline, silent: boolean) => {
  // `=` isn't one of the signs that plain text stops at.
  const rest = state.src.slice(state.pos, state.posMax);
  const stop = rest.search(/[\n!#$%&*+\-:<=>@[\]\\^_`{}~]/);
  if (stop === 0) return false;
  if (!silent) state.pending += stop < 0 ? rest : rest.slice(0, stop);
  state.pos += stop < 0 ? rest.length : stop;
  return true;
});

md.core.ruler.before('text_join', 'highlight', (state: StateCore) => {
  for (const { children } of state.tokens) {
    const signs = (children ?? []).filter(({ type }) => type === 'equals');
    let open: (typeof signs)[number] | null = null;
    for (const sign of signs) {
      const { opens = false, closes = false } = (sign.meta ?? {}) as { opens?: boolean; closes?: boolean };
      sign.type = 'text';
      if (open !== null && closes) {
        open.type = 'highlight_open';
        sign.type = 'highlight_close';
        open = null;
      } else if (open === null && opens) open = sign;
    }
  }
});

/** The words of a label, without what they look like. */
const words = (tokens: readonly Token[] | null): string =>
  (tokens ?? []).map((token) => (/break$/.test(token.type) ? ' ' : token.type === 'image' ? words(token.children) : /^(text|text_special|code_inline|equals)$/.test(token.type) ? token.content : '')).join('');

const attributes = (all: Record<string, string | undefined>): string =>
  Object.entries(all)
    .map(([name, value]) => (value === undefined ? '' : ` ${name}="${escapeHtml(value)}"`))
    .join('');

/** What a link of ours stands for, as HTML; null for a link like any other. A file is an image to HTML until it is lifted out of its line. */
function own(href: string, label: string): string | null {
  const [, scheme, id] = new RegExp(`^(user|item):(${UUID})$`, 'i').exec(href) ?? [];
  if (scheme === 'user') return `<span${attributes({ 'data-type': 'mention', 'data-id': id, 'data-label': label.replace(/^@/, '') })}></span>`;
  if (scheme === 'item') return `<span${attributes({ 'data-type': 'itemLink', 'data-id': id, 'data-label': label.replace(/^#/, '') })}></span>`;
  const file = new RegExp(`^file:(${UUID})(?:\\?(.*))?$`, 'i').exec(href);
  if (file === null) return null;
  const query = new Map((file[2] ?? '').split('&').map((pair) => pair.split('=') as [string, string]));
  return `<img${attributes({ 'data-type': 'file', 'data-file': file[1], 'data-name': label, 'data-media-type': query.get('type'), 'data-size': query.get('size') })}>`;
}

md.core.ruler.before('text_join', 'own', (state: StateCore) => {
  for (const { children } of state.tokens) {
    if (children === null) continue;
    for (let at = 0; at < children.length; at += 1) {
      const token = children[at] as Token;
      if (token.type !== 'link_open') continue;
      const end = children.findIndex((other, index) => index > at && other.type === 'link_close' && other.level === token.level);
      const html = end < 0 ? null : own(String(token.attrGet('href') ?? ''), words(children.slice(at + 1, end)));
      if (html === null) continue;
      const made = new state.Token('own', '', 0);
      made.content = html;
      children.splice(at, end - at + 1, made);
    }
  }
});

/** `[ ] ` and `[x] ` at the beginning of an entry; a list of both kinds becomes several. */
md.core.ruler.push('tasks', ({ tokens }: StateCore) => {
  const lists: { open: number; task: boolean | null }[] = [];
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at]!;
    if (/^(bullet|ordered)_list_open$/.test(token.type)) lists.push({ open: at, task: null });
    else if (/^(bullet|ordered)_list_close$/.test(token.type)) {
      if (lists.pop()?.task) token.tag = 'ul';
    } else if (token.type === 'list_item_open') {
      const list = lists.at(-1)!;
      const inline = tokens[at + 2];
      const first = inline?.type === 'inline' && tokens[at + 1]?.type === 'paragraph_open' ? inline.children?.[0] : undefined;
      const box = first?.type === 'text' && /^\[[ xX]\]/.test(inline!.content) ? /^\[([ xX])\](?:\s+|$)/.exec(first.content) : null;
      const task = box !== null && box !== undefined;
      if (task) {
        first!.content = first!.content.slice(box[0].length);
        token.attrSet('data-type', 'taskItem');
        token.attrSet('data-checked', String(box[1] !== ' '));
      }
      if (list.task !== null && list.task !== task) {
        // Another kind: the list ends here, and one of the other kind begins.
        const source = tokens[list.open]!;
        const close = Object.assign(Object.create(Object.getPrototypeOf(source) as object), source, { type: 'bullet_list_close', tag: list.task ? 'ul' : source.tag, nesting: -1, attrs: null }) as typeof source;
        const open = Object.assign(Object.create(Object.getPrototypeOf(source) as object), source, { type: 'bullet_list_open', tag: task ? 'ul' : (source.meta as { tag: string }).tag, nesting: 1, attrs: null }) as typeof source;
        open.meta = source.meta;
        tokens.splice(at, 0, close, open);
        list.open = at + 1;
        list.task = task;
        if (task) open.attrSet('data-type', 'taskList');
        at += 2;
      } else if (list.task === null) {
        list.task = task;
        const open = tokens[list.open]!;
        open.meta = { tag: open.tag };
        if (task) {
          open.tag = 'ul';
          open.attrSet('data-type', 'taskList');
        }
      }
    }
  }
});

/** GitHub's alerts: a quotation whose first line is `[!NOTE]`. */
md.core.ruler.after('block', 'callouts', ({ tokens }: StateCore) => {
  tokens.forEach((token, at) => {
    if (token.type !== 'blockquote_open') return;
    const inline = tokens[at + 2];
    const match = tokens[at + 1]?.type === 'paragraph_open' && inline?.type === 'inline' ? /^\[!(note|tip|important|warning|caution)\][ \t]*(?:\n|$)/i.exec(inline.content) : null;
    if (match === null || inline === undefined) return;
    token.tag = 'div';
    token.attrSet('data-type', 'callout');
    token.attrSet('data-kind', (match[1] as string).toLowerCase());
    let depth = 0;
    for (let end = at; end < tokens.length; end += 1) {
      depth += tokens[end]!.type === 'blockquote_open' ? 1 : tokens[end]!.type === 'blockquote_close' ? -1 : 0;
      if (depth === 0) {
        tokens[end]!.tag = 'div';
        break;
      }
    }
    inline.content = inline.content.slice(match[0].length);
    if (inline.content === '') tokens.splice(at + 1, 3);
  });
});

const { rules } = md.renderer;

md.renderer.renderToken = (tokens, at) => {
  const token = tokens[at]!;
  return token.nesting === -1 ? `</${token.tag}>` : `<${token.tag}${md.renderer.renderAttrs(token)}>`;
};
rules.highlight_open = () => '<mark>';
rules.highlight_close = () => '</mark>';
rules.softbreak = () => ' ';
rules.hardbreak = () => '<br>';
rules.fence = (tokens, at) => {
  const { info, content } = tokens[at]!;
  const language = info.trim().split(/\s+/)[0] ?? '';
  return `<pre><code${language === '' ? '' : ` class="language-${escapeHtml(language)}"`}>${escapeHtml(content.replace(/\n$/, ''))}</code></pre>`;
};
rules.code_block = (tokens, at) => `<pre><code>${escapeHtml(tokens[at]!.content.replace(/\n$/, ''))}</code></pre>`;
rules.code_inline = (tokens, at) => `<code>${escapeHtml(tokens[at]!.content)}</code>`;
rules.image = (tokens, at) => {
  const token = tokens[at]!;
  const next = tokens[at + 1];
  const width = next?.type === 'text' ? /^\{width=(\d+)\}/.exec(next.content) : null;
  if (width !== null && next !== undefined) next.content = next.content.slice(width[0].length);
  return `<img${attributes({ src: String(token.attrGet('src') ?? ''), alt: words(token.children), width: width?.[1] })}>`;
};
rules.own = (tokens, at) => tokens[at]!.content;

const KNOWN = new Set('a abbr address article aside b big blockquote br center cite code col colgroup dd del details dfn div dl dt em figcaption figure font footer h1 h2 h3 h4 h5 h6 header hr i img ins kbd li main mark nav ol p pre q s samp section small span strike strong sub summary sup table tbody td tfoot th thead time tr tt u ul var wbr'.split(' '));
/** `Vec<T>` is text, not a tag. */
rules.html_inline = (tokens, at) => {
  const { content } = tokens[at]!;
  if (content.startsWith('<!--')) return '';
  const name = /^<\/?([a-z][a-z0-9-]*)/i.exec(content)?.[1]?.toLowerCase();
  return name !== undefined && KNOWN.has(name) ? content : name === 'script' || name === 'style' ? '' : escapeHtml(content);
};
const BLOCK = '</?(?:table|thead|tbody|tfoot|tr|td|th|caption|colgroup|col|p|div|ul|ol|li|h[1-6]|blockquote|pre|details|summary|section|article|br|hr)\\b[^>]*>';
/** Line breaks are spaces, but around blocks they are nothing. */
const unbroken = (html: string) =>
  html
    .replace(new RegExp(`(${BLOCK})\\s*\\n\\s*`, 'gi'), '$1')
    .replace(new RegExp(`\\s*\\n\\s*(${BLOCK})`, 'gi'), '$1')
    .replace(/\s*\n\s*/g, ' ')
    .trim();
rules.html_block = (tokens, at) => unbroken(tokens[at]!.content.replace(/<!--[\s\S]*?-->/g, ''));

/** An empty paragraph is written `&nbsp;`; a no-break space `&#160;`. */
const blank = /^(?:[ \t]*)&nbsp;(?:[ \t]*)$/;
md.core.ruler.push('blank', ({ tokens }: StateCore) => {
  for (const token of tokens) if (token.type === 'inline' && blank.test(token.content)) token.children = [];
});

/** Markdown as HTML, for the schema to read. */
export const toHtml = (source: string): string => md.render(source);

/** Pictures and files are blocks: they part the line that they stand in. */
function liftBlocks(body: HTMLElement): void {
  for (const picture of body.querySelectorAll('img')) {
    const line = picture.closest('p, h1, h2, h3, h4, h5, h6');
    if (line !== null) {
      const rest = cutBefore(line, picture);
      if (!isBlank(rest)) line.before(rest);
      line.before(picture);
      if (isBlank(line)) line.remove();
    }
    if (picture.dataset.type !== 'file') continue;
    const file = document.createElement('div');
    for (const { name, value } of picture.attributes) file.setAttribute(name, value);
    picture.replaceWith(file);
  }
}

/** Takes what stands before `node` out of `line`, within the same marks. */
function cutBefore(line: Element, node: Element): Element {
  let cut: Element | null = null;
  let below = node;
  while (below !== line) {
    const parent = below.parentElement as Element;
    const clone = parent.cloneNode(false) as Element;
    while (parent.firstChild !== null && parent.firstChild !== below) clone.append(parent.firstChild);
    if (cut !== null) clone.append(cut);
    cut = clone;
    below = parent;
  }
  return cut as Element;
}

const isBlank = (line: Element) => line.textContent === '' && line.querySelector('br, img, span[data-type]') === null;

export function readMarkdown(schema: Schema, source: string): Doc {
  const { body } = new DOMParser().parseFromString(toHtml(source), 'text/html');
  liftBlocks(body);
  // An entry begins with a paragraph, if an empty one.
  for (const item of body.querySelectorAll('li')) {
    const first = item.firstChild;
    if (first === null || (first.nodeType === 1 && /^(H[1-6]|UL|OL|BLOCKQUOTE|PRE|TABLE|DIV|HR|IMG)$/.test(first.nodeName))) item.prepend(document.createElement('p'));
  }
  return Reader.fromSchema(schema).parse(body, { preserveWhitespace: true });
}

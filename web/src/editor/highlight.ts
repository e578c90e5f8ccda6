/**
 * Colours in code: decorations only, never in the document. The highlighter and each language are loaded when a document first
 * shows them. What a piece of code looks like is kept, since remote changes touch other blocks far more often.
 */
import type { LanguageFn } from 'highlight.js';
import type { Node } from '@tiptap/pm/model';
import { Plugin, PluginKey, type EditorState } from '@tiptap/pm/state';
import { Decoration, DecorationSet, type EditorView } from '@tiptap/pm/view';

type Language = { id: string; label: string; aliases?: readonly string[]; load: () => Promise<{ default: LanguageFn }> };

export const LANGUAGES: readonly Language[] = [
  { id: 'bash', label: 'Bash', aliases: ['sh', 'shell', 'zsh', 'console'], load: () => import('highlight.js/lib/languages/bash') },
  { id: 'c', label: 'C', aliases: ['h'], load: () => import('highlight.js/lib/languages/c') },
  { id: 'cpp', label: 'C++', aliases: ['c++', 'cc', 'hpp', 'cxx'], load: () => import('highlight.js/lib/languages/cpp') },
  { id: 'csharp', label: 'C#', aliases: ['cs', 'c#'], load: () => import('highlight.js/lib/languages/csharp') },
  { id: 'css', label: 'CSS', load: () => import('highlight.js/lib/languages/css') },
  { id: 'dart', label: 'Dart', load: () => import('highlight.js/lib/languages/dart') },
  { id: 'diff', label: 'Diff', aliases: ['patch'], load: () => import('highlight.js/lib/languages/diff') },
  { id: 'dockerfile', label: 'Dockerfile', aliases: ['docker'], load: () => import('highlight.js/lib/languages/dockerfile') },
  { id: 'elixir', label: 'Elixir', aliases: ['ex', 'exs'], load: () => import('highlight.js/lib/languages/elixir') },
  { id: 'gherkin', label: 'Gherkin', aliases: ['feature'], load: () => import('highlight.js/lib/languages/gherkin') },
  { id: 'go', label: 'Go', aliases: ['golang'], load: () => import('highlight.js/lib/languages/go') },
  { id: 'graphql', label: 'GraphQL', aliases: ['gql'], load: () => import('highlight.js/lib/languages/graphql') },
  { id: 'haskell', label: 'Haskell', aliases: ['hs'], load: () => import('highlight.js/lib/languages/haskell') },
  { id: 'http', label: 'HTTP', load: () => import('highlight.js/lib/languages/http') },
  { id: 'ini', label: 'INI, TOML', aliases: ['toml'], load: () => import('highlight.js/lib/languages/ini') },
  { id: 'java', label: 'Java', load: () => import('highlight.js/lib/languages/java') },
  { id: 'javascript', label: 'JavaScript', aliases: ['js', 'jsx', 'mjs', 'cjs'], load: () => import('highlight.js/lib/languages/javascript') },
  { id: 'json', label: 'JSON', aliases: ['jsonc', 'json5'], load: () => import('highlight.js/lib/languages/json') },
  { id: 'kotlin', label: 'Kotlin', aliases: ['kt', 'kts'], load: () => import('highlight.js/lib/languages/kotlin') },
  { id: 'lua', label: 'Lua', load: () => import('highlight.js/lib/languages/lua') },
  { id: 'makefile', label: 'Makefile', aliases: ['make', 'mk'], load: () => import('highlight.js/lib/languages/makefile') },
  { id: 'markdown', label: 'Markdown', aliases: ['md'], load: () => import('highlight.js/lib/languages/markdown') },
  { id: 'nginx', label: 'nginx', load: () => import('highlight.js/lib/languages/nginx') },
  { id: 'php', label: 'PHP', load: () => import('highlight.js/lib/languages/php') },
  { id: 'powershell', label: 'PowerShell', aliases: ['ps1', 'ps'], load: () => import('highlight.js/lib/languages/powershell') },
  { id: 'protobuf', label: 'Protocol Buffers', aliases: ['proto'], load: () => import('highlight.js/lib/languages/protobuf') },
  { id: 'python', label: 'Python', aliases: ['py'], load: () => import('highlight.js/lib/languages/python') },
  { id: 'r', label: 'R', load: () => import('highlight.js/lib/languages/r') },
  { id: 'ruby', label: 'Ruby', aliases: ['rb'], load: () => import('highlight.js/lib/languages/ruby') },
  { id: 'rust', label: 'Rust', aliases: ['rs'], load: () => import('highlight.js/lib/languages/rust') },
  { id: 'scala', label: 'Scala', load: () => import('highlight.js/lib/languages/scala') },
  { id: 'scss', label: 'SCSS', aliases: ['sass', 'less'], load: () => import('highlight.js/lib/languages/scss') },
  { id: 'sql', label: 'SQL', aliases: ['psql', 'sqlite', 'mysql'], load: () => import('highlight.js/lib/languages/sql') },
  { id: 'swift', label: 'Swift', load: () => import('highlight.js/lib/languages/swift') },
  { id: 'typescript', label: 'TypeScript', aliases: ['ts', 'tsx', 'mts'], load: () => import('highlight.js/lib/languages/typescript') },
  { id: 'xml', label: 'HTML, XML', aliases: ['html', 'svg', 'xhtml', 'vue'], load: () => import('highlight.js/lib/languages/xml') },
  { id: 'yaml', label: 'YAML', aliases: ['yml'], load: () => import('highlight.js/lib/languages/yaml') },
];

const byName = new Map(LANGUAGES.flatMap((language) => [language.id, ...(language.aliases ?? [])].map((name) => [name, language] as const)));

/** The language a block names, by its id or another name that people use. */
export const languageOf = (name: unknown): Language | undefined => (typeof name === 'string' ? byName.get(name.toLowerCase()) : undefined);

/** Longer code stays plain: colouring it would cost more than it tells. */
const LONGEST = 20_000;
const KEPT = 400;

type Span = { from: number; to: number; className: string };
type Lowlight = ReturnType<(typeof import('lowlight'))['createLowlight']>;
type Tree = ReturnType<Lowlight['highlight']>;

let lowlight: Lowlight | undefined;
const loading = new Map<string, Promise<void>>();
const spans = new Map<string, readonly Span[]>();

async function load(language: Language): Promise<void> {
  const [{ createLowlight }, grammar] = await Promise.all([import('./lowlight'), language.load()]);
  lowlight ??= createLowlight();
  lowlight.register(language.id, grammar.default);
}

function flatten(nodes: Tree['children'], className: string, at: number, into: Span[]): number {
  for (const node of nodes) {
    if (node.type === 'text') {
      if (className !== '' && node.value !== '') into.push({ from: at, to: at + node.value.length, className });
      at += node.value.length;
    } else if (node.type === 'element') {
      const own = Array.isArray(node.properties.className) ? node.properties.className.join(' ') : '';
      at = flatten(node.children as Tree['children'], [className, own].filter(Boolean).join(' '), at, into);
    }
  }
  return at;
}

/** The coloured parts of `code`, or null while its language isn't there. */
function coloured(language: Language, code: string): readonly Span[] | null {
  if (lowlight === undefined || !lowlight.registered(language.id)) return null;
  const key = `${language.id}\n${code}`;
  let known = spans.get(key);
  if (known === undefined) {
    const made: Span[] = [];
    flatten(lowlight.highlight(language.id, code).children, '', 0, made);
    known = made;
    if (spans.size >= KEPT) spans.delete(spans.keys().next().value as string);
  } else spans.delete(key);
  spans.set(key, known);
  return known;
}

type State = { blocks: readonly { node: Node; pos: number }[]; decorations: DecorationSet };
const key = new PluginKey<State>('highlight');

export function highlighting(type: string): Plugin<State> {
  const blocksOf = (doc: Node) => {
    const blocks: { node: Node; pos: number }[] = [];
    doc.descendants((node, pos) => {
      if (node.type.name === type) blocks.push({ node, pos });
      return !node.isTextblock;
    });
    return blocks;
  };
  const paint = (doc: Node, blocks: State['blocks']): State => {
    const decorations: Decoration[] = [];
    for (const { node, pos } of blocks) {
      const language = languageOf(node.attrs.language);
      if (language === undefined || node.content.size > LONGEST) continue;
      for (const { from, to, className } of coloured(language, node.textContent) ?? []) {
        decorations.push(Decoration.inline(pos + 1 + from, pos + 1 + to, { class: className }));
      }
    }
    return { blocks, decorations: DecorationSet.create(doc, decorations) };
  };
  const wanted = (state: EditorState) =>
    (key.getState(state)?.blocks ?? []).map(({ node }) => languageOf(node.attrs.language)).filter((one) => one !== undefined && lowlight?.registered(one.id) !== true);
  return new Plugin<State>({
    key,
    state: {
      init: (_config, { doc }) => paint(doc, blocksOf(doc)),
      apply: (tr, before, _old, { doc }) => {
        if (tr.getMeta(key) !== undefined) return paint(doc, blocksOf(doc));
        if (!tr.docChanged) return before;
        const blocks = blocksOf(doc);
        const same = blocks.length === before.blocks.length && blocks.every(({ node }, index) => node === before.blocks[index]?.node);
        if (same) return { blocks, decorations: before.decorations.map(tr.mapping, doc) };
        return paint(doc, blocks);
      },
    },
    props: { decorations: (state) => key.getState(state)?.decorations },
    view: (view: EditorView) => {
      const ask = () => {
        for (const language of wanted(view.state)) {
          if (language === undefined || loading.has(language.id)) continue;
          loading.set(language.id, load(language).catch(() => void loading.delete(language.id)));
        }
        const open = wanted(view.state).map((language) => (language === undefined ? undefined : loading.get(language.id)));
        if (open.length > 0)
          void Promise.all(open).then(() => {
            if (!view.isDestroyed && wanted(view.state).length < open.length) view.dispatch(view.state.tr.setMeta(key, 'loaded').setMeta('addToHistory', false));
          });
      };
      ask();
      return { update: (_view, before) => void (key.getState(before)?.blocks !== key.getState(view.state)?.blocks && ask()) };
    },
  });
}

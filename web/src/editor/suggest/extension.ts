/** What opens while somebody types `/`, `@` or `#`. The list itself is drawn by {@link Suggestions}. */
import { Extension, type Editor } from '@tiptap/core';
import { PluginKey } from '@tiptap/pm/state';
import Suggestion, { exitSuggestion, type SuggestionProps } from '@tiptap/suggestion';
import { suggestStore, type Choice, type Kind } from './store';

type Range = { from: number; to: number };
export type Source = (query: string, editor: Editor, range: Range) => readonly Choice[];
/** What only the server knows. It comes later, behind what was there at once. */
export type Further = (query: string, editor: Editor, range: Range) => Promise<readonly Choice[]>;

const signs: Record<Kind, string> = { slash: '/', people: '@', items: '#' };

/** How long nothing is typed before the server is asked, in milliseconds. */
const PAUSE = 160;
/** Up to three words: more is a sentence that happens to follow a sign. */
const ASKED = /^\S{2,}(\s+\S+){0,2}$/;

export const Suggest = Extension.create<{ sources: Record<Kind, Source>; further: Partial<Record<Kind, Further>> }>({
  name: 'suggest',
  priority: 1_100,
  addOptions: () => ({ sources: { slash: () => [], people: () => [], items: () => [] }, further: {} }),
  addProseMirrorPlugins() {
    const { editor } = this;
    return (Object.keys(signs) as Kind[]).map((kind) => {
      const pluginKey = new PluginKey(`suggest-${kind}`);
      let timer: ReturnType<typeof setTimeout> | undefined;
      const show = ({ query, range, clientRect }: SuggestionProps) => {
        const store = suggestStore(editor);
        // `# ` and `## ` are headings; a list that offers nothing gets out of the way.
        const choices = /^\s|^[#@/]/.test(query) ? [] : this.options.sources[kind](query, editor, range);
        const before = store.getState().open;
        const active = before?.kind === kind && before.query === query ? Math.min(before.active, choices.length - 1) : 0;
        const rect = () => clientRect?.() ?? null;
        store.setState({ open: choices.length === 0 ? null : { kind, query, choices, active, rect } });
        clearTimeout(timer);
        const further = this.options.further[kind];
        if (further === undefined || /^\s|^[#@/]/.test(query) || !ASKED.test(query.trim())) return;
        const asked = (timer = setTimeout(() => {
          const add = (more: readonly Choice[]) => {
            if (timer !== asked || editor.isDestroyed) return;
            const { open } = store.getState();
            const known = open?.kind === kind ? open.choices : choices;
            const fresh = more.filter(({ id }) => !known.some((one) => one.id === id));
            if (fresh.length > 0) store.setState({ open: { kind, query, choices: [...known, ...fresh], active: open?.active ?? 0, rect } });
          };
          // Without the network what is here has to do.
          further(query, editor, range).then(add, () => undefined);
        }, PAUSE));
      };
      return Suggestion({
        editor,
        pluginKey,
        char: signs[kind],
        allowSpaces: true,
        allowedPrefixes: [' ', '(', '\u00a0', '\n'],
        decorationClass: 'suggesting',
        dismissOnOutsideClick: false,
        allow: ({ state }) => {
          const { $from } = state.selection;
          return !$from.parent.type.spec.code && !$from.marks().some((mark) => mark.type.name === 'code');
        },
        // Only what is asked for is looked up, by `show`.
        items: () => [],
        render: () => ({
          onStart: show,
          onUpdate: show,
          onExit: () => {
            clearTimeout(timer);
            timer = undefined;
            suggestStore(editor).setState(({ open }) => (open?.kind === kind ? { open: null } : {}));
          },
          onKeyDown: ({ event, view }) => {
            const store = suggestStore(editor);
            const { open } = store.getState();
            if (open === null || open.kind !== kind || event.isComposing) return false;
            const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
            if (step !== undefined && !event.altKey) {
              store.setState({ open: { ...open, active: (open.active + step + open.choices.length) % open.choices.length } });
              return true;
            }
            if ((event.key === 'Enter' || event.key === 'Tab') && !event.shiftKey && !event.ctrlKey && !event.metaKey) {
              open.choices[open.active]?.choose();
              return true;
            }
            if (event.key === 'Escape') {
              event.stopPropagation();
              exitSuggestion(view, pluginKey);
              return true;
            }
            return false;
          },
        }),
      });
    });
  },
});

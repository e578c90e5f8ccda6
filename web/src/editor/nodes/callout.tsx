import { findParentNode, mergeAttributes, Node, wrappingInputRule, InputRule } from '@tiptap/core';
import { CircleAlert, Info, Lightbulb, OctagonAlert, TriangleAlert } from 'lucide-react';
import { t } from '@/texts';
import { Menu, MenuChoice } from '@/ui/menu';
import { element, reactView, type ViewProps } from '../views';

export const CALLOUTS = ['note', 'tip', 'important', 'warning', 'caution'] as const;
export type CalloutKind = (typeof CALLOUTS)[number];

/** Whatever another client wrote, as one of ours. */
export const calloutKind = (value: unknown): CalloutKind => {
  const kind = String(value).toLowerCase() as CalloutKind;
  return CALLOUTS.includes(kind) ? kind : 'note';
};

/** What panels of other tools are called there. */
const FOREIGN: Record<string, CalloutKind> = { info: 'note', success: 'tip', error: 'caution', danger: 'caution', custom: 'note', tip: 'tip', warning: 'warning', note: 'note' };

const icons = { note: Info, tip: Lightbulb, important: CircleAlert, warning: TriangleAlert, caution: OctagonAlert };

export function CalloutIcon({ kind, className }: { kind: CalloutKind; className?: string }) {
  const Icon = icons[kind];
  return <Icon aria-hidden className={className} />;
}

function Kind({ node, editor, update }: ViewProps) {
  const kind = calloutKind(node.attrs.kind);
  const label = t.editor.callouts[kind];
  if (!editor.isEditable)
    return (
      <span className="callout-icon" role="img" aria-label={label}>
        <CalloutIcon kind={kind} />
      </span>
    );
  return (
    <Menu
      trigger={
        <button type="button" className="callout-icon" aria-label={t.editor.calloutKind(label)} title={t.editor.calloutKind(label)}>
          <CalloutIcon kind={kind} />
        </button>
      }
    >
      <MenuChoice
        label={t.editor.callout}
        value={kind}
        options={CALLOUTS.map((value) => ({ value, label: t.editor.callouts[value], icon: <CalloutIcon kind={value} className={`callout-${value}`} /> }))}
        onChange={(next) => update({ kind: next })}
      />
    </Menu>
  );
}

declare module '@tiptap/core' {
  interface Commands<ReturnType> {
    callout: {
      /** Wraps the selection in a callout, changes the kind of the one around it, or takes it out if it has that kind. */
      toggleCallout: (kind: CalloutKind) => ReturnType;
    };
  }
}

export const Callout = Node.create({
  name: 'callout',
  group: 'block',
  content: 'block+',
  defining: true,
  addAttributes() {
    return {
      kind: { default: 'note', parseHTML: (shown) => calloutKind(shown.dataset.kind), renderHTML: ({ kind }) => ({ 'data-kind': calloutKind(kind) }) },
    };
  },
  parseHTML() {
    return [
      { tag: 'div[data-type=callout]' },
      // Confluence and Jira.
      { tag: 'div[data-panel-type]', getAttrs: (shown) => ({ kind: FOREIGN[shown.dataset.panelType ?? ''] ?? 'note' }) },
      {
        tag: 'div.confluence-information-macro',
        contentElement: '.confluence-information-macro-body',
        getAttrs: (shown) => ({ kind: FOREIGN[/macro-(information|tip|note|warning)/.exec(shown.className)?.[1] ?? ''] ?? 'note' }),
      },
      // GitHub.
      { tag: 'div.markdown-alert', getAttrs: (shown) => ({ kind: calloutKind(/markdown-alert-(\w+)/.exec(shown.className)?.[1]) }) },
      { tag: 'p.markdown-alert-title', ignore: true },
    ];
  },
  renderHTML({ HTMLAttributes }) {
    return ['div', mergeAttributes(HTMLAttributes, { 'data-type': 'callout' }), 0];
  },
  addNodeView() {
    return reactView(Kind, () => {
      const dom = element('div', 'callout');
      const host = element('div', 'callout-side');
      const content = element('div', 'callout-body');
      dom.append(host, content);
      return {
        dom,
        host,
        content,
        paint: (node) => {
          const kind = calloutKind(node.attrs.kind);
          dom.dataset.kind = kind;
          dom.setAttribute('role', 'note');
          dom.setAttribute('aria-label', t.editor.callouts[kind]);
        },
      };
    });
  },
  addCommands() {
    return {
      toggleCallout:
        (kind) =>
        ({ state, commands }) => {
          const around = findParentNode((node) => node.type === this.type)(state.selection);
          if (around === undefined) return commands.wrapIn(this.type, { kind });
          if (calloutKind(around.node.attrs.kind) === kind) return commands.lift(this.type);
          return commands.updateAttributes(this.type, { kind });
        },
    };
  },
  addKeyboardShortcuts() {
    return {
      // At the very start of a callout, Backspace takes the text out of it.
      Backspace: () => {
        const { $from, empty } = this.editor.state.selection;
        if (!empty || $from.parentOffset > 0 || $from.depth < 2 || $from.node(-1).type !== this.type || $from.index(-1) > 0) return false;
        return this.editor.commands.lift(this.type);
      },
    };
  },
  addInputRules() {
    return [
      // `> [!NOTE] `: the angle has already made a quote.
      new InputRule({
        find: /^\[!(note|tip|important|warning|caution)\]\s$/i,
        handler: ({ state, range, match, chain }) => {
          const { $from } = state.selection;
          const kind = calloutKind(match[1]);
          const quoted = $from.depth >= 2 && $from.node(-1).type.name === 'blockquote';
          const made = chain().deleteRange(range);
          if (quoted) made.lift('blockquote');
          made.wrapIn(this.type, { kind }).run();
        },
      }),
      wrappingInputRule({
        find: /^:::(note|tip|important|warning|caution)\s$/i,
        type: this.type,
        getAttributes: (match) => ({ kind: calloutKind(match[1]) }),
      }),
    ];
  },
});

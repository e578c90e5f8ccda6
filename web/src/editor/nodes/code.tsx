import { textblockTypeInputRule } from '@tiptap/core';
import { CodeBlock as Base } from '@tiptap/extension-code-block';
import { Check, ChevronDown, Copy } from 'lucide-react';
import { useEffect, useRef, useState } from 'react';
import { t } from '@/texts';
import { Menu, MenuChoice } from '@/ui/menu';
import { highlighting, LANGUAGES, languageOf } from '../highlight';
import { element, reactView, type ViewProps } from '../views';

const PLAIN = 'plain';

function Head({ node, editor, update, getPos }: ViewProps) {
  const [copied, setCopied] = useState(false);
  const known = languageOf(node.attrs.language);
  const written = typeof node.attrs.language === 'string' && node.attrs.language !== '' ? node.attrs.language : null;
  const name = known?.label ?? written ?? t.editor.plainText;
  const copy = () => {
    const pos = getPos();
    const text = pos === undefined ? '' : (editor.state.doc.nodeAt(pos)?.textContent ?? '');
    void navigator.clipboard.writeText(text).then(() => {
      setCopied(true);
      setTimeout(() => setCopied(false), 1_600);
    });
  };
  // What is too wide is scrolled by keys, too: where one writes by moving the caret, where one only reads by taking the focus.
  const button = useRef<HTMLButtonElement>(null);
  const { isEditable } = editor;
  useEffect(() => {
    const pre = button.current?.closest('.code-block')?.querySelector('pre');
    if (pre == null || isEditable) return;
    const given = { tabindex: '0', role: 'group', 'aria-label': t.editor.codeLanguage(name) };
    for (const [attribute, value] of Object.entries(given)) pre.setAttribute(attribute, value);
    return () => {
      for (const attribute of Object.keys(given)) pre.removeAttribute(attribute);
    };
  }, [isEditable, name]);
  return (
    <>
      {isEditable ? (
        <Menu
          trigger={
            <button type="button" className="code-language" aria-label={t.editor.codeLanguage(name)}>
              {name}
              <ChevronDown aria-hidden />
            </button>
          }
        >
          <MenuChoice
            label={t.editor.language}
            value={known?.id ?? PLAIN}
            options={[{ value: PLAIN, label: t.editor.plainText }, ...LANGUAGES.map(({ id, label }) => ({ value: id, label }))]}
            onChange={(id) => update({ language: id === PLAIN ? null : id })}
          />
        </Menu>
      ) : (
        <span className="code-language">{name}</span>
      )}
      <button ref={button} type="button" className="code-copy" aria-label={copied ? t.common.copied : t.editor.copyCode} title={t.editor.copyCode} onClick={copy}>
        {copied ? <Check aria-hidden /> : <Copy aria-hidden />}
      </button>
    </>
  );
}

export const CodeBlock = Base.extend({
  marks: '',
  addAttributes() {
    return {
      language: {
        default: null,
        parseHTML: (shown) => {
          const code = shown.querySelector('code') ?? shown;
          const name = [...shown.classList, ...code.classList].map((one) => /^(?:language|lang|code|brush:)-?([\w+#.-]+)$/.exec(one)?.[1]).find((one) => one !== undefined);
          return name ?? shown.dataset.language ?? null;
        },
        renderHTML: () => ({}),
      },
    };
  },
  renderHTML({ node }) {
    const { language } = node.attrs;
    return ['pre', ['code', typeof language === 'string' && language !== '' ? { class: `language-${language}` } : {}, 0]];
  },
  addNodeView() {
    return reactView(Head, () => {
      const dom = element('div', 'code-block');
      const host = element('div', 'code-head');
      const pre = document.createElement('pre');
      const content = document.createElement('code');
      pre.append(content);
      pre.spellcheck = false;
      dom.append(host, pre);
      return { dom, host, content };
    });
  },
  addInputRules() {
    const made = (match: RegExpMatchArray) => ({ language: languageOf(match[1])?.id ?? match[1] ?? null });
    return [
      textblockTypeInputRule({ find: /^```([\w+#.-]+)?[\s\n]$/, type: this.type, getAttributes: made }),
      textblockTypeInputRule({ find: /^~~~([\w+#.-]+)?[\s\n]$/, type: this.type, getAttributes: made }),
    ];
  },
  addKeyboardShortcuts() {
    return {
      ...this.parent?.(),
      // Three backticks and Enter, as one writes it elsewhere.
      Enter: ({ editor }) => {
        const { $from, empty } = editor.state.selection;
        const fence = /^(?:```|~~~)([\w+#.-]+)?$/.exec($from.parent.textContent);
        if (empty && fence !== null && $from.parent.type.name === 'paragraph' && $from.parentOffset === $from.parent.content.size)
          return editor
            .chain()
            .deleteRange({ from: $from.start(), to: $from.end() })
            .setCodeBlock({ language: languageOf(fence[1])?.id ?? fence[1] ?? '' })
            .updateAttributes('codeBlock', { language: languageOf(fence[1])?.id ?? fence[1] ?? null })
            .run();
        return this.parent?.().Enter?.({ editor }) ?? false;
      },
      Tab: ({ editor }) => editor.isActive('codeBlock') && editor.commands.insertContent('  '),
      'Shift-Tab': ({ editor }) => {
        if (!editor.isActive('codeBlock')) return false;
        const { $from } = editor.state.selection;
        const before = $from.parent.textContent.slice(0, $from.parentOffset);
        const start = $from.start() + before.lastIndexOf('\n') + 1;
        const indent = /^ {1,2}/.exec($from.parent.textContent.slice(start - $from.start()))?.[0].length ?? 0;
        if (indent > 0) editor.view.dispatch(editor.state.tr.delete(start, start + indent));
        return true;
      },
      'Mod-a': ({ editor }) => {
        // First the code, then everything.
        const { $from, from, to } = editor.state.selection;
        if ($from.parent.type !== this.type || (from === $from.start() && to === $from.end())) return false;
        return editor.commands.setTextSelection({ from: $from.start(), to: $from.end() });
      },
    };
  },
  addProseMirrorPlugins() {
    return [...(this.parent?.() ?? []), highlighting(this.name)];
  },
});

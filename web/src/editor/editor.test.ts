import { getSchema } from '@tiptap/core';
import { EditorState, TextSelection } from '@tiptap/pm/state';
import { afterEach, describe, expect, test, vi } from 'vitest';
import * as Y from 'yjs';
import { blocksAround, duplicated, formOf, moved, removed } from './blocks';
import { cleanHtml, isPlainDress } from './clipboard/html';
import { looksLikeMarkdown } from './clipboard/paste';
import { clipboardText } from './clipboard/copy';
import { schemaExtensions } from './extensions';
import { languageOf } from './highlight';
import { best, score } from './suggest/match';
import { isKnown, readable, watch } from './together/guard';
import { narrowed } from './together/narrow';
import { safeHref, safeImage, typedHref } from './urls';

const schema = getSchema(schemaExtensions);
const p = (text = '') => ({ type: 'paragraph', ...(text === '' ? {} : { content: [{ type: 'text', text }] }) });
const doc = (...content: object[]) => schema.nodeFromJSON({ type: 'doc', content });
const state = (content: object[], at = 1) => {
  const made = EditorState.create({ doc: doc(...content), schema });
  return made.apply(made.tr.setSelection(TextSelection.create(made.doc, at)));
};
const texts = (of: EditorState) => {
  const all: string[] = [];
  of.doc.descendants((node) => void (node.isTextblock && all.push(node.textContent)));
  return all;
};

describe('addresses', () => {
  test.each(['javascript:alert(1)', ' JavaScript:alert(1)', 'java\nscript:alert(1)', 'data:text/html,x', 'vbscript:x', 'blob:https://a/b', '', 7, null])('%j leads nowhere', (value) => {
    expect(safeHref(value)).toBeNull();
    expect(safeImage(value)).toBeNull();
  });
  test('links and pictures that may stay', () => {
    for (const good of ['https://a.example/x', 'mailto:a@b.example', '/p/1', '#top', 'tel:+41']) expect(safeHref(good)).toBe(good);
    expect(safeImage('/relative.png')).toBeNull();
    expect(safeImage('https://a.example/a.png')).toBe('https://a.example/a.png');
  });
  test('what somebody types', () => {
    expect(typedHref('example.com/a')).toBe('https://example.com/a');
    expect(typedHref('localhost:3000')).toBe('https://localhost:3000');
    expect(typedHref('ada@example.com')).toBe('mailto:ada@example.com');
    expect(typedHref('javascript:alert(1)')).toBeNull();
  });
});

describe('blocks', () => {
  const list = { type: 'bulletList', content: [{ type: 'listItem', content: [p('one')] }, { type: 'listItem', content: [p('two')] }] };
  test('an entry moves within its list, a paragraph past a list', () => {
    const first = state([list, p('after')], 3);
    const [item] = blocksAround(first.selection.$from);
    expect(item?.node.type.name).toBe('listItem');
    expect(texts(first.apply(moved(first, item!, 1)!))).toEqual(['two', 'one', 'after']);
    expect(moved(first, item!, -1)).toBeNull();
    const last = state([list, p('after')], doc(list).content.size + 1);
    expect(texts(last.apply(moved(last, blocksAround(last.selection.$from)[0]!, -1)!))).toEqual(['after', 'one', 'two']);
  });
  test('the caret goes along', () => {
    const before = state([p('one'), p('two')], 2);
    const after = before.apply(moved(before, blocksAround(before.selection.$from)[0]!, 1)!);
    expect(after.selection.$head.parent.textContent).toBe('one');
    expect(after.selection.$head.parentOffset).toBe(1);
  });
  test('a duplicate is a node of its own', () => {
    const before = state([p('one')], 2);
    const after = before.apply(duplicated(before, blocksAround(before.selection.$from)[0]!));
    expect(texts(after)).toEqual(['one', 'one']);
    expect(after.doc.child(0)).not.toBe(after.doc.child(1));
  });
  test('the last entry takes its list along, the last block leaves a paragraph', () => {
    const one = state([{ type: 'bulletList', content: [{ type: 'listItem', content: [p('x')] }] }, p('after')], 3);
    expect(one.apply(removed(one, blocksAround(one.selection.$from)[0]!)).doc.firstChild?.type.name).toBe('paragraph');
    const all = state([{ type: 'horizontalRule' }, p('x')], 2);
    expect(all.apply(removed(all, { node: all.doc.child(1), pos: 1 })).doc.childCount).toBe(1);
    const only = state([p('x')]);
    expect(only.apply(removed(only, { node: only.doc.child(0), pos: 0 })).doc.textContent).toBe('');
  });
  test('forms have names', () => {
    expect(formOf(state([{ type: 'heading', attrs: { level: 99 }, content: [{ type: 'text', text: 'x' }] }]))).toBe('heading3');
    expect(formOf(state([list], 3))).toBe('bulletList');
    expect(formOf(state([{ type: 'callout', attrs: { kind: 'tip' }, content: [p('x')] }], 2))).toBe('callout');
  });
});

describe('a change from elsewhere', () => {
  test('becomes one of what really changed', () => {
    const before = state([p('one'), p('two'), p('three')], 9);
    const next = doc(p('one'), p('two!'), p('three'));
    const whole = before.tr.replaceWith(0, before.doc.content.size, next.content);
    const tr = narrowed(before, whole);
    expect(tr.doc.eq(next)).toBe(true);
    expect(tr.doc.child(0)).toBe(before.doc.child(0));
    expect(tr.doc.child(2)).toBe(before.doc.child(2));
    const [changed] = tr.mapping.maps;
    const ranges: number[][] = [];
    changed?.forEach((...range) => ranges.push(range));
    expect(ranges).toEqual([[9, 9, 9, 10]]);
  });
  test('of equal letters, of nothing, of everything', () => {
    for (const [from, to] of [['aa', 'aaa'], ['aaa', 'a'], ['x', 'x'], ['', 'words']] as const) {
      const before = state([p(from)]);
      const next = doc(p(to), ...(from === '' ? [{ type: 'horizontalRule' }] : []));
      expect(narrowed(before, before.tr.replaceWith(0, before.doc.content.size, next.content)).doc.eq(next)).toBe(true);
    }
  });
});

describe('content that this editor doesn’t know', () => {
  const element = (name: string, attrs: Record<string, unknown>, ...children: (Y.XmlElement | Y.XmlText)[]) => {
    const made = new Y.XmlElement(name);
    for (const [key, value] of Object.entries(attrs)) made.setAttribute(key, value as string);
    made.insert(0, children);
    return made;
  };
  const words = (text: string, marks = {}) => {
    const made = new Y.XmlText();
    made.insert(0, text, marks);
    return made;
  };
  const fragment = (...children: Y.XmlElement[]) => {
    const made = new Y.Doc().getXmlFragment('description');
    made.insert(0, children);
    return made;
  };

  test('odd values are known', () => {
    expect(isKnown(schema, fragment(element('heading', { level: 99 }, words('x')), element('callout', { kind: 'x' }, element('paragraph', {})), element('image', { width: 1e9, src: 'javascript:x' })))).toBe(true);
    expect(isKnown(schema, fragment(element('paragraph', {}, words('x', { link: { href: 'javascript:x' }, bold: {} }))))).toBe(true);
  });
  test('what two deletions at once leave behind is known: nothing is lost with it', () => {
    expect(isKnown(schema, fragment(element('bulletList', {}, element('listItem', {}))))).toBe(true);
    expect(isKnown(schema, fragment(element('bulletList', {}, element('listItem', {}, element('bulletList', {}, element('listItem', {}, element('paragraph', {}, words('x'))))))))).toBe(true);
  });
  test('a node, a mark, an arrangement that has no name here is not', () => {
    expect(isKnown(schema, fragment(element('hologram', {})))).toBe(false);
    expect(isKnown(schema, fragment(element('paragraph', {}, words('x', { blink: {} }))))).toBe(false);
    expect(isKnown(schema, fragment(element('paragraph', {}, element('paragraph', {}, words('x')))))).toBe(false);
    expect(isKnown(schema, fragment(element('callout', {}, element('hologram', {}))))).toBe(false);
  });
  test('all of its words can be read', () => {
    const shown = readable(schema, fragment(element('hologram', {}, element('paragraph', {}, words('inside', { blink: {}, bold: {} }))), element('paragraph', {}, words('beside')), element('listItem', {}, words('loose'))));
    shown.check();
    expect(shown.textContent).toBe('insidebesideloose');
  });
  test('it is found when it arrives, before those who observe the fragment hear of it', () => {
    const mine = fragment(element('paragraph', {}, words('x')));
    const theirs = new Y.Doc();
    Y.applyUpdate(theirs, Y.encodeStateAsUpdate(mine.doc!));
    const order: string[] = [];
    mine.observeDeep(() => order.push('observed'));
    const stop = watch(schema, mine, () => order.push('found'));
    theirs.getXmlFragment('description').insert(1, [element('paragraph', {}, words('fine'))]);
    Y.applyUpdate(mine.doc!, Y.encodeStateAsUpdate(theirs), 'net');
    expect(order).toEqual(['observed']);
    (theirs.getXmlFragment('description').get(0) as Y.XmlElement).insert(1, [element('hologram', {})]);
    Y.applyUpdate(mine.doc!, Y.encodeStateAsUpdate(theirs), 'net');
    expect(order).toEqual(['observed', 'found', 'observed']);
    stop();
  });
});

describe('the clipboard', () => {
  test('Markdown is told from words', () => {
    for (const yes of ['# Title', '- a\n- b', '1. a', 'a **b** c', '[a](https://b.example)', '| a | b |\n| - | - |', '> q', '```\nx\n```', '- [ ] t']) expect(looksLikeMarkdown(yes), yes).toBe(true);
    for (const no of ['Just words.', '2 * 3 * 4', 'snake_case_name', 'a - b', 'C# is a language', '#hashtag', 'x == y']) expect(looksLikeMarkdown(no), no).toBe(false);
  });
  test('a few words go out as they are, the rest as Markdown', () => {
    const all = doc({ type: 'heading', attrs: { level: 2 }, content: [{ type: 'text', text: 'T' }] }, p('2 * 3'));
    expect(clipboardText(all.slice(0, all.content.size))).toBe('## T\n\n2 \\* 3');
    expect(clipboardText(all.slice(4, 7, true))).toBe('2 *');
    const code = doc({ type: 'codeBlock', attrs: { language: 'ts' }, content: [{ type: 'text', text: 'a * b' }] });
    expect(clipboardText(code.slice(1, 6, true))).toBe('a * b');
  });
  test('Word’s lists become lists', () => {
    const html = cleanHtml(
      '<p style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">·</span>one</p><p style="mso-list:l0 level2 lfo1"><span style="mso-list:Ignore">o</span>deep</p><p style="mso-list:l0 level1 lfo1"><span style="mso-list:Ignore">·</span>two</p><p>after</p>',
    );
    expect(html).toBe('<ul><li><p>one</p><ul><li><p>deep</p></li></ul></li><li><p>two</p></li></ul><p>after</p>');
  });
  test('scripts, styles and handlers don’t get as far as the schema', () => {
    expect(cleanHtml('<p onclick="x()">a</p><script>b</script><style>c</style>')).toBe('<p>a</p>');
  });
  test('a code editor’s dress is none', () => {
    expect(isPlainDress('<meta charset="utf-8"><div style="color:#fff"><div><span># Title</span></div></div>')).toBe(true);
    expect(isPlainDress('<p>x</p>')).toBe(false);
  });
});

describe('suggestions', () => {
  afterEach(() => void vi.restoreAllMocks());
  test('beginnings before middles, accents and case aside', () => {
    expect(best(['Reports', 'Pay by card', 'Café report', 'Nothing'], 'repo', (one) => [one], 5)).toEqual(['Reports', 'Café report']);
    expect(score('Zoë Müller', 'zoe mul')).toBeGreaterThan(0);
    expect(score('Pay by card', 'card pay')).toBeGreaterThan(0);
    expect(score('Pay by card', 'xyz')).toBe(0);
  });
  test('languages by the names that people use', () => {
    expect(languageOf('TS')?.id).toBe('typescript');
    expect(languageOf('c++')?.id).toBe('cpp');
    expect(languageOf('brainfog')).toBeUndefined();
    expect(languageOf(7)).toBeUndefined();
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { TextBinding } from './textBinding';

const ORIGIN = 'me';

function setup(initial: string) {
  const doc = new Y.Doc();
  const other = new Y.Doc();
  doc.getText('t').insert(0, initial);
  Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
  doc.on('update', (update: Uint8Array, origin: unknown) => origin !== other && Y.applyUpdate(other, update, doc));
  other.on('update', (update: Uint8Array, origin: unknown) => origin !== doc && Y.applyUpdate(doc, update, other));
  const field = document.createElement('textarea');
  document.body.append(field);
  const binding = new TextBinding(field, doc.getText('t'), { origin: ORIGIN });
  field.focus();
  const type = (value: string, caret: number) => {
    field.value = value;
    field.setSelectionRange(caret, caret);
    field.dispatchEvent(new InputEvent('input'));
  };
  return { text: doc.getText('t'), remote: other.getText('t'), field, binding, type };
}

describe('TextBinding', () => {
  beforeEach(() => document.body.replaceChildren());

  it('writes what is typed', () => {
    const { text, remote, type } = setup('helo');
    type('hello', 4);
    expect(text.toString()).toBe('hello');
    expect(remote.toString()).toBe('hello');
  });

  it('writes only what changed, so that others’ text beside it stays', () => {
    const { text, type } = setup('one three');
    let deltas: unknown[] = [];
    text.observe((event) => (deltas = event.delta));
    type('one two three', 8);
    expect(deltas).toEqual([{ retain: 4 }, { insert: 'two ' }]);
  });

  it('keeps the caret where it was in the words when others type before it', () => {
    const { field, remote } = setup('hello');
    field.setSelectionRange(3, 5);
    remote.insert(0, '>> ');
    expect(field.value).toBe('>> hello');
    expect([field.selectionStart, field.selectionEnd]).toEqual([6, 8]);
    remote.delete(0, 4);
    expect([field.selectionStart, field.selectionEnd]).toEqual([2, 4]);
  });

  it('does not touch the field while an input method composes, and loses nobody’s text', () => {
    const { field, remote, text } = setup('ab');
    field.dispatchEvent(new CompositionEvent('compositionstart'));
    field.value = 'a漢b';
    field.setSelectionRange(2, 2);
    remote.insert(0, '>');
    remote.insert(remote.length, '<');
    expect(field.value).toBe('a漢b');
    field.dispatchEvent(new CompositionEvent('compositionend'));
    expect(text.toString()).toBe('>a漢b<');
    expect(remote.toString()).toBe('>a漢b<');
    expect(field.value).toBe('>a漢b<');
  });

  it('makes one line of a paste', () => {
    const { text, type } = setup('');
    type('one\ntwo', 7);
    expect(text.toString()).toBe('one two');
  });

  it('undoes one’s own edits only', () => {
    const { text, remote, field, type } = setup('base');
    const undo = new Y.UndoManager(text, { trackedOrigins: new Set([ORIGIN]), captureTimeout: 0 });
    type('base mine', 9);
    remote.insert(0, 'theirs ');
    undo.undo();
    expect(text.toString()).toBe('theirs base');
    expect(field.value).toBe('theirs base');
  });
});

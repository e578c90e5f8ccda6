import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { addCriterion, criteriaOf, moveCriterion, ORIGIN, readCriteria, removeCriterion, setDone } from './model';

const texts = (doc: Y.Doc) => readCriteria(criteriaOf(doc)).map(({ text, done }) => `${text.toString()}${done ? '!' : ''}`);

function three(): { doc: Y.Doc; ids: [string, string, string] } {
  const doc = new Y.Doc();
  return { doc, ids: [addCriterion(doc, null, 'a'), addCriterion(doc, null, 'b'), addCriterion(doc, null, 'c')] };
}

describe('criteria', () => {
  it('are added in place, checked, moved and removed', () => {
    const { doc, ids } = three();
    addCriterion(doc, ids[0], 'x');
    setDone(doc, ids[1], true);
    expect(texts(doc)).toEqual(['a', 'x', 'b!', 'c']);
    moveCriterion(doc, ids[1], ids[0]);
    expect(texts(doc)).toEqual(['b!', 'a', 'x', 'c']);
    moveCriterion(doc, ids[1], null);
    expect(texts(doc)).toEqual(['a', 'x', 'c', 'b!']);
    removeCriterion(doc, ids[0]);
    expect(texts(doc)).toEqual(['x', 'c', 'b!']);
  });

  it('write nothing when nothing moves', () => {
    const { doc, ids } = three();
    const before = Y.encodeStateVector(doc);
    moveCriterion(doc, ids[0], ids[1]);
    moveCriterion(doc, ids[2], null);
    expect(Y.encodeStateVector(doc)).toEqual(before);
  });

  it('show once what two people moved at once', () => {
    const { doc, ids } = three();
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    moveCriterion(doc, ids[0], null);
    moveCriterion(other, ids[0], ids[2]);
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    expect(texts(doc)).toEqual(texts(other));
    expect([...texts(doc)].sort()).toEqual(['a', 'b', 'c']);
    removeCriterion(doc, ids[0]);
    expect([...texts(doc)].sort()).toEqual(['b', 'c']);
  });

  it('come back by undo, without others’ edits going', () => {
    const { doc, ids } = three();
    const undo = new Y.UndoManager([criteriaOf(doc)], { trackedOrigins: new Set([ORIGIN]), captureTimeout: 0 });
    removeCriterion(doc, ids[1]);
    criteriaOf(doc).get(0).set('done', true);
    undo.undo();
    expect(texts(doc)).toEqual(['a!', 'b', 'c']);
  });
});

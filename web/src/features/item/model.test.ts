import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { isValidRank } from '@/collab/rank';
import fixture from '../../../../crates/content/fixtures/criteria/cases.json';
import { addCriterion, criteriaOf, insertCriterion, moveCriterion, ORIGIN, readCriteria, removeCriterion, setDone } from './model';

type Case = {
  name: string;
  start: [id: string, rank?: string][];
  edits: { add?: string; move?: string; remove?: string; after?: string | null }[];
  shown: [id: string, rank: string | null][];
};
const cases = fixture as Case[];

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

  it('stay one, with what is typed, when two people move one at once', () => {
    const { doc, ids } = three();
    const other = new Y.Doc();
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    moveCriterion(doc, ids[0], null);
    moveCriterion(other, ids[0], ids[2]);
    (criteriaOf(other).get(0).get('text') as Y.Text).insert(1, '+');
    Y.applyUpdate(doc, Y.encodeStateAsUpdate(other));
    Y.applyUpdate(other, Y.encodeStateAsUpdate(doc));
    expect(texts(doc)).toEqual(texts(other));
    expect([...texts(doc)].sort()).toEqual(['a+', 'b', 'c']);
  });

  it('show once what clients of the first schema have copied', () => {
    const { doc, ids } = three();
    criteriaOf(doc).push([criteriaOf(doc).get(0).clone()]);
    expect(texts(doc)).toEqual(['a', 'b', 'c']);
    setDone(doc, ids[0], true);
    removeCriterion(doc, ids[0]);
    expect(texts(doc)).toEqual(['b', 'c']);
  });

  it.each(cases)('stand where the server has them: $name', ({ start, edits, shown }) => {
    const doc = new Y.Doc();
    const array = criteriaOf(doc);
    for (const [id, rank] of start) {
      const map = new Y.Map<unknown>();
      array.push([map]);
      map.set('id', id);
      map.set('text', new Y.Text(id));
      if (rank !== undefined) map.set('rank', rank);
    }
    const order = () => readCriteria(array).map(({ id }) => id);
    for (const edit of edits) {
      const at = (list: string[]) => (edit.after === null ? 0 : list.indexOf(edit.after ?? '') + 1);
      if (edit.add !== undefined) insertCriterion(doc, at(order()), edit.add, edit.add);
      if (edit.remove !== undefined) removeCriterion(doc, edit.remove);
      const { move } = edit;
      if (move !== undefined && move !== edit.after) moveCriterion(doc, move, order().filter((id) => id !== move)[at(order().filter((id) => id !== move))] ?? null);
    }
    const rank = (id: string) => {
      const found = array.toArray().find((map) => map.get('id') === id)?.get('rank');
      return typeof found === 'string' && isValidRank(found) ? found : null;
    };
    expect(order().map((id) => [id, rank(id)])).toEqual(shown);
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

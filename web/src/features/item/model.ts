/** An item's document as the screen shows it, and the edits the screen makes. */
import * as Y from 'yjs';
import type { ItemType, Priority, Status } from '@/api/client';
import { uuidv7 } from '@/api/id';
import { compareRanks, isValidRank, rankBetween, ranksBetween } from '@/collab/rank';
import { item as names } from '@/collab/schema';

/** The origin of this person's own edits outside of the description, which undo looks for. */
export const ORIGIN = Symbol('item');

export interface Fields {
  type: ItemType;
  status: Status;
  priority: Priority;
  assignees: string[];
  labels: string[];
  estimate: number | null;
  startDate: string | null;
  dueDate: string | null;
}

export interface Criterion {
  id: string;
  text: Y.Text;
  done: boolean;
}

export const titleOf = (doc: Y.Doc): Y.Text => doc.getText(names.title);
export const descriptionOf = (doc: Y.Doc): Y.XmlFragment => doc.getXmlFragment(names.description);
export const criteriaOf = (doc: Y.Doc): Y.Array<Y.Map<unknown>> => doc.getArray(names.criteria);
export const fieldsOf = (doc: Y.Doc): Y.Map<unknown> => doc.getMap(names.fields);

const words = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);
const word = <T extends string>(value: unknown, fallback: T): T => (typeof value === 'string' && value !== '' ? (value as T) : fallback);
const date = (value: unknown): string | null => (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}/.test(value) ? value.slice(0, 10) : null);

export function readFields(map: Y.Map<unknown>): Fields {
  const estimate = map.get('estimate');
  return {
    type: word(map.get('type'), 'task'),
    status: word(map.get('status'), 'backlog'),
    priority: word(map.get('priority'), 'none'),
    assignees: words(map.get('assignees')),
    labels: words(map.get('labels')),
    estimate: typeof estimate === 'number' ? estimate : null,
    startDate: date(map.get('startDate')),
    dueDate: date(map.get('dueDate')),
  };
}

export function setField<K extends keyof Fields>(doc: Y.Doc, key: K, value: Fields[K]): void {
  doc.transact(() => {
    const fields = fieldsOf(doc);
    if (value === null) fields.delete(key);
    else fields.set(key, value);
  }, ORIGIN);
}

/** A criterion of the array, with its rank if it has one that counts. */
type Entry = { id: string; map: Y.Map<unknown>; index: number; rank: string | null };

/** All criteria as they stand in the array, copies of one too. */
function entriesOf(array: Y.Array<Y.Map<unknown>>): Entry[] {
  return array.toArray().flatMap((map, index) => {
    if (!(map instanceof Y.Map)) return [];
    const id = map.get('id');
    const rank = map.get('rank');
    if (typeof id !== 'string' || id === '') return [];
    return [{ id, map, index, rank: typeof rank === 'string' && isValidRank(rank) ? rank : null }];
  });
}

/**
 * Those that are shown, in order: those with a rank by it, then the others; where that says nothing, as the array has them.
 * Clients of the first schema moved by copying: of two copies the first counts. `crates/content/src/item/criteria.rs` has the
 * same rules, on the same cases.
 */
function inOrder(array: Y.Array<Y.Map<unknown>>): Entry[] {
  const seen = new Set<string>();
  const entries = entriesOf(array).filter(({ id }) => !seen.has(id) && seen.add(id));
  return entries.sort((a, b) => {
    if (a.rank === null || b.rank === null) return (a.rank === null ? 1 : 0) - (b.rank === null ? 1 : 0);
    return compareRanks(a.rank, b.rank);
  });
}

/** The criteria in order. */
export function readCriteria(array: Y.Array<Y.Map<unknown>>): Criterion[] {
  return inOrder(array).flatMap(({ id, map }) => {
    const text = map.get('text');
    return text instanceof Y.Text ? [{ id, text, done: map.get('done') === true }] : [];
  });
}

/** Where copies of `id` stand in the array, first to last. */
function indexesOf(array: Y.Array<Y.Map<unknown>>, id: string): number[] {
  return entriesOf(array).flatMap((entry) => (entry.id === id ? [entry.index] : []));
}

/** Above this length of a rank all criteria get short ones. */
const LONG_RANK = 100;

type Place = Pick<Entry, 'map' | 'rank'>;

/** Gives those that have no rank one, where they stand: behind all that have. */
function rankAll(order: Place[]): void {
  const first = order.findIndex(({ rank }) => rank === null);
  if (first < 0) return;
  const ranks = ranksBetween(order[first - 1]?.rank ?? null, null, order.length - first);
  ranks?.forEach((rank, i) => {
    const place = order[first + i] as Place;
    place.map.set('rank', rank);
    place.rank = rank;
  });
}

/** Gives the one at `at` a rank between its neighbours, or all of them new ones when there is none. */
function settle(order: readonly Place[], at: number): void {
  const rank = rankBetween(order[at - 1]?.rank ?? null, order[at + 1]?.rank ?? null);
  if (rank !== null && rank.length <= LONG_RANK) order[at]?.map.set('rank', rank);
  else ranksBetween(null, null, order.length)?.forEach((rank, i) => order[i]?.map.set('rank', rank));
}

function makeCriterion(id: string, text: string, done: boolean): Y.Map<unknown> {
  const map = new Y.Map<unknown>();
  map.set('id', id);
  map.set('text', new Y.Text(text));
  map.set('done', done);
  return map;
}

/** Adds a criterion after `after`, or at the end (`null`); returns its id. */
export function addCriterion(doc: Y.Doc, after: string | null, text = ''): string {
  const order = inOrder(criteriaOf(doc));
  const found = after === null ? -1 : order.findIndex(({ id }) => id === after);
  return insertCriterion(doc, found < 0 ? order.length : found + 1, text);
}

/** Adds a criterion so that it is the one at `at`; returns its id. */
export function insertCriterion(doc: Y.Doc, at: number, text = '', id = uuidv7()): string {
  const array = criteriaOf(doc);
  const order = inOrder(array);
  const [before, after] = [order[at - 1], order[at]];
  doc.transact(() => {
    const map = makeCriterion(id, text, false);
    array.insert(after === undefined ? array.length : before === undefined ? after.index : before.index + 1, [map]);
    // Without a rank it stands behind all that have one, and among the others by its index.
    if (after === undefined || (after.rank === null && (before?.rank ?? null) === null)) return;
    settle(order.toSpliced(at, 0, { id, map, index: -1, rank: null }), at);
  }, ORIGIN);
  return id;
}

export function removeCriterion(doc: Y.Doc, id: string): void {
  const array = criteriaOf(doc);
  doc.transact(() => {
    for (const index of indexesOf(array, id).reverse()) array.delete(index, 1);
  }, ORIGIN);
}

export function setDone(doc: Y.Doc, id: string, done: boolean): void {
  const array = criteriaOf(doc);
  doc.transact(() => {
    for (const index of indexesOf(array, id)) array.get(index).set('done', done);
  }, ORIGIN);
}

/**
 * Moves a criterion before another (`null`: to the end) by its rank: what somebody else types into it stays. Nothing is written
 * when nothing moves.
 */
export function moveCriterion(doc: Y.Doc, id: string, before: string | null): void {
  const order = inOrder(criteriaOf(doc));
  const from = order.findIndex((entry) => entry.id === id);
  const [moved] = order.slice(from, from + 1);
  if (from < 0 || moved === undefined || id === before) return;
  const rest = order.toSpliced(from, 1);
  const found = before === null ? -1 : rest.findIndex((entry) => entry.id === before);
  const to = found < 0 ? rest.length : found;
  if (to === from) return;
  doc.transact(() => {
    rankAll(order);
    settle(rest.toSpliced(to, 0, moved), to);
  }, ORIGIN);
}

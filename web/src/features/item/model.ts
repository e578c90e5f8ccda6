/** An item's document as the screen shows it, and the edits the screen makes. */
import * as Y from 'yjs';
import type { ItemType, Priority, Status } from '@/api/client';
import { uuidv7 } from '@/api/id';
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

/**
 * The criteria in order. Two people who move the same criterion at once leave two copies of it; the first in the order of the
 * document, which is the same for everybody, is the one that counts.
 */
export function readCriteria(array: Y.Array<Y.Map<unknown>>): Criterion[] {
  const seen = new Set<string>();
  const criteria: Criterion[] = [];
  array.forEach((map) => {
    if (!(map instanceof Y.Map)) return;
    const id = map.get('id');
    const text = map.get('text');
    if (typeof id !== 'string' || !(text instanceof Y.Text) || seen.has(id)) return;
    seen.add(id);
    criteria.push({ id, text, done: map.get('done') === true });
  });
  return criteria;
}

/** Where copies of `id` stand in the array, first to last. */
function indexesOf(array: Y.Array<Y.Map<unknown>>, id: string): number[] {
  return array
    .toArray()
    .map((map, index) => (map instanceof Y.Map && map.get('id') === id ? index : -1))
    .filter((index) => index >= 0);
}

function makeCriterion(id: string, text: string, done: boolean): Y.Map<unknown> {
  const map = new Y.Map<unknown>();
  map.set('id', id);
  map.set('text', new Y.Text(text));
  map.set('done', done);
  return map;
}

/** Adds a criterion after `after`, or at the end; returns its id. */
export function addCriterion(doc: Y.Doc, after: string | null, text = ''): string {
  const array = criteriaOf(doc);
  const id = uuidv7();
  doc.transact(() => {
    const found = after === null ? undefined : indexesOf(array, after)[0];
    array.insert(found === undefined ? array.length : found + 1, [makeCriterion(id, text, false)]);
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
 * Moves a criterion before another (`null`: to the end). A Y.Array can't move, so the criterion is written anew with the same
 * id: what somebody else types into the old one at that very moment is lost. Hence nothing is written when nothing moves.
 */
export function moveCriterion(doc: Y.Doc, id: string, before: string | null): void {
  const array = criteriaOf(doc);
  const order = readCriteria(array).map((criterion) => criterion.id);
  const from = order.indexOf(id);
  if (from < 0 || id === before || (order[from + 1] ?? null) === before) return;
  doc.transact(() => {
    const [first] = indexesOf(array, id);
    if (first === undefined) return;
    const old = array.get(first);
    const copy = makeCriterion(id, String(old.get('text') ?? ''), old.get('done') === true);
    for (const index of indexesOf(array, id).reverse()) array.delete(index, 1);
    const target = before === null ? undefined : indexesOf(array, before)[0];
    array.insert(target ?? array.length, [copy]);
  }, ORIGIN);
}

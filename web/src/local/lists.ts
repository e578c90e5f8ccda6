/**
 * A project's list of items on this device, in parts of about the same size: one changed item of 10,000 is one part written anew.
 * Parts are texts, which are read and written several times as fast as objects.
 */
import type { Item } from '@/api/client';
import type { Items } from '@/collab/overlay';
import { request } from './database';

/** By the last digit of an id, which is random. */
const PARTS = [...'0123456789abcdef'];

export const PART = 'items.part';

export interface Part {
  key: string;
  text: string;
}

const keyOf = (project: string, digit: string) => JSON.stringify([PART, project, digit]);
const digitOf = (id: string) => id.at(-1) as string;

/** Which parts of `now` aren't as they are in `before`. */
export function changedParts(now: Items, before: Items | undefined): string[] {
  if (before === undefined) return PARTS;
  if (now === before) return [];
  const changed = new Set<string>();
  let known = 0;
  for (const [id, item] of now) {
    const old = before.get(id);
    if (old !== undefined) known += 1;
    if (old !== item) changed.add(digitOf(id));
  }
  if (known < before.size) for (const id of before.keys()) if (!now.has(id)) changed.add(digitOf(id));
  return PARTS.filter((digit) => changed.has(digit));
}

/** The parts `digits` of the list of `project`, to be stored. `rest` is waited for between them: each takes milliseconds. */
export async function partsOf(project: string, items: Items, digits: readonly string[], rest: () => Promise<void>): Promise<Part[]> {
  const sorted = new Map(digits.map((digit) => [digit, [] as Item[]]));
  for (const [id, item] of items) sorted.get(digitOf(id))?.push(item);
  const parts: Part[] = [];
  for (const [digit, some] of sorted) {
    if (parts.length > 0) await rest();
    parts.push({ key: keyOf(project, digit), text: JSON.stringify(some) });
  }
  return parts;
}

/** The list of `project` from its parts; `null` when one is missing. */
export async function readParts(cache: IDBObjectStore, project: string): Promise<Items | null> {
  const parts = await Promise.all(PARTS.map((digit) => request<Part | undefined>(cache.get(keyOf(project, digit)))));
  const items: Item[] = [];
  for (const part of parts) {
    if (part === undefined) return null;
    for (const item of JSON.parse(part.text) as Item[]) items.push(item);
  }
  // As the server has them.
  return new Map(items.sort((a, b) => (a.id < b.id ? -1 : 1)).map((item) => [item.id, item]));
}

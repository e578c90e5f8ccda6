/** Values of a project's own fields, as they stand in an item's document under `custom:{id}`. */
import type * as Y from 'yjs';
import { customField } from '@/collab/schema';
import { fieldsOf, ORIGIN } from '@/features/item/model';

const PREFIX = customField('');

/** By the field's id. What may stand there, the field's kind says; other clients may have written anything. */
export type Values = Readonly<Record<string, unknown>>;

export function readValues(map: Y.Map<unknown>): Values {
  const values: Record<string, unknown> = {};
  map.forEach((value, key) => {
    if (key.startsWith(PREFIX)) values[key.slice(PREFIX.length)] = value;
  });
  return values;
}

/** `null` takes the value away. */
export function setValue(doc: Y.Doc, field: string, value: string | number | boolean | string[] | null): void {
  doc.transact(() => {
    const fields = fieldsOf(doc);
    if (value === null) fields.delete(customField(field));
    else fields.set(customField(field), value);
  }, ORIGIN);
}

export const asText = (value: unknown): string => (typeof value === 'string' ? value : '');
export const asNumber = (value: unknown): number | null => (typeof value === 'number' && Number.isFinite(value) ? value : null);
export const asDate = (value: unknown): string | null => (typeof value === 'string' && /^\d{4}-\d{2}-\d{2}$/.test(value) ? value : null);
export const asList = (value: unknown): string[] => (Array.isArray(value) ? value.filter((one): one is string => typeof one === 'string') : []);

/** An address that may be opened: nothing that runs. */
export function asLink(value: unknown): string | null {
  const text = asText(value).trim();
  if (text === '') return null;
  try {
    const url = new URL(/^[a-z][a-z0-9+.-]*:/i.test(text) ? text : `https://${text}`);
    return ['https:', 'http:', 'mailto:'].includes(url.protocol) ? url.href : null;
  } catch {
    return null;
  }
}

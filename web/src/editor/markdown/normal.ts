/** Documents as plain values, and their normal form: two that show the same have the same one. The server's is the same. */

export interface MarkValue {
  type: string;
  attrs?: Record<string, unknown>;
}

export interface Value {
  type: string;
  attrs?: Record<string, unknown>;
  content?: Value[];
  marks?: MarkValue[];
  text?: string;
}

const sameMark = (a: MarkValue, b: MarkValue) => a.type === b.type && a.attrs?.href === b.attrs?.href;
export const sameMarks = (a: readonly MarkValue[], b: readonly MarkValue[]) => a.length === b.length && a.every((mark, index) => sameMark(mark, b[index] as MarkValue));
export const hasMark = (marks: readonly MarkValue[], mark: MarkValue) => marks.some((one) => sameMark(one, mark));

function marksOf(value: Value): MarkValue[] {
  const marks = (value.marks ?? []).map(({ type, attrs }) => (typeof attrs?.href === 'string' ? { type, attrs: { href: attrs.href } } : { type }));
  marks.sort((a, b) => (a.type < b.type ? -1 : a.type > b.type ? 1 : 0));
  return marks.filter((mark, index) => marks.findIndex((other) => sameMark(mark, other)) === index);
}

/** No null attributes, nothing empty, marks by name, neighbouring texts with the same marks as one. */
export function normalize(value: Value): Value {
  const made: Value = { type: value.type };
  const attrs = Object.entries(value.attrs ?? {}).filter(([, one]) => one !== null && one !== undefined);
  if (attrs.length > 0) made.attrs = Object.fromEntries(attrs);
  const content: Value[] = [];
  for (const child of value.content ?? []) {
    if (child.type !== 'text') {
      content.push(normalize(child));
      continue;
    }
    if (child.text === undefined || child.text === '') continue;
    const marks = marksOf(child);
    const last = content.at(-1);
    if (last?.type === 'text' && sameMarks(last.marks ?? [], marks)) last.text = `${last.text ?? ''}${child.text}`;
    else content.push({ type: 'text', text: child.text, ...(marks.length > 0 ? { marks } : {}) });
  }
  if (content.length > 0 || value.type === 'doc') made.content = content;
  return made;
}

export const contentOf = (value: Value): Value[] => value.content ?? [];
export const string = (value: unknown): string => (typeof value === 'string' ? value : '');
export const count = (value: unknown): number | null => (typeof value === 'number' && Number.isSafeInteger(value) && value >= 0 ? value : null);

/** What elements are called, for who doesn't see them. */
import { useProject } from '@/features/tree/context';
import { t } from '@/texts';
import type { Element } from './schema';

export const kindName = (kind: string): string => t.diagram.kinds[kind] ?? kind;

/** What an element is called: by its text, else by what it is. */
export function useName(): (element: Element | undefined) => string {
  const { items } = useProject();
  return (element) => {
    if (element === undefined) return t.diagram.list.nowhere;
    if (element.type === 'connector') return element.text.trim();
    const own = element.kind === 'card' ? items?.get(element.item ?? '')?.title : element.kind === 'image' ? element.alt : element.text;
    const line = (own ?? '').split('\n').find((one) => one.trim() !== '')?.trim() ?? '';
    return line === '' ? t.diagram.list.unnamed(kindName(element.kind)) : line.slice(0, 80);
  };
}

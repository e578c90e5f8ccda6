/** Where to move items, found by typing: the way without a mouse, and for places that are far away. */
import { Folder } from 'lucide-react';
import { useDeferredValue, useMemo, useRef, useState, type KeyboardEvent } from 'react';
import { inOrder } from '@/features/tree/model';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { Dialog } from '@/ui/dialog';
import { TypeIcon } from '@/ui/kinds';
import { useWork } from './context';
import { folded } from './filter';

const SHOWN = 60;
const TOP = '';

export default function MoveTo({ ids, close }: { ids: readonly string[]; close: () => void }) {
  const { acts, items, outline } = useWork();
  const [text, setText] = useState('');
  const words = useDeferredValue(text);
  const [at, setAt] = useState(0);
  const list = useRef<HTMLUListElement>(null);
  const roots = useMemo(() => acts.roots(ids), [acts, ids]);
  const name = roots.length === 1 ? t.work.quoted(acts.title(roots[0] as string)) : t.work.items(roots.length);
  const places = useMemo(() => {
    const own = new Set(roots.flatMap((id) => outline.subtree(id)));
    const parent = roots.length > 0 && roots.every((id) => outline.parent(id) === outline.parent(roots[0] as string)) ? outline.parent(roots[0] as string) : undefined;
    const asked = folded(words).split(/\s+/).filter(Boolean);
    const found: string[] = asked.length === 0 && parent !== null ? [TOP] : [];
    for (const id of inOrder(outline)) {
      if (found.length >= SHOWN) break;
      const item = items.get(id);
      if (item === undefined || own.has(id) || id === parent || (asked.length === 0 && item.type === 'task')) continue;
      const title = folded(item.title);
      if (asked.every((word) => title.includes(word))) found.push(id);
    }
    return found;
  }, [roots, outline, items, words]);
  const choose = (id: string | undefined) => {
    if (id === undefined) return;
    close();
    acts.place(roots, { parent: id === TOP ? null : id, before: null }, true);
  };
  const path = (id: string) => {
    const way: string[] = [];
    for (let up = outline.parent(id); up !== null; up = outline.parent(up)) way.unshift(acts.title(up));
    return way.join(' › ');
  };
  const active = Math.min(at, places.length - 1);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.nativeEvent.isComposing) return;
    const to = { ArrowDown: active + 1, ArrowUp: active - 1 }[event.key];
    if (to !== undefined && places.length > 0) {
      event.preventDefault();
      const next = (to + places.length) % places.length;
      setAt(next);
      list.current?.children[next]?.scrollIntoView({ block: 'nearest' });
    } else if (event.key === 'Enter') {
      event.preventDefault();
      choose(places[active]);
    }
  };
  return (
    <Dialog open onClose={close} title={t.work.moveTo.title(name)} text={t.work.moveTo.help} className="max-w-lg">
      <input
        autoFocus
        role="combobox"
        aria-expanded
        aria-controls="move-places"
        aria-activedescendant={places.length > 0 ? `move-${active}` : undefined}
        aria-label={t.work.moveTo.find}
        placeholder={t.work.moveTo.find}
        value={text}
        className="h-9 w-full rounded-md border border-line-strong bg-bg px-2.5 text-sm placeholder:text-faint focus:border-accent pointer-coarse:h-10 pointer-coarse:text-[1rem]"
        onChange={(event) => {
          setText(event.target.value);
          setAt(0);
        }}
        onKeyDown={onKeyDown}
      />
      <ul ref={list} id="move-places" role="listbox" aria-label={t.work.moveTo.list} className="mt-2 h-[min(22rem,45vh)] overflow-y-auto">
        {places.map((id, index) => {
          const item = items.get(id);
          return (
            <li
              key={id}
              id={`move-${index}`}
              role="option"
              aria-selected={index === active}
              className={cn('flex min-h-9 cursor-default items-center gap-2 rounded-md px-2 py-1 text-sm pointer-coarse:min-h-11', index === active && 'bg-hover')}
              onPointerMove={() => setAt(index)}
              onClick={() => choose(id)}
            >
              {item === undefined ? <Folder aria-hidden className="size-4 shrink-0 text-muted" /> : <TypeIcon type={item.type} />}
              <span className="min-w-0 flex-1">
                <span className="block truncate">{item === undefined ? t.work.moveTo.top : item.title || t.common.untitled}</span>
                {item !== undefined && path(id) !== '' && <span className="block truncate text-xs text-muted">{path(id)}</span>}
              </span>
            </li>
          );
        })}
      </ul>
      {places.length === 0 && <p className="-mt-40 pb-36 text-center text-sm text-muted">{t.work.moveTo.none}</p>}
    </Dialog>
  );
}

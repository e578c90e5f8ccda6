import { defaultRangeExtractor, useVirtualizer } from '@tanstack/react-virtual';
import { Plus } from 'lucide-react';
import { useEffect, useId, useImperativeHandle, useRef, useState, type Ref } from 'react';
import type { Item, Status } from '@/api/client';
import { useWork } from '@/features/views/context';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { StatusIcon, TYPES, TypeIcon } from '@/ui/kinds';
import { Menu, MenuChoice } from '@/ui/menu';
import { Card, type CardActions } from './card';

export interface ColumnHandle {
  focus: () => void;
  reveal: (index: number) => void;
}

type Props = {
  ref: Ref<ColumnHandle>;
  status: Status;
  cards: readonly string[];
  prefix: string;
  active: string | null;
  /** The one column that Tab reaches. */
  reachable: boolean;
  over: boolean;
  dragged: ReadonlySet<string>;
  drafting: boolean;
  onDraft: (open: boolean) => void;
  actions: CardActions;
};

export function Column({ ref, status, cards, prefix, active, reachable, over, dragged, drafting, onDraft, actions }: Props) {
  const { items, outline, acts, members, here, mayEdit, openItem, view } = useWork();
  const box = useRef<HTMLDivElement>(null);
  const activeIndex = active === null ? -1 : cards.indexOf(active);
  const virtual = useVirtualizer({
    count: cards.length,
    getScrollElement: () => box.current,
    estimateSize: () => (view.density === 'compact' ? 44 : 92),
    gap: 6,
    overscan: 6,
    paddingStart: 4,
    paddingEnd: 72,
    getItemKey: (index) => cards[index] ?? index,
    rangeExtractor: (range) => {
      const shown = defaultRangeExtractor(range);
      return activeIndex < 0 || activeIndex >= range.count || shown.includes(activeIndex) ? shown : [...shown, activeIndex].sort((a, b) => a - b);
    },
  });
  useEffect(() => virtual.measure(), [view.density, virtual]);
  useImperativeHandle(ref, () => ({
    focus: () => box.current?.focus({ preventScroll: true }),
    reveal: (index) => {
      virtual.scrollToIndex(index, { align: 'auto' });
      box.current?.parentElement?.scrollIntoView({ block: 'nearest', inline: 'nearest' });
    },
  }));
  const name = t.kinds.status[status];
  return (
    <section
      data-status={status}
      aria-label={name}
      className={cn('flex h-full w-72 shrink-0 snap-start flex-col rounded-lg bg-sunken max-sm:w-[82vw]', over && 'outline-2 -outline-offset-2 outline-accent')}
    >
      <div className="flex h-10 shrink-0 items-center gap-2 pr-1.5 pl-3">
        <StatusIcon status={status} />
        <h2 className="text-sm font-medium">{name}</h2>
        <span className="flex-1 text-xs text-muted tabular-nums">{cards.length.toLocaleString()}</span>
        {mayEdit && (
          <IconButton label={t.board.add(name)} onClick={() => onDraft(true)}>
            <Plus aria-hidden />
          </IconButton>
        )}
      </div>
      {drafting && <DraftCard status={status} close={() => onDraft(false)} />}
      <div
        ref={box}
        role="grid"
        tabIndex={reachable ? 0 : -1}
        aria-label={t.board.column(name, cards.length)}
        aria-describedby={`${prefix}help`}
        aria-multiselectable
        aria-rowcount={cards.length}
        aria-activedescendant={activeIndex >= 0 ? `${prefix}${active}` : undefined}
        className="group/column min-h-0 flex-1 overflow-y-auto overscroll-y-contain rounded-b-lg px-2 outline-none focus-visible:outline-none"
      >
        {cards.length === 0 ? (
          <div role="row">
            <div role="gridcell" className={cn('mx-1 mt-1 rounded-md border border-dashed border-line-strong px-3 py-4 text-center text-xs text-muted', reachable && 'group-focus-visible/column:outline-2 group-focus-visible/column:outline-(--ring)')}>
              {mayEdit ? t.board.empty : t.board.emptyViewer}
            </div>
          </div>
        ) : (
          <div role="rowgroup" className="relative" style={{ height: virtual.getTotalSize() }}>
            {virtual.getVirtualItems().map(({ index, start, key }) => {
              const id = cards[index] as string;
              const item = items.get(id);
              if (item === undefined) return null;
              const parent = outline.parent(id);
              return (
                <div key={key} ref={virtual.measureElement} data-index={index} role="presentation" className="absolute inset-x-0" style={{ top: start }}>
                  <Card
                    element={`${prefix}${id}`}
                    index={index}
                    item={item}
                    parent={parent === null ? null : acts.title(parent)}
                    active={active === id}
                    current={openItem === id}
                    dragged={dragged.has(id)}
                    compact={view.density === 'compact'}
                    people={here.get(id)}
                    members={members}
                    mayEdit={mayEdit}
                    actions={actions}
                  />
                </div>
              );
            })}
          </div>
        )}
      </div>
    </section>
  );
}

/** A card that is being typed. Enter adds it and goes on with the next. */
function DraftCard({ status, close }: { status: Status; close: () => void }) {
  const { acts, items, outline, handle, openItem } = useWork();
  // Where the person is at work: inside the epic or feature that they stand on, beside any other card.
  const [parent] = useState(() => {
    const at = items.get(handle.current?.active() ?? openItem ?? '');
    if (at === undefined) return null;
    return at.type === 'epic' || at.type === 'feature' ? at.id : outline.parent(at.id);
  });
  const [title, setTitle] = useState('');
  const [type, setType] = useState<Item['type']>('task');
  const box = useRef<HTMLDivElement>(null);
  const input = useRef<HTMLInputElement>(null);
  const choosing = useRef(false);
  const over = useRef(false);
  const where = useId();
  const name = t.kinds.status[status];
  const add = () => {
    const trimmed = title.trim();
    setTitle('');
    if (trimmed !== '') acts.create({ title: trimmed, type, status, parent, after: (parent === null ? outline.roots : outline.children(parent)).at(-1) ?? null });
    return trimmed !== '';
  };
  const end = () => {
    over.current = true;
    close();
    handle.current?.focus();
  };
  return (
    <div
      ref={box}
      className="mx-2 mb-1.5 flex shrink-0 flex-wrap items-center gap-1.5 rounded-md border border-accent bg-raised px-2 py-1.5"
      onBlur={(event) => {
        if (over.current || choosing.current || box.current?.contains(event.relatedTarget)) return;
        add();
        close();
      }}
    >
      <Menu
        onOpenChange={(open) => {
          choosing.current = open;
          if (!open) setTimeout(() => input.current?.focus(), 0);
        }}
        trigger={
          <button type="button" aria-label={`${t.tree.typeOfNew}: ${t.kinds.type[type]}`} className="flex size-6 items-center justify-center rounded hover:bg-hover">
            <TypeIcon type={type} />
          </button>
        }
      >
        <MenuChoice label={t.tree.typeOfNew} value={type} options={TYPES.map((value) => ({ value, label: t.kinds.type[value], icon: <TypeIcon type={value} /> }))} onChange={setType} />
      </Menu>
      <input
        ref={input}
        autoFocus
        aria-label={t.board.draft(name)}
        aria-describedby={where}
        placeholder={t.board.placeholder}
        value={title}
        maxLength={500}
        className="h-7 min-w-0 flex-1 bg-transparent text-sm outline-none placeholder:text-faint"
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter') {
            event.preventDefault();
            if (!add()) end();
          } else if (event.key === 'Escape') {
            event.preventDefault();
            end();
          }
        }}
      />
      <p id={where} className="basis-full truncate px-1 text-xs text-muted">
        {parent === null ? t.board.goesToTop : t.board.goesInto(acts.title(parent))}
      </p>
    </div>
  );
}

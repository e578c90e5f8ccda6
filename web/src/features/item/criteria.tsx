import { GripVertical, ListChecks, ListTree, Plus, X } from 'lucide-react';
import { useEffect, useRef, useState, type ClipboardEvent, type PointerEvent as ReactPointerEvent } from 'react';
import type { Room } from '@/collab/room';
import { partOf, useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { SharedText } from '@/editor/SharedText';
import { Button } from '@/ui/button';
import { cn } from '@/ui/cn';
import { pastedCriteria, slotFrom, TEMPLATE } from './gherkin';
import { addCriterion, criteriaOf, moveCriterion, ORIGIN, readCriteria, removeCriterion, setDone, type Criterion } from './model';
import { useShared } from './useShared';

type Props = { room: Room; mayEdit: boolean; undo: () => void; redo: () => void };
type Caret = { id: string; at: number | 'end' | readonly [number, number] };

export function Criteria({ room, mayEdit, undo, redo }: Props) {
  const { doc } = room;
  const screen = useProject();
  const criteria = useShared(criteriaOf(doc), readCriteria);
  const fields = useRef(new Map<string, HTMLTextAreaElement>());
  const list = useRef<HTMLOListElement>(null);
  const [focus, setFocus] = useState<Caret | null>(null);
  const [drag, setDrag] = useState<{ id: string; gap: number } | null>(null);
  const done = criteria.filter((criterion) => criterion.done).length;

  // A row that was made or moved gets the caret once it is there.
  useEffect(() => {
    if (focus === null) return;
    const field = fields.current.get(focus.id);
    if (field === undefined) return;
    field.focus();
    const [from, to] = typeof focus.at === 'object' ? focus.at : [focus.at, focus.at].map((at) => (at === 'end' ? field.value.length : at));
    field.setSelectionRange(from ?? 0, to ?? 0);
    setFocus(null);
  }, [focus, criteria]);

  const shift = (index: number, by: -1 | 1) => {
    const { id } = criteria[index] as Criterion;
    const before = by === -1 ? criteria[index - 1]?.id : (criteria[index + 2]?.id ?? null);
    if (before === undefined || (by === 1 && index === criteria.length - 1)) return;
    const at = fields.current.get(id)?.selectionStart ?? 0;
    moveCriterion(doc, id, before);
    setFocus({ id, at });
  };

  /** A pasted list becomes criteria: the first where the caret is, the others below. */
  const onPaste = (event: ClipboardEvent<HTMLTextAreaElement>, criterion: Criterion) => {
    const pasted = mayEdit ? pastedCriteria(event.clipboardData.getData('text/plain')) : null;
    if (pasted === null) return;
    event.preventDefault();
    const { selectionStart: from, selectionEnd: to } = event.currentTarget;
    let last = criterion.id;
    doc.transact(() => {
      pasted.forEach(({ text, done: holds }, index) => {
        if (index === 0) {
          if (to > from) criterion.text.delete(from, to - from);
          criterion.text.insert(from, text);
        } else last = addCriterion(doc, last, text);
        if (holds) setDone(doc, last, true);
      });
    }, ORIGIN);
    setFocus({ id: last, at: 'end' });
  };

  const onGrip = (event: ReactPointerEvent, id: string) => {
    if (event.button !== 0) return;
    event.preventDefault();
    const grip = event.currentTarget as HTMLElement;
    grip.setPointerCapture(event.pointerId);
    let gap = -1;
    const onMove = (move: PointerEvent) => {
      const rows = [...(list.current?.children ?? [])].map((row) => row.getBoundingClientRect());
      gap = rows.findIndex((row) => move.clientY < row.top + row.height / 2);
      if (gap < 0) gap = rows.length;
      setDrag({ id, gap });
    };
    const onEnd = () => {
      grip.removeEventListener('pointermove', onMove);
      setDrag(null);
      if (gap >= 0) moveCriterion(doc, id, readCriteria(criteriaOf(doc)).slice(gap).find((criterion) => criterion.id !== id)?.id ?? null);
    };
    grip.addEventListener('pointermove', onMove);
    grip.addEventListener('lostpointercapture', onEnd, { once: true });
  };

  return (
    <section {...partOf(screen)} aria-labelledby={`criteria-${room.id}`} className="mt-8">
      <div className="mb-2 flex items-center gap-2">
        <h2 id={`criteria-${room.id}`} className="text-sm font-semibold">
          {t.item.criteria}
        </h2>
        {criteria.length > 0 && (
          <>
            <span className="text-xs text-muted tabular-nums">{t.item.criteriaProgress(done, criteria.length)}</span>
            <span aria-hidden className="h-1 w-20 overflow-hidden rounded-full bg-hover">
              <span className="block h-full rounded-full bg-accent transition-[width]" style={{ width: `${(100 * done) / criteria.length}%` }} />
            </span>
          </>
        )}
      </div>
      {criteria.length === 0 && (
        <p className="mb-2 flex items-center gap-2 text-sm text-muted">
          <ListChecks aria-hidden className="size-4" />
          {t.item.criteriaEmpty}
        </p>
      )}
      <ol ref={list} data-view-rows className="relative">
        {criteria.map((criterion, index) => (
          <li
            key={criterion.id}
            className={cn(
              'group relative -mx-2 flex items-start gap-2 rounded-md px-2 py-1 focus-within:bg-sunken hover:bg-sunken',
              drag?.id === criterion.id && 'opacity-40',
              drag?.gap === index && 'before:absolute before:inset-x-2 before:-top-px before:h-0.5 before:rounded-full before:bg-accent',
              drag?.gap === criteria.length && index === criteria.length - 1 && 'after:absolute after:inset-x-2 after:-bottom-px after:h-0.5 after:rounded-full after:bg-accent',
            )}
          >
            {mayEdit && (
              <button
                type="button"
                tabIndex={-1}
                aria-label={t.item.dragCriterion(index + 1)}
                className="absolute top-1.5 -left-4 flex h-5 w-4 cursor-grab touch-none items-center justify-center text-faint opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 pointer-coarse:opacity-100"
                onPointerDown={(event) => onGrip(event, criterion.id)}
              >
                <GripVertical aria-hidden className="size-4" />
              </button>
            )}
            <input
              type="checkbox"
              aria-label={t.item.criterionDone(index + 1)}
              checked={criterion.done}
              disabled={!mayEdit}
              className="mt-[3px] size-4 shrink-0 accent-accent pointer-coarse:size-5"
              onChange={(event) => setDone(doc, criterion.id, event.target.checked)}
            />
            <SharedText
              ref={(field) => {
                if (field === null) fields.current.delete(criterion.id);
                else fields.current.set(criterion.id, field);
              }}
              text={criterion.text}
              origin={ORIGIN}
              awareness={room.awareness}
              name={`criterion:${criterion.id}`}
              onPaste={(event) => onPaste(event, criterion)}
              onUndo={undo}
              onRedo={redo}
              readOnly={!mayEdit}
              aria-label={t.item.criterionLabel(index + 1)}
              placeholder={t.item.criterionPlaceholder}
              className={cn('flex-1 text-[0.9375rem] leading-[1.45]', criterion.done && 'text-muted')}
              onKeyDown={(event) => {
                if (!mayEdit || event.nativeEvent.isComposing) return;
                const field = event.currentTarget;
                if (event.key === 'Enter') {
                  event.preventDefault();
                  // The part after the caret goes to the next criterion, as in every list.
                  const at = field.selectionEnd;
                  const rest = field.value.slice(at);
                  let id = '';
                  doc.transact(() => {
                    if (rest !== '') criterion.text.delete(at, rest.length);
                    id = addCriterion(doc, criterion.id, rest);
                  }, ORIGIN);
                  setFocus({ id, at: 0 });
                } else if (event.key === 'Tab' && !event.altKey && !event.ctrlKey && !event.metaKey) {
                  // Through what is left to write in Given …, when …, then …; otherwise on to the next field.
                  const slot = slotFrom(field.value, event.shiftKey ? field.selectionStart : field.selectionEnd, event.shiftKey);
                  if (slot === null) return;
                  event.preventDefault();
                  field.setSelectionRange(...slot);
                } else if (event.key === 'Backspace' && field.value === '') {
                  event.preventDefault();
                  const neighbour = criteria[index - 1] ?? criteria[index + 1];
                  removeCriterion(doc, criterion.id);
                  if (neighbour !== undefined) setFocus({ id: neighbour.id, at: 'end' });
                } else if (event.altKey && (event.key === 'ArrowUp' || event.key === 'ArrowDown')) {
                  event.preventDefault();
                  shift(index, event.key === 'ArrowUp' ? -1 : 1);
                } else if (event.key === 'ArrowUp' && field.selectionEnd === 0 && index > 0) {
                  event.preventDefault();
                  setFocus({ id: (criteria[index - 1] as Criterion).id, at: 'end' });
                } else if (event.key === 'ArrowDown' && field.selectionStart === field.value.length && index < criteria.length - 1) {
                  event.preventDefault();
                  setFocus({ id: (criteria[index + 1] as Criterion).id, at: 0 });
                }
              }}
            />
            {mayEdit && (
              <button
                type="button"
                aria-label={t.item.removeCriterion(index + 1)}
                className="flex size-6 shrink-0 items-center justify-center rounded text-faint opacity-0 group-focus-within:opacity-100 group-hover:opacity-100 hover:bg-hover hover:text-fg focus-visible:opacity-100 pointer-coarse:opacity-100"
                onClick={() => removeCriterion(doc, criterion.id)}
              >
                <X aria-hidden className="size-4" />
              </button>
            )}
          </li>
        ))}
      </ol>
      {mayEdit && (
        <div className="mt-1 -ml-2 flex flex-wrap">
          <Button look="ghost" className="px-2" onClick={() => setFocus({ id: addCriterion(doc, null), at: 0 })}>
            <Plus aria-hidden className="size-4" />
            {t.item.addCriterion}
          </Button>
          <Button look="ghost" className="px-2" title={t.item.gherkinHelp} onClick={() => setFocus({ id: addCriterion(doc, null, TEMPLATE), at: slotFrom(TEMPLATE, 0) ?? 0 })}>
            <ListTree aria-hidden className="size-4" />
            {t.item.gherkin}
          </Button>
        </div>
      )}
    </section>
  );
}

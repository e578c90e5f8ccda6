/** The same diagram as a list: every shape and connection can be found, read and changed without seeing or pointing. */
import { Plus, Trash2, X } from 'lucide-react';
import { useEffect, useMemo, useRef, useState } from 'react';
import { t } from '@/texts';
import { announce } from '@/features/views/announce';
import { Button, IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { useEditor, useScene, useUi } from './context';
import { readingOrder, type Editor } from './editor';
import { kindName, useName } from './names';
import { textOf } from './scene';
import { TextBinding } from '@/editor/textBinding';
import type { Connector, Element, Point, Shape } from './schema';
import { ORIGIN } from './undo';

/** So many rows are on the page at once. */
const SHOWN = 200;

export function ListView() {
  const editor = useEditor();
  const version = useScene();
  const selection = useUi((ui) => ui.selection);
  const nameOf = useName();
  const [find, setFind] = useState('');
  const list = useRef<HTMLUListElement>(null);
  const all = useMemo(() => (version >= 0 ? readingOrder(editor.scene) : []), [editor, version]);
  const words = find.trim().toLowerCase();
  const found = words === '' ? all : all.filter((one) => nameOf(one).toLowerCase().includes(words));
  const [current] = selection;
  const at = found.findIndex(({ id }) => id === current);
  const first = Math.max(0, Math.min(at - SHOWN / 2, found.length - SHOWN));
  const shown = found.slice(first, first + SHOWN);

  useEffect(() => {
    list.current?.querySelector<HTMLElement>('[aria-current=true]')?.scrollIntoView({ block: 'nearest' });
  }, [current]);

  // Whoever opens it goes on in it.
  useEffect(() => {
    const rows = list.current;
    (rows?.querySelector<HTMLElement>('[aria-current=true]') ?? rows?.querySelector<HTMLElement>('button[data-row]'))?.focus();
  }, []);

  const close = () => {
    editor.set({ panel: null });
    editor.focus();
  };
  const rowKeys = (event: React.KeyboardEvent<HTMLUListElement>) => {
    const by = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const row = event.target instanceof HTMLElement ? event.target.closest<HTMLButtonElement>('button[data-row]') : null;
    if (row === null) return;
    if (by !== undefined) {
      event.preventDefault();
      event.stopPropagation();
      const rows = [...(list.current?.querySelectorAll<HTMLButtonElement>('button[data-row]') ?? [])];
      const next = rows[rows.indexOf(row) + by];
      next?.focus();
      next?.click();
    } else if (event.key === 'Delete' && editor.mayEdit) {
      event.preventDefault();
      event.stopPropagation();
      remove(editor, row.dataset.row as string);
    }
  };
  return (
    <section aria-label={t.diagram.list.title} className="pointer-events-auto flex max-h-full w-80 max-w-full flex-col rounded-xl border border-line bg-raised shadow-float" onKeyDown={(event) => event.key === 'Escape' && (event.stopPropagation(), close())}>
      <div className="flex items-center gap-1 p-2">
        <h2 className="flex-1 px-1 text-sm font-semibold">
          {t.diagram.list.title} <span className="font-normal text-muted">{all.length}</span>
        </h2>
        {editor.mayEdit && (
          <Button
            look="ghost"
            className="h-7 px-2"
            onClick={() => {
              const id = editor.addAt('rectangle', editor.middle);
              if (id !== null) requestAnimationFrame(() => document.querySelector<HTMLElement>(`[data-fields-of="${id}"] textarea`)?.focus());
            }}
          >
            <Plus aria-hidden className="size-4" />
            {t.diagram.list.add}
          </Button>
        )}
        <IconButton label={t.diagram.list.close} onClick={close}>
          <X aria-hidden />
        </IconButton>
      </div>
      <div className="px-2 pb-2">
        <input type="search" aria-label={t.diagram.list.find} placeholder={t.diagram.list.find} value={find} className="h-8 w-full rounded-md border border-line-strong bg-bg px-2 text-sm" onChange={(event) => setFind(event.target.value)} />
      </div>
      <ul ref={list} className="min-h-0 flex-1 overflow-y-auto px-2 pb-2" onKeyDown={rowKeys}>
        {all.length === 0 && <li className="px-1 text-sm text-muted">{t.diagram.list.empty}</li>}
        {shown.map((element) => (
          <Row key={element.id} element={element} on={selection.size === 1 && current === element.id} nameOf={nameOf} />
        ))}
        {found.length > shown.length && <li className="px-2 py-1 text-xs text-muted">{t.diagram.list.more(found.length - shown.length)}</li>}
      </ul>
    </section>
  );
}

function remove(editor: Editor, id: string): void {
  editor.remove([id]);
  announce(t.diagram.said.removed(1));
}

type Named = { nameOf: (element: Element | undefined) => string };

function Row({ element, on, nameOf }: { element: Element; on: boolean } & Named) {
  const editor = useEditor();
  const { scene } = editor;
  const end = (shape: string | null) => nameOf(shape === null ? undefined : scene.shape(shape));
  const label =
    element.type === 'shape'
      ? t.diagram.list.shape(kindName(element.kind), nameOf(element), element.frame === null || scene.shape(element.frame) === undefined ? null : nameOf(scene.shape(element.frame)), scene.attached(element.id).length)
      : t.diagram.list.connector(end(element.from.shape), end(element.to.shape), element.text.trim());
  return (
    <li className={cn('rounded-md', on && 'bg-sunken')}>
      <button
        type="button"
        data-row={element.id}
        aria-current={on}
        aria-expanded={on}
        className={cn('block w-full truncate rounded-md px-2 py-1.5 text-left text-sm hover:bg-hover', element.type === 'connector' && 'pl-5 text-muted', on && 'font-medium text-fg')}
        onClick={() => {
          editor.select([element.id]);
          editor.reveal(element.id);
        }}
      >
        {label}
      </button>
      {on && <Fields element={element} nameOf={nameOf} />}
    </li>
  );
}

const field = 'h-7 w-full min-w-0 rounded-md border border-line-strong bg-bg px-1.5 text-sm text-fg read-only:border-line disabled:opacity-60';

function Fields({ element, nameOf }: { element: Element } & Named) {
  const editor = useEditor();
  const words = t.diagram.list;
  const may = editor.mayEdit && !element.locked;
  const writes = element.type === 'connector' || !['card', 'draw', 'image'].includes(element.kind);
  return (
    <div data-fields-of={element.id} className="grid gap-2 px-2 pt-1 pb-2 text-xs text-muted">
      {writes && <TextField element={element} may={may} />}
      {element.type === 'shape' ? <ShapeFields shape={element} may={may} nameOf={nameOf} /> : <ConnectorFields connector={element} may={may} nameOf={nameOf} />}
      {may && (
        <Button look="ghost" className="h-7 justify-start px-1 text-danger" aria-label={words.remove(nameOf(element) || t.diagram.tools.connector)} onClick={() => remove(editor, element.id)}>
          <Trash2 aria-hidden className="size-4" />
          {t.diagram.acts.remove}
        </Button>
      )}
    </div>
  );
}

function TextField({ element, may }: { element: Element; may: boolean }) {
  const editor = useEditor();
  const area = useRef<HTMLTextAreaElement>(null);
  const text = textOf(editor.room.doc, element.id);
  useEffect(() => {
    if (area.current === null || text === null) return;
    const binding = new TextBinding(area.current, text, { origin: ORIGIN, multiline: true });
    return () => {
      binding.destroy();
      editor.undo.stopCapturing();
    };
  }, [text, editor]);
  return (
    <label className="grid gap-1">
      {t.diagram.list.text}
      <textarea ref={area} readOnly={!may || text === null} rows={2} className="w-full resize-y rounded-md border border-line-strong bg-bg px-1.5 py-1 text-sm text-fg" />
    </label>
  );
}

function ShapeFields({ shape, may, nameOf }: { shape: Shape; may: boolean } & Named) {
  const editor = useEditor();
  const [target, setTarget] = useState('');
  const words = t.diagram.list;
  const place = (change: { at?: Point; size?: Point }) => editor.edits.place(new Map([[shape.id, change]]));
  const number = (label: string, value: number, min: number, set: (value: number) => void) => (
    <label className="grid gap-1">
      {label}
      <input
        key={value}
        type="number"
        defaultValue={Math.round(value)}
        min={min}
        max={1e6}
        readOnly={!may}
        className={field}
        onBlur={(event) => {
          const next = Number(event.target.value);
          if (may && event.target.value !== '' && Number.isFinite(next) && next >= min && Math.abs(next) <= 1e6 && next !== Math.round(value)) set(next);
        }}
        onKeyDown={(event) => event.key === 'Enter' && event.currentTarget.blur()}
      />
    </label>
  );
  const others = [...editor.scene.shapes.values()].filter(({ id, kind }) => id !== shape.id && kind !== 'draw');
  const kinds = Object.keys(t.diagram.kinds).filter((kind) => !['draw', 'image', 'card', 'frame'].includes(kind) || kind === shape.kind);
  return (
    <>
      {!['draw', 'image', 'card', 'frame'].includes(shape.kind) && (
        <label className="grid gap-1">
          {words.kind}
          <select value={shape.kind} disabled={!may} className={field} onChange={(event) => editor.edits.patch([shape.id], { kind: event.target.value })}>
            {[...new Set([...kinds, shape.kind])].map((kind) => (
              <option key={kind} value={kind}>
                {kindName(kind)}
              </option>
            ))}
          </select>
        </label>
      )}
      <div className="grid grid-cols-4 gap-1.5">
        {number(words.x, shape.at[0], -1e6, (x) => place({ at: [x, shape.at[1]] }))}
        {number(words.y, shape.at[1], -1e6, (y) => place({ at: [shape.at[0], y] }))}
        {number(words.width, shape.size[0], 1, (w) => place({ size: [w, shape.size[1]] }))}
        {number(words.height, shape.size[1], 1, (h) => place({ size: [shape.size[0], h] }))}
      </div>
      {may && others.length > 0 && (
        // Keys pass by all choices of a list: only the button connects.
        <form
          className="flex items-end gap-1.5"
          onSubmit={(event) => {
            event.preventDefault();
            if (target === '') return;
            editor.connect({ shape: shape.id, side: 'auto', at: null }, { shape: target, side: 'auto', at: null });
            editor.select([shape.id]);
            setTarget('');
          }}
        >
          <label className="grid min-w-0 flex-1 gap-1">
            {words.connectTo}
            <select value={target} className={field} onChange={(event) => setTarget(event.target.value)}>
              <option value="">–</option>
              {others.slice(0, 500).map((other) => (
                <option key={other.id} value={other.id}>
                  {nameOf(other)}
                </option>
              ))}
            </select>
          </label>
          <Button type="submit" className="h-7 px-2" disabled={target === ''}>
            {words.connect}
          </Button>
        </form>
      )}
    </>
  );
}

function ConnectorFields({ connector, may, nameOf }: { connector: Connector; may: boolean } & Named) {
  const editor = useEditor();
  const shapes = [...editor.scene.shapes.values()].filter(({ kind }) => kind !== 'draw');
  const choose = (which: 'from' | 'to', label: string) => (
    <label className="grid min-w-0 gap-1">
      {label}
      <select
        value={connector[which].shape ?? ''}
        disabled={!may}
        className={field}
        onChange={(event) => event.target.value !== '' && editor.edits.patch([connector.id], { [which]: { shape: event.target.value, side: 'auto' } })}
      >
        {connector[which].shape === null && <option value="">{t.diagram.list.nowhere}</option>}
        {shapes.slice(0, 500).map((shape) => (
          <option key={shape.id} value={shape.id}>
            {nameOf(shape)}
          </option>
        ))}
      </select>
    </label>
  );
  return (
    <div className="grid grid-cols-2 gap-1.5">
      {choose('from', t.diagram.list.from)}
      {choose('to', t.diagram.list.to)}
    </div>
  );
}

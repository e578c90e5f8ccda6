import { Link } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import * as Y from 'yjs';
import { usePreference } from '@/app/preferences';
import { t } from '@/texts';
import { useFollowView, useTellIdle, useTellView } from '@/collab/follow';
import { usePresence, useRoomState } from '@/collab/react';
import type { Room } from '@/collab/room';
import { SharedText } from '@/editor/SharedText';
import { patchItems } from '@/app/live';
import { useTitle } from '@/features/auth/frame';
import { partOf, setLive, useProject, type Live } from '@/features/tree/context';
import { buttonClass } from '@/ui/button';
import { Empty, Pending, Skeleton } from '@/ui/feedback';

import { Canvas } from '@/features/diagram/canvas';
import { cn } from '@/ui/cn';
import { deferred } from '@/ui/deferred';
import { Criteria } from './criteria';
import { ItemHeader } from './header';
import { criteriaOf, fieldsOf, ORIGIN, readCriteria, readFields, titleOf } from './model';
import { Properties } from './properties';
import { useShared } from './useShared';

const DiagramPage = deferred(() => {
  // At once, not when the page asks for it.
  Canvas.preload();
  return import('@/features/diagram/page').then(({ DiagramPage: component }) => component);
});
const Description = deferred(() => import('@/editor/Description').then(({ default: component }) => component));
const Backlinks = lazy(() => import('@/editor/Backlinks').then(({ Backlinks: component }) => ({ default: component })));

export function ItemPage() {
  const { project, items, itemId = '', itemRoom: room, tools } = useProject();
  const state = useRoomState(room);
  const known = items?.get(itemId);

  // It was deleted while it was open, and is back.
  const exists = known !== undefined;
  useEffect(() => {
    if (exists && room?.id === itemId && room.state.refusal?.code === 4404) room.rejoin();
  }, [exists, itemId, room]);

  // It comes while its document does.
  const isDiagram = known?.type === 'diagram';
  useEffect(() => {
    if (isDiagram) DiagramPage.preload();
  }, [isDiagram]);

  if (state.refusal?.code === 4404 || (items !== undefined && known === undefined && state.caughtUp)) {
    return (
      <div className="relative flex flex-1 items-center justify-center">
        <div className="absolute top-4 right-5 flex gap-1 sm:right-8">{tools}</div>
        <Empty
          icon={<Trash2 />}
          title={t.item.deletedTitle}
          action={
            <Link to="/p/$projectId" params={{ projectId: project.id }} className={buttonClass()}>
              {t.item.closeItem}
            </Link>
          }
        >
          {t.item.deletedText}
        </Empty>
      </div>
    );
  }
  // Only the server makes a document's first content, so an empty copy isn't shown before the server has spoken.
  const filled = room !== null && state.loaded && (state.caughtUp || room.doc.store.clients.size > 0);
  return (
    <div className="@container flex min-h-0 flex-1 flex-col">
      {filled && room !== null ? (
        <Body key={`${itemId}:${room.persistence.name}`} room={room} />
      ) : (
        <Pending className="mx-auto grid w-full max-w-5xl gap-5 px-5 pt-4 sm:px-8">
          <div className="flex min-h-7 items-center justify-end gap-1">{tools}</div>
          <Skeleton className="h-8 w-2/3" />
          <Skeleton className="w-full" />
          <Skeleton className="w-5/6" />
          <Skeleton className="w-3/4" />
        </Pending>
      )}
    </div>
  );
}

/** An item is written, a diagram is drawn. */
function Body({ room }: { room: Room }) {
  const { items } = useProject();
  const isDiagram = readFields(fieldsOf(room.doc)).type === 'diagram' || items?.get(room.id)?.type === 'diagram';
  return isDiagram ? (
    <DiagramPage room={room} />
  ) : (
    <ItemBody room={room} />
  );
}

function ItemBody({ room }: { room: Room }) {
  const screen = useProject();
  const { project, beside, tools } = screen;
  const { doc, awareness } = room;
  const scroller = useRef<HTMLDivElement>(null);
  const [wide, setWide] = usePreference('width', 'reading');
  const state = useRoomState(room);
  const mayEdit = project.abilities.edit && state.access !== 'readonly' && state.refusal === null;
  const presence = usePresence(room);
  const fields = useShared(fieldsOf(doc), readFields);
  const [title, setTitle] = useState(() => titleOf(doc).toString());
  const description = useRef<{ focus: () => void } | null>(null);
  const [history, setHistory] = useState<Y.UndoManager | null>(null);
  useTitle(title || t.common.untitled, !beside);
  useEcho(room, project.id);
  useTellIdle(awareness);
  useTellView(awareness, scroller);
  useFollowView(awareness, scroller);

  useEffect(() => {
    const made = new Y.UndoManager([titleOf(doc), criteriaOf(doc), fieldsOf(doc)], { trackedOrigins: new Set([ORIGIN]) });
    setHistory(made);
    return () => made.destroy();
  }, [doc]);
  const undo = () => void history?.undo();
  const redo = () => void history?.redo();

  return (
    <div ref={scroller} className="min-h-0 flex-1 overflow-y-auto scroll-pt-12">
      <article
        className={cn(
          'mx-auto grid grid-cols-1 gap-x-8 px-5 pt-4 pb-24 sm:px-8 @[50rem]:grid-cols-[minmax(0,1fr)_14.5rem]',
          wide === 'full' ? 'max-w-none' : 'max-w-5xl',
        )}
      >
        <div className="min-w-0 @[50rem]:col-span-2">
          <ItemHeader id={room.id} type={fields.type} presence={presence} wide={wide === 'full'} onWide={(full) => setWide(full ? 'full' : 'reading')}>
            {tools}
          </ItemHeader>
        </div>
        <div className="min-w-0 @[50rem]:row-start-2">
          <div data-view="title">
            <SharedText
              text={titleOf(doc)}
              origin={ORIGIN}
              awareness={awareness}
              name="title"
              onText={setTitle}
              onUndo={undo}
              onRedo={redo}
              readOnly={!mayEdit}
              aria-label={t.item.titleLabel}
              placeholder={t.item.titlePlaceholder}
              maxLength={500}
              className="text-2xl leading-tight font-semibold tracking-tight"
              onKeyDown={(event) => {
                if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
                event.preventDefault();
                description.current?.focus();
              }}
            />
          </div>
          <div className="mt-4 @[50rem]:hidden" data-view="properties">
            <Properties doc={doc} id={room.id} mayEdit={mayEdit} />
          </div>
          <section {...partOf(screen)} aria-labelledby={`description-${room.id}`} className="mt-6" data-view-blocks>
            <h2 id={`description-${room.id}`} className="mb-2 text-sm font-semibold">
              {t.item.description}
            </h2>
            <Description
              room={room}
              mayEdit={mayEdit}
              handle={description}
              fallback={
                <Pending className="grid gap-3 pt-12">
                  <Skeleton className="w-full" />
                  <Skeleton className="w-2/3" />
                </Pending>
              }
            />
          </section>
          <Criteria room={room} mayEdit={mayEdit} undo={undo} redo={redo} />
          <Suspense>
            <Backlinks item={room.id} />
          </Suspense>
        </div>
        <aside className="hidden @[50rem]:row-start-2 @[50rem]:block">
          <div className="sticky top-4">
            <Properties doc={doc} id={room.id} mayEdit={mayEdit} />
          </div>
        </aside>
      </article>
    </div>
  );
}

/** Shows in the tree at once what is being edited here; the server's list follows a moment later. */
function useEcho({ id, doc }: Room, project: string): void {
  useEffect(() => {
    let frame = 0;
    let last: Live = {};
    const read = () => {
      const criteria = readCriteria(criteriaOf(doc));
      const { type, status } = readFields(fieldsOf(doc));
      last = {
        title: titleOf(doc).toString(),
        type,
        status,
        criteria_total: criteria.length,
        criteria_done: criteria.filter((criterion) => criterion.done).length,
      };
      setLive(id, last);
    };
    const changed = () => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(read);
    };
    read();
    doc.on('afterTransaction', changed);
    return () => {
      cancelAnimationFrame(frame);
      doc.off('afterTransaction', changed);
      setLive(id, null);
      patchItems(project, (items) => {
        const known = items.get(id);
        if (known !== undefined) items.set(id, { ...known, ...last });
      });
    };
  }, [id, doc, project]);
}

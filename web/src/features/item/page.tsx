import { Link } from '@tanstack/react-router';
import { Trash2 } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import * as Y from 'yjs';
import { t } from '@/texts';
import { people, usePresence, useRoomState } from '@/collab/react';
import type { Room } from '@/collab/room';
import { SharedText } from '@/editor/SharedText';
import { patchItems } from '@/app/live';
import { useTitle } from '@/features/auth/frame';
import { setLive, useProject, type Live } from '@/features/tree/context';
import { Avatars } from '@/ui/avatar';
import { buttonClass } from '@/ui/button';
import { Empty, Pending, Skeleton } from '@/ui/feedback';
import { TypeIcon } from '@/ui/kinds';
import { Criteria } from './criteria';
import { criteriaOf, fieldsOf, ORIGIN, readCriteria, readFields, titleOf } from './model';
import { Properties } from './properties';
import { useShared } from './useShared';

const Description = lazy(() => import('@/editor/Description'));

export function ItemPage() {
  const { project, items, itemId = '', itemRoom: room } = useProject();
  const state = useRoomState(room);
  const known = items?.get(itemId);

  // It was deleted while it was open, and is back.
  const exists = known !== undefined;
  useEffect(() => {
    if (exists && room?.id === itemId && room.state.refusal?.code === 4404) room.rejoin();
  }, [exists, itemId, room]);

  if (state.refusal?.code === 4404 || (items !== undefined && known === undefined && state.caughtUp)) {
    return (
      <div className="flex flex-1 items-center justify-center">
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
    <div className="@container min-h-0 flex-1 overflow-y-auto scroll-pt-12">
      {filled && room !== null ? (
        <ItemBody key={`${itemId}:${room.persistence.name}`} room={room} />
      ) : (
        <Pending className="mx-auto grid max-w-5xl gap-5 px-5 pt-8 sm:px-8">
          <Skeleton className="h-8 w-2/3" />
          <Skeleton className="w-full" />
          <Skeleton className="w-5/6" />
          <Skeleton className="w-3/4" />
        </Pending>
      )}
    </div>
  );
}

function ItemBody({ room }: { room: Room }) {
  const { project, beside } = useProject();
  const { doc } = room;
  const state = useRoomState(room);
  const mayEdit = project.abilities.edit && state.access !== 'readonly' && state.refusal === null;
  const presence = usePresence(room);
  const fields = useShared(fieldsOf(doc), readFields);
  const [title, setTitle] = useState(() => titleOf(doc).toString());
  const description = useRef<{ focus: () => void } | null>(null);
  const [history, setHistory] = useState<Y.UndoManager | null>(null);
  useTitle(title || t.common.untitled, !beside);
  useEcho(room, project.id);

  useEffect(() => {
    const made = new Y.UndoManager([titleOf(doc), criteriaOf(doc), fieldsOf(doc)], { trackedOrigins: new Set([ORIGIN]) });
    setHistory(made);
    return () => made.destroy();
  }, [doc]);
  const undo = () => void history?.undo();
  const redo = () => void history?.redo();

  return (
    <article className="mx-auto grid max-w-5xl grid-cols-1 gap-x-10 px-5 pt-5 pb-24 sm:px-8 @4xl:grid-cols-[minmax(0,1fr)_15rem]">
      <div className="mb-3 flex h-7 items-center gap-2 @4xl:col-span-2">
        <span className="flex items-center gap-1.5 text-xs text-muted">
          <TypeIcon type={fields.type} />
          {t.kinds.type[fields.type]}
        </span>
        <span className="flex-1" />
        <Avatars people={people(presence)} />
      </div>
      <div className="min-w-0 @4xl:row-start-2">
        <SharedText
          text={titleOf(doc)}
          origin={ORIGIN}
          onText={setTitle}
          onUndo={undo}
          onRedo={redo}
          readOnly={!mayEdit}
          aria-label={t.item.titleLabel}
          placeholder={t.item.titlePlaceholder}
          maxLength={500}
          className="text-2xl leading-tight font-semibold tracking-tight outline-none placeholder:text-faint"
          onKeyDown={(event) => {
            if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
            event.preventDefault();
            description.current?.focus();
          }}
        />
        <div className="mt-4 @4xl:hidden">
          <Properties doc={doc} org={project.org_id} mayEdit={mayEdit} />
        </div>
        <section aria-labelledby="description-heading" className="mt-6">
          <h2 id="description-heading" className="mb-2 text-sm font-semibold">
            {t.item.description}
          </h2>
          <Suspense
            fallback={
              <Pending className="grid gap-3 pt-12">
                <Skeleton className="w-full" />
                <Skeleton className="w-2/3" />
              </Pending>
            }
          >
            <Description room={room} mayEdit={mayEdit} handle={description} />
          </Suspense>
        </section>
        <Criteria doc={doc} mayEdit={mayEdit} undo={undo} redo={redo} />
      </div>
      <aside className="hidden @4xl:row-start-2 @4xl:block">
        <Properties doc={doc} org={project.org_id} mayEdit={mayEdit} />
      </aside>
    </article>
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
    doc.on('update', changed);
    return () => {
      cancelAnimationFrame(frame);
      doc.off('update', changed);
      setLive(id, null);
      patchItems(project, (items) => {
        const known = items.get(id);
        if (known !== undefined) items.set(id, { ...known, ...last });
      });
    };
  }, [id, doc, project]);
}

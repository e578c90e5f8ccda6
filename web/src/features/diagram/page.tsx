/** The screen of a diagram: its title, who is here, and the canvas. */
import { useEffect, useState } from 'react';
import { usePreference } from '@/app/preferences';
import { patchItems } from '@/app/live';
import { useTellIdle } from '@/collab/follow';
import { usePresence, useRoomState } from '@/collab/react';
import type { Room } from '@/collab/room';
import { SharedText } from '@/editor/SharedText';
import { useTitle } from '@/features/auth/frame';
import { Canvas } from './canvas';
import { ItemHeader } from '@/features/item/header';
import { ORIGIN, titleOf } from '@/features/item/model';
import { setLive, useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { Pending, Skeleton } from '@/ui/feedback';

export function DiagramPage({ room }: { room: Room }) {
  const { project, beside } = useProject();
  const { doc, awareness } = room;
  const state = useRoomState(room);
  const mayEdit = project.abilities.edit && state.access !== 'readonly' && state.refusal === null;
  const presence = usePresence(room);
  const [title, setTitle] = useState(() => titleOf(doc).toString());
  const [canvas, setCanvas] = usePreference('canvas', 'beside');
  useTitle(title || t.common.untitled, !beside);
  useTellIdle(awareness);
  useEcho(room, project.id, title);
  return (
    <div data-diagram-page className="flex min-h-0 flex-1 flex-col">
      <div className="shrink-0 border-b border-line px-4 pt-2 [&>div:first-child]:mb-0">
        <ItemHeader id={room.id} type="diagram" presence={presence} wide={canvas === 'alone'} onWide={(alone) => setCanvas(alone ? 'alone' : 'beside')} />
        <div data-view="title" className="pb-1.5">
          <SharedText
            text={titleOf(doc)}
            origin={ORIGIN}
            awareness={awareness}
            name="title"
            onText={setTitle}
            readOnly={!mayEdit}
            aria-label={t.item.titleLabel}
            placeholder={t.item.titlePlaceholder}
            maxLength={500}
            className="text-lg leading-tight font-semibold tracking-tight"
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.nativeEvent.isComposing) return;
              event.preventDefault();
              event.currentTarget.closest('[data-diagram-page]')?.querySelector<HTMLElement>('[data-stage]')?.focus({ preventScroll: true });
            }}
          />
        </div>
      </div>
      <Canvas
        key={room.persistence.name}
        room={room}
        mayEdit={mayEdit}
        fallback={
          <Pending className="grid flex-1 place-items-center">
            <Skeleton className="h-24 w-48" />
          </Pending>
        }
      />
    </div>
  );
}

/** Shows in the tree at once what is written here; the server's list follows a moment later. */
function useEcho({ id }: Room, project: string, title: string): void {
  useEffect(() => {
    setLive(id, { title });
    return () => {
      setLive(id, null);
      patchItems(project, (items) => {
        const known = items.get(id);
        if (known !== undefined) items.set(id, { ...known, title });
      });
    };
  }, [id, project, title]);
}

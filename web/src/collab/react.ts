/** Rooms in React. */
import { useEffect, useSyncExternalStore } from 'react';
import { useStore } from 'zustand';
import type { Awareness } from 'y-protocols/awareness';
import { session } from '@/api/session';
import { hubOf, type Hub } from './hub';
import type { Room } from './room';
import { initialState, type RoomState } from './state';

export function useHub(): Hub | null {
  const user = useStore(session.store, (state) => state.user);
  return user === null ? null : hubOf({ id: user.id, name: user.name, colour: user.colour });
}

/** The room of `id`, open for as long as the component shows it; null for a moment at first. */
export function useRoom(id: string | undefined): Room | null {
  const hub = useHub();
  useEffect(() => {
    if (hub === null || id === undefined) return;
    hub.retain(id);
    return () => hub.release(id);
  }, [hub, id]);
  const subscribe = hub?.rooms.subscribe ?? (() => () => undefined);
  return useSyncExternalStore(subscribe, () => (id === undefined ? null : (hub?.rooms.getState().get(id) ?? null)));
}

export function useRoomState(room: Room | null): RoomState {
  return useSyncExternalStore(room?.store.subscribe ?? (() => () => undefined), () => room?.state ?? initialState);
}

export interface Person {
  id: string;
  name: string;
  colour: string;
  /** The version of their picture. */
  avatar?: string | null;
}

export interface Presence {
  client: number;
  user: Person;
  location?: { item?: string };
  /** Nobody seems to be at that screen. */
  idle: boolean;
}

const nobody: Presence[] = [];
const cache = new WeakMap<Awareness, Presence[]>();

function read(awareness: Awareness): Presence[] {
  const known = cache.get(awareness);
  const next = [...awareness.getStates()]
    .filter(([client, state]) => client !== awareness.clientID && typeof (state as Partial<Presence>).user?.id === 'string')
    .map(([client, state]) => {
      // The key is `color` there, as every editor binding for Yjs reads it.
      const { id, name, color, avatar } = state.user as { id: string; name: string; color: string; avatar?: string | null };
      return { client, user: { id, name, colour: color, avatar }, location: state.location as Presence['location'], idle: state.idle === true };
    })
    .sort((a, b) => a.client - b.client);
  if (known !== undefined && JSON.stringify(known) === JSON.stringify(next)) return known;
  cache.set(awareness, next);
  return next;
}

/** Everybody else in the room, one entry per open tab. */
export function usePresence(room: Room | null): Presence[] {
  return useSyncExternalStore(
    (listener) => {
      room?.awareness.on('change', listener);
      return () => room?.awareness.off('change', listener);
    },
    () => (room === null ? nobody : read(room.awareness)),
  );
}

/** One entry per person. */
export function people(presence: Presence[]): Person[] {
  return [...new Map(presence.map(({ user }) => [user.id, user])).values()];
}

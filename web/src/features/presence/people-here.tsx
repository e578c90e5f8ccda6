/** Who is here: a click follows. */
import { useEffect } from 'react';
import { X } from 'lucide-react';
import type { Item } from '@/api/client';
import { useEndFollowing, useFollow } from '@/collab/follow';
import type { Presence } from '@/collab/react';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { cn } from '@/ui/cn';

interface Somebody {
  id: string;
  name: string;
  colour: string;
  idle: boolean;
  item: string | undefined;
}

/** One entry per person: of several tabs, the one that is looked at. */
export function somebodies(presence: Presence[]): Somebody[] {
  const found = new Map<string, Somebody>();
  for (const { user, location, idle } of presence) {
    const known = found.get(user.id);
    if (known !== undefined && !(known.idle && !idle)) continue;
    found.set(user.id, { ...user, idle, item: location?.item });
  }
  return [...found.values()].sort((a, b) => Number(a.idle) - Number(b.idle));
}

type Props = { presence: Presence[]; items: ReadonlyMap<string, Item> | undefined; max?: number };

export function PeopleHere({ presence, items, max = 4 }: Props) {
  const followed = useFollow((state) => state.person);
  const follow = useFollow((state) => state.follow);
  const all = somebodies(presence);
  if (all.length === 0) return null;
  const shown = all.slice(0, all.length > max ? max - 1 : max);
  const rest = all.slice(shown.length);
  return (
    <ul className="flex -space-x-1.5" aria-label={t.presence.people(all.length)} data-follow-keeps>
      {shown.map((person) => {
        const at = person.item === undefined ? undefined : items?.get(person.item)?.title;
        const label = t.presence.follow(person.name, at, person.idle);
        const on = followed === person.id;
        return (
          <li key={person.id} className="flex">
            <button
              type="button"
              aria-pressed={on}
              aria-label={label}
              title={label}
              className={cn('flex rounded-full ring-2 ring-bg transition-transform hover:z-10 hover:-translate-y-px', on && 'z-10 ring-accent')}
              onClick={() => follow(on ? null : person.id)}
            >
              <span aria-hidden className={cn('flex', person.idle && 'opacity-45 grayscale')}>
                <Avatar person={person} />
              </span>
            </button>
          </li>
        );
      })}
      {rest.length > 0 && (
        <li className="flex size-6 items-center justify-center rounded-full bg-hover text-[10px] font-semibold text-muted ring-2 ring-bg" title={rest.map(({ name }) => name).join(', ')}>
          +{rest.length}
          <span className="sr-only">{t.presence.others(rest.length)}</span>
        </li>
      )}
    </ul>
  );
}

type FollowingProps = { presence: Presence[]; openItem: string | undefined; go: (item: string) => void };

/** Goes where the followed person goes, and says so. */
export function Following({ presence, openItem, go }: FollowingProps) {
  const followed = useFollow((state) => state.person);
  const follow = useFollow((state) => state.follow);
  useEndFollowing();
  const person = followed === null ? undefined : somebodies(presence).find(({ id }) => id === followed);
  const gone = followed !== null && person === undefined;
  const item = person?.item;
  useEffect(() => {
    if (!gone) return;
    // A reload is no leaving.
    const timer = setTimeout(() => follow(null), 5_000);
    return () => clearTimeout(timer);
  }, [gone, follow]);
  useEffect(() => {
    if (item !== undefined && item !== openItem) go(item);
  }, [item, openItem, go]);
  useEffect(() => () => follow(null), [follow]);
  if (person === undefined) return null;
  return (
    <div
      role="status"
      data-follow-keeps
      className="fixed bottom-4 left-1/2 [body:has([data-diagram])_&]:bottom-20 z-30 flex -translate-x-1/2 items-center gap-2 rounded-full border-2 bg-raised py-1 pr-1 pl-2 text-sm shadow-float"
      style={{ borderColor: person.colour }}
    >
      <span aria-hidden className="flex">
        <Avatar person={person} size={20} />
      </span>
      {t.presence.following(person.name)}
      <button type="button" className="flex size-7 items-center justify-center rounded-full text-muted hover:bg-hover hover:text-fg" aria-label={t.presence.stop} title={t.presence.stop} onClick={() => follow(null)}>
        <X aria-hidden className="size-4" />
      </button>
    </div>
  );
}

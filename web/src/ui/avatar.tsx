import { useAvatar } from '@/api/avatar';
import { t } from '@/texts';
import { cn } from './cn';

type Person = { id: string; name: string; colour: string; /** The version of their picture. */ avatar?: string | null };

const initials = (name: string) =>
  name
    .split(/\s+/)
    .filter(Boolean)
    .slice(0, 2)
    .map((word) => [...word][0]?.toUpperCase() ?? '')
    .join('') || '?';

/** Black or white, whichever reads better on `colour` (WCAG relative luminance). */
export function inkOn(colour: string): string {
  const match = /^#?([0-9a-f]{6})$/i.exec(colour);
  if (match === null) return '#ffffff';
  const value = parseInt(match[1] as string, 16);
  const channel = (shift: number) => {
    const part = ((value >> shift) & 255) / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  };
  const luminance = 0.2126 * channel(16) + 0.7152 * channel(8) + 0.0722 * channel(0);
  return luminance > 0.179 ? '#000000' : '#ffffff';
}

export function Avatar({ person, size = 24, className, label }: { person: Person; size?: number; className?: string; label?: string }) {
  const picture = useAvatar(person.id, person.avatar);
  return (
    <span
      role="img"
      aria-label={label ?? person.name}
      title={label ?? person.name}
      className={cn('inline-flex shrink-0 items-center justify-center rounded-full font-semibold select-none', picture === null ? 'before:content-[attr(data-initials)]' : undefined, className)}
      style={{
        width: size,
        height: size,
        fontSize: Math.max(9, size * 0.4),
        backgroundColor: person.colour,
        ...(picture === null ? {} : { backgroundImage: `url(${picture})`, backgroundSize: 'cover', backgroundPosition: 'center' }),
        color: inkOn(person.colour),
      }}
      // Drawn, not written: the letters are no part of anything's name.
      data-initials={initials(person.name)}
    />
  );
}

export function Avatars({ people, max = 4 }: { people: Person[]; max?: number }) {
  if (people.length === 0) return null;
  const shown = people.slice(0, people.length > max ? max - 1 : max);
  const rest = people.length - shown.length;
  return (
    <ul className="flex -space-x-1.5" aria-label={t.presence.people(people.length)}>
      {shown.map((person) => (
        <li key={person.id} className="rounded-full ring-2 ring-bg">
          <Avatar person={person} label={t.item.here(person.name)} />
        </li>
      ))}
      {rest > 0 && (
        <li
          className="flex size-6 items-center justify-center rounded-full bg-hover text-[10px] font-semibold text-muted ring-2 ring-bg"
          title={people.slice(shown.length).map((person) => person.name).join(', ')}
        >
          +{rest}
          <span className="sr-only">{t.presence.others(rest)}</span>
        </li>
      )}
    </ul>
  );
}

import { plural } from '../plural';

export const presence = {
  people: (count: number) => `${plural(count, 'person', 'people')} here`,
  others: (count: number) => `${count} more`,
  follow: (name: string, item: string | undefined, idle: boolean) =>
    `Follow ${name}${idle ? ' (away)' : ''}${item === undefined ? '' : `, in “${item}”`}`,
  following: (name: string) => `Following ${name}`,
  stop: 'Stop following (Esc)',
};

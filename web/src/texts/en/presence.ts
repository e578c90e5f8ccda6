import { plural } from '../plural';

export const presence = {
  people: (count: number) => `${plural(count, 'person', 'people')} here`,
  others: (count: number) => `${count} more`,
};

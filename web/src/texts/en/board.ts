import { plural } from '../plural';

export const board = {
  label: (project: string) => `Board of ${project}`,
  help: 'Arrow keys move. Left and Right change the column. Alt with Left or Right moves the card to the next status. Enter opens. Space selects. Shift F10 shows what else can be done.',
  column: (status: string, count: number) => `${status}, ${plural(count, 'card', 'cards')}`,
  add: (status: string) => `Add to ${status}`,
  draft: (status: string) => `Title of the new item in ${status}`,
  placeholder: 'What needs to be done?',
  draftHint: 'Enter adds, Esc ends',
  empty: 'Nothing here. Drop cards here, or add one.',
  emptyViewer: 'Nothing here.',
  goesToTop: 'Goes to the top of the tree',
  goesInto: (parent: string) => `Goes into “${parent}”`,
  inside: (parent: string) => `in ${parent}`,
  dragging: (count: number) => plural(count, 'card', 'cards'),
};

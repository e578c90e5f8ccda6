import { plural } from '../plural';

export const signOut = {
  title: 'Sign out?',
  text: 'Documents you opened are kept on this device, so that they open fast and offline.',
  unsent: (count: number) =>
    `${plural(count, 'change is', 'changes are')} only on this device. Sign out and keep them, or they are lost.`,
  forget: 'Remove my documents from this device',
  confirm: 'Sign out',
};

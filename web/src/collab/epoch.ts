/** Which copy of a document this device uses: a new one begins when its history was rewritten. */
const keyOf = (user: string, id: string) => `canopy:${user}:epoch:${id}`;

export const epochOf = (user: string, id: string): number => Number(localStorage.getItem(keyOf(user, id)) ?? '0');

export const nextEpoch = (user: string, id: string): void => localStorage.setItem(keyOf(user, id), String(epochOf(user, id) + 1));

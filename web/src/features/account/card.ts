export const card = 'rounded-lg border border-line bg-raised p-4';

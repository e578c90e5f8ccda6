import { locale } from './locale';

/** "1 item", "2,000 items". */
export const plural = (count: number, one: string, many: string) => `${count.toLocaleString(locale())} ${count === 1 ? one : many}`;

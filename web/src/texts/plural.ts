import { locale } from './locale';

/** "2,000". */
export const number = (value: number) => value.toLocaleString(locale());

/** "1 item", "2,000 items". */
export const plural = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;

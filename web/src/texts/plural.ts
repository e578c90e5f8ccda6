import { locale } from './locale';

/** "2,000". */
export const number = (value: number) => {
  const tag = locale();
  // The browser's own takes as long as drawing a screen when it is used first.
  const plain = value < 1_000 ? /^en\b/.test(tag) : /^en(-(US|GB))?$/.test(tag);
  return plain && Number.isSafeInteger(value) && value >= 0 ? String(value).replace(/\B(?=(\d{3})+$)/g, ',') : value.toLocaleString(tag);
};

/** "1 item", "2,000 items". */
export const plural = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;

import { folded } from '@/features/views/filter';

/** How long typed letters belong together, in milliseconds. */
const TOGETHER = 700;

/** Finds rows by the letters with which their titles begin. */
export class Typeahead {
  #text = '';
  #at = 0;

  /** Whether a letter now would go on with a word. */
  typing(now: number): boolean {
    return this.#text !== '' && now - this.#at < TOGETHER;
  }

  /** The index of the row to go to after `key`, or -1. The same letter again goes on to the next one. */
  find(key: string, now: number, titles: readonly string[], active: number): number {
    this.#text = this.typing(now) ? this.#text + folded(key) : folded(key);
    this.#at = now;
    const same = [...this.#text].every((letter) => letter === this.#text[0]);
    const text = same ? (this.#text[0] as string) : this.#text;
    // Going on with a word, the row that is active may be the one.
    const from = text.length === 1 ? active + 1 : Math.max(active, 0);
    for (let step = 0; step < titles.length; step += 1) {
      const index = (from + step) % titles.length;
      if (folded(titles[index] as string).startsWith(text)) return index;
    }
    return -1;
  }
}

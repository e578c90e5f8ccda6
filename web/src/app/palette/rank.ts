/**
 * How well a text fits what somebody types into the palette. Every word of the query has to be found: at the start of the text,
 * at the start of a word, inside, as initials, or as letters in order that stand close together.
 */

const normal = new Map<string, string>();

/** Lower case, without accents. Remembered, since the same titles are ranked at every key press. */
export function fold(text: string): string {
  let folded = normal.get(text);
  if (folded === undefined) {
    folded = text.normalize('NFKD').replace(/\p{M}/gu, '').toLowerCase();
    if (normal.size > 50_000) normal.clear();
    normal.set(text, folded);
  }
  return folded;
}

const isWord = (char: string | undefined) => char !== undefined && /[\p{L}\p{N}]/u.test(char);

function starts(text: string, word: string): boolean {
  for (let at = text.indexOf(word); at >= 0; at = text.indexOf(word, at + 1)) if (!isWord(text[at - 1])) return true;
  return false;
}

function initials(text: string): string {
  let letters = '';
  for (let at = 0; at < text.length; at++) if (isWord(text[at]) && !isWord(text[at - 1])) letters += text[at];
  return letters;
}

/** The shortest stretch of `text` from the start of a word that has the letters of `word` in order; 0 when there is none. */
function stretch(text: string, word: string): number {
  let best = 0;
  for (let start = text.indexOf(word[0] as string); start >= 0; start = text.indexOf(word[0] as string, start + 1)) {
    if (isWord(text[start - 1])) continue;
    let at = start;
    for (let letter = 1; letter < word.length && at >= 0; letter++) at = text.indexOf(word[letter] as string, at + 1);
    if (at < 0) break;
    const length = at - start + 1;
    if (best === 0 || length < best) best = length;
  }
  return best;
}

function scoreWord(text: string, word: string): number {
  if (text.startsWith(word)) return 100;
  if (text.includes(word)) return starts(text, word) ? 85 : 60;
  if (word.length < 2) return 0;
  if (initials(text).includes(word)) return 50;
  if (word.length < 3) return 0;
  const length = stretch(text, word);
  // Letters that are strewn all over a long text mean nothing.
  return length === 0 || length > word.length * 1.6 ? 0 : Math.round((40 * word.length) / length);
}

/** 0 is no match; more is better. Of two that fit alike, the shorter title wins. `keywords` count half. */
export function score(query: string, title: string, keywords = ''): number {
  const words = fold(query).split(/\s+/).filter(Boolean);
  if (words.length === 0) return 0;
  const text = fold(title);
  const other = keywords === '' ? '' : fold(keywords);
  let total = 0;
  for (const word of words) {
    const found = Math.max(scoreWord(text, word), other === '' ? 0 : scoreWord(other, word) / 2);
    if (found === 0) return 0;
    total += found;
  }
  const whole = text === words.join(' ') ? 20 : text.startsWith(words.join(' ')) ? 10 : 0;
  return total / words.length + whole - Math.min(5, text.length / 40);
}

/** The best of `all`, best first; at most `limit`. */
export function best<T>(all: Iterable<T>, limit: number, rate: (one: T) => number): { one: T; score: number }[] {
  const top: { one: T; score: number }[] = [];
  for (const one of all) {
    const rated = rate(one);
    if (rated <= 0 || (top.length === limit && rated <= (top.at(-1) as { score: number }).score)) continue;
    let at = top.length;
    while (at > 0 && (top[at - 1] as { score: number }).score < rated) at--;
    top.splice(at, 0, { one, score: rated });
    if (top.length > limit) top.pop();
  }
  return top;
}

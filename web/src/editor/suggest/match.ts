/** Which of many names somebody means who has typed a few letters. */

const plain = (text: string) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase();

/** How well `query` matches `name`: 0 not at all, more is better. Beginnings of words count most; then anywhere; then letters in order. */
export function score(name: string, query: string): number {
  const wanted = plain(query.trim());
  if (wanted === '') return 1;
  const text = plain(name);
  if (text === wanted) return 100;
  if (text.startsWith(wanted)) return 90;
  const words = text.split(/[^\p{L}\p{N}]+/u);
  const asked = wanted.split(/\s+/);
  if (asked.every((part) => words.some((word) => word.startsWith(part)))) return 70;
  if (asked.every((part) => text.includes(part))) return 50;
  let at = 0;
  for (const letter of wanted) {
    at = text.indexOf(letter, at) + 1;
    if (at === 0) return 0;
  }
  return wanted.length >= 3 ? 10 : 0;
}

/** The best `limit` matches, best first; equals keep their order. */
export function best<T>(all: Iterable<T>, query: string, names: (one: T) => readonly string[], limit: number): T[] {
  const found: { one: T; points: number }[] = [];
  for (const one of all) {
    let points = 0;
    names(one).forEach((name, index) => (points = Math.max(points, score(name, query) - index)));
    if (points > 0) found.push({ one, points });
  }
  return found
    .sort((a, b) => b.points - a.points)
    .slice(0, limit)
    .map(({ one }) => one);
}

/**
 * Every text that a person reads: a folder for each language, a file for each feature. English is complete and the source of the
 * others' type, so a language that lacks a text doesn't compile.
 *
 * A new language: `texts/de/index.ts` with `export const texts: Texts = {…}`, and a line in {@link languages}.
 */
import { en } from './en';

/** English, with its words free to be others. */
type Wording<T> = T extends string
  ? string
  : T extends (...values: infer V) => string
    ? (...values: V) => string
    : { readonly [K in keyof T]: Wording<T[K]> };

export type Texts = Wording<typeof en>;

/** The texts of the chosen language. A live binding: read it when something is shown, not when a module is loaded. */
export let t: Texts = en;

interface Language {
  /** In the language itself. */
  name: string;
  /** Absent where the texts come with the first screen. */
  load?: () => Promise<Texts>;
  /** Not offered. */
  hidden?: true;
}

/** By language tag (BCP 47). */
export const languages: Readonly<Record<string, Language>> = {
  en: { name: 'English' },
  // Brackets around every text: what shows without them is not from here. For tests and translators.
  'en-XA': { name: 'Pseudo', hidden: true, load: async () => (await Promise.all([import('./pseudo'), import('./en/account'), import('./en/auth'), import('./en/diagram'), import('./en/export'), import('./en/formats'), import('./en/import')]))[0].pseudo(en) },
};

/** Where the choice is kept on this device: the first screen needs it before anybody is known. */
const KEPT = 'canopy:language';

function kept(): string | null {
  try {
    return localStorage.getItem(KEPT);
  } catch {
    return null;
  }
}

/** The language of this visit: the chosen one, else the first of the browser's that there is. */
export function language(): string {
  const chosen = kept();
  if (chosen !== null && chosen in languages) return chosen;
  return navigator.languages.map((tag) => tag.split('-')[0] ?? '').find((tag) => tag in languages) ?? 'en';
}

/** Loads the texts. Before the first screen is drawn. */
export async function speak(tag: string = language()): Promise<void> {
  t = (await languages[tag]?.load?.()) ?? en;
  document.documentElement.lang = tag;
}

/** Changes the language, by loading the page anew: everything that people wrote is kept. */
export function changeLanguage(tag: string): void {
  if (tag === document.documentElement.lang || !(tag in languages)) return;
  try {
    localStorage.setItem(KEPT, tag);
  } catch {
    return;
  }
  window.location.reload();
}

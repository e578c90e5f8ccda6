/**
 * Key bindings: how they are written, shown and recognized.
 *
 * `mod+k` is Command on a Mac and Control elsewhere; `g p` is one after the other. A binding names what the key writes, not where
 * it lies, so that it is the same letter on every layout. Where a layout writes no Latin letters, or Alt changes what a key
 * writes, the place on a keyboard with Latin letters decides.
 */
import { t } from '@/texts';
import { commandsOf, commandStore, type Command } from './commands';

export interface Chord {
  mod: boolean;
  ctrl: boolean;
  alt: boolean;
  shift: boolean;
  /** As `KeyboardEvent.key`; letters in lower case. */
  key: string;
}

type Press = Pick<KeyboardEvent, 'key' | 'code' | 'ctrlKey' | 'metaKey' | 'altKey' | 'shiftKey'>;

const mac = typeof navigator !== 'undefined' && /Mac|iPhone|iPad|iPod/.test(navigator.platform);
const MODIFIERS = new Set(['mod', 'ctrl', 'alt', 'shift']);

/** One chord for each step. A lone `+` is the plus key. */
export function parseKeys(keys: string): Chord[] {
  return keys
    .trim()
    .split(/\s+/)
    .filter(Boolean)
    .map((step) => {
      const parts = step.split('+');
      // "mod++" splits into "mod", "", "".
      const key = step === '+' || step.endsWith('++') ? '+' : (parts.at(-1) as string);
      const held = new Set(parts.map((part) => part.toLowerCase()).filter((part) => MODIFIERS.has(part)));
      const named = key.toLowerCase() === 'space' ? ' ' : key;
      return {
        mod: held.has('mod'),
        ctrl: held.has('ctrl'),
        alt: held.has('alt'),
        shift: held.has('shift'),
        key: [...named].length === 1 ? named.toLowerCase() : named,
      };
    });
}

/** The Latin letter or digit at the place of the pressed key. */
function latinAt(code: string): string | null {
  const match = /^(?:Key([A-Z])|Digit([0-9]))$/.exec(code);
  return match === null ? null : (match[1] ?? match[2] ?? '').toLowerCase();
}

/** Whether `event` is a press of `chord`. */
export function matches(chord: Chord, event: Press, onMac = mac): boolean {
  const pressed = [...event.key].length === 1 ? event.key.toLowerCase() : event.key;
  const written = pressed === chord.key;
  const letter = /^[a-z]$/.test(chord.key);
  // Somewhere "/" is Shift and 7, and "[" is AltGr and 8: what the key writes says it all.
  const symbol = chord.key.length === 1 && !letter && chord.key !== ' ';
  const mod = onMac ? event.metaKey : event.ctrlKey;
  const ctrl = onMac ? event.ctrlKey : event.metaKey;
  if (symbol && written && !chord.alt && !chord.ctrl) {
    const altGr = !onMac && event.ctrlKey && event.altKey;
    return altGr ? !chord.mod : mod === chord.mod && !ctrl;
  }
  const placed = (!/^[\x20-\x7e]/.test(event.key) || chord.alt || event.key === 'Dead') && latinAt(event.code) === chord.key;
  if (!written && !placed) return false;
  return mod === chord.mod && ctrl === chord.ctrl && event.altKey === chord.alt && event.shiftKey === chord.shift;
}

const bare = (event: Press) => !event.ctrlKey && !event.metaKey && !event.altKey;

/** Somebody is writing there, so a letter is a letter. */
function isField(target: EventTarget | null): boolean {
  if (!(target instanceof Element)) return false;
  if (target.closest('[contenteditable=""], [contenteditable="true"], [contenteditable="plaintext-only"], textarea, select') !== null) return true;
  const input = target.closest('input');
  return input !== null && !['button', 'checkbox', 'radio', 'range', 'submit', 'reset', 'color', 'file', 'image'].includes(input.type);
}

/** What lies over the screen has its own keys: the screen's commands wait until it is gone. */
const isDialog = (target: EventTarget | null) => target instanceof Element && target.closest('[role="dialog"], [role="alertdialog"]') !== null;
const isOver = (target: EventTarget | null) => isDialog(target) || (target instanceof Element && target.closest('[role="menu"], [role="listbox"]') !== null);

/** How long the second key of a sequence may take, in milliseconds. */
const PAUSE = 1_200;

/** Recognizes the bindings of `commands` in a row of key presses. */
export class KeyReader {
  #held: Chord[][] = [];
  #since = 0;

  constructor(private readonly onMac = mac) {}

  /** The command that this press completes. Of two with the same keys, the one that was offered last. */
  read(event: Press, commands: readonly Command[], now: number): Command | null | 'more' {
    if (['Shift', 'Control', 'Alt', 'Meta', 'AltGraph', 'CapsLock', 'Dead'].includes(event.key)) return this.#held.length > 0 ? 'more' : null;
    const goingOn = this.#held.length > 0 && now - this.#since <= PAUSE;
    const step = goingOn ? (this.#held[0] as Chord[]).length : 0;
    const bound = commands.filter(({ keys, local }) => keys !== undefined && local !== true).map((command) => ({ command, chords: parseKeys(command.keys as string) }));
    // Those that began with what was pressed before.
    const open = goingOn ? bound.filter(({ chords }) => this.#held.some((held) => same(held, chords.slice(0, step)))) : bound;
    const fit = open.filter(({ chords }) => chords.length > step && matches(chords[step] as Chord, event, this.onMac));
    if (fit.length === 0 && goingOn) {
      // The second key belongs to nothing: it starts over.
      this.#held = [];
      return this.read(event, commands, now);
    }
    const longer = fit.filter(({ chords }) => chords.length > step + 1);
    if (longer.length > 0) {
      this.#held = longer.map(({ chords }) => chords.slice(0, step + 1));
      this.#since = now;
      return 'more';
    }
    this.#held = [];
    return fit.at(-1)?.command ?? null;
  }
}

const same = (a: readonly Chord[], b: readonly Chord[]) => JSON.stringify(a) === JSON.stringify(b);

/** Runs the commands of the screen by their keys until the returned function is called. */
export function bindKeys(target: Window = window): () => void {
  const reader = new KeyReader();
  const onKeyDown = (event: KeyboardEvent) => {
    // `defaultPrevented`: a widget with keys of its own, such as the tree, has taken it.
    if (event.defaultPrevented || event.isComposing || event.repeat) return;
    // F1 and its like write nothing anywhere.
    const plain = /^F\d+$/.test(event.key) ? false : bare(event) || (event.altKey && event.ctrlKey) || (mac && event.altKey);
    if (plain ? isField(event.target) || isOver(event.target) : isDialog(event.target)) return;
    const commands = commandsOf(commandStore.getState());
    const command = reader.read(event, commands, event.timeStamp);
    if (command === null) return;
    event.preventDefault();
    if (command !== 'more') command.run();
  };
  target.addEventListener('keydown', onKeyDown);
  return () => target.removeEventListener('keydown', onKeyDown);
}

const NAMED: Record<string, string> = { ArrowUp: '↑', ArrowDown: '↓', ArrowLeft: '←', ArrowRight: '→' };

function keyName(key: string): string {
  if (key === ' ') return t.keys.names.Space;
  const name = NAMED[key] ?? (t.keys.names as Record<string, string>)[key];
  return name ?? ([...key].length === 1 ? key.toUpperCase() : key);
}

/** The caps to draw, one list for each step: `[['Ctrl', 'K']]`. */
export function keyCaps(keys: string, onMac = mac): string[][] {
  return parseKeys(keys).map(({ mod, ctrl, alt, shift, key }) => [
    ...(ctrl ? [onMac ? '⌃' : 'Ctrl'] : []),
    ...(alt ? [onMac ? '⌥' : t.keys.names.Alt] : []),
    // Nobody reads "Shift+?": the question mark says it.
    ...(shift && (/^[a-z0-9 ]$/.test(key) || [...key].length > 1) ? [onMac ? '⇧' : t.keys.names.Shift] : []),
    ...(mod ? [onMac ? '⌘' : t.keys.names.Control] : []),
    keyName(key),
  ]);
}

/** For menus and tooltips: "Ctrl+K", on a Mac "⌘K"; "G then P". */
export function keysLabel(keys: string, onMac = mac): string {
  return keyCaps(keys, onMac)
    .map((caps) => (onMac ? caps.join('') : caps.join('+')))
    .reduce((first, second) => t.keys.then(first, second));
}

/** The value of `aria-keyshortcuts` (WAI-ARIA 1.2). Sequences have no way to be said there. */
export function ariaKeys(keys: string, onMac = mac): string | undefined {
  const chords = parseKeys(keys);
  if (chords.length !== 1) return undefined;
  const { mod, ctrl, alt, shift, key } = chords[0] as Chord;
  return [...(ctrl || (mod && !onMac) ? ['Control'] : []), ...(alt ? ['Alt'] : []), ...(shift ? ['Shift'] : []), ...(mod && onMac ? ['Meta'] : []), key === ' ' ? 'Space' : key].join('+');
}

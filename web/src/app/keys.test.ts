import { afterEach, describe, expect, it, vi } from 'vitest';
import { commandStore, type Command } from './commands';
import { ariaKeys, bindKeys, KeyReader, keysLabel, matches, parseKeys } from './keys';

const press = (key: string, more: Partial<KeyboardEventInit> = {}) => ({
  key,
  code: '',
  ctrlKey: false,
  metaKey: false,
  altKey: false,
  shiftKey: false,
  ...more,
});
const is = (keys: string, event: ReturnType<typeof press>, onMac = false) => matches(parseKeys(keys)[0]!, event, onMac);
const command = (id: string, keys: string, more: Partial<Command> = {}): Command => ({ id, title: id, group: 'go', keys, run: () => undefined, ...more });

describe('matches', () => {
  it('takes Control for mod, and Command on a Mac', () => {
    expect(is('mod+k', press('k', { ctrlKey: true }))).toBe(true);
    expect(is('mod+k', press('k', { metaKey: true }))).toBe(false);
    expect(is('mod+k', press('k', { metaKey: true }), true)).toBe(true);
    expect(is('mod+k', press('k', { ctrlKey: true }), true)).toBe(false);
  });

  it('wants exactly the modifiers that are named', () => {
    expect(is('c', press('c', { ctrlKey: true }))).toBe(false);
    expect(is('mod+k', press('K', { ctrlKey: true, shiftKey: true }))).toBe(false);
    expect(is('mod+shift+k', press('K', { ctrlKey: true, shiftKey: true }))).toBe(true);
    expect(is('alt+ArrowUp', press('ArrowUp', { altKey: true }))).toBe(true);
    expect(is('ArrowUp', press('ArrowUp', { altKey: true }))).toBe(false);
  });

  it('reads a symbol from what is written, wherever the layout has it', () => {
    expect(is('?', press('?', { shiftKey: true }))).toBe(true);
    expect(is('shift+?', press('?', { shiftKey: true }))).toBe(true);
    expect(is('/', press('/', { shiftKey: true, code: 'Digit7' }))).toBe(true);
    expect(is('[', press('[', { ctrlKey: true, altKey: true, code: 'Digit8' }))).toBe(true);
    expect(is('mod+/', press('/', { ctrlKey: true }))).toBe(true);
    expect(is('/', press('/', { ctrlKey: true }))).toBe(false);
  });

  it('goes by the place of the key where a layout writes no Latin letters, and only there', () => {
    expect(is('mod+k', press('л', { ctrlKey: true, code: 'KeyK' }))).toBe(true);
    // AZERTY: the key at Q writes "a".
    expect(is('a', press('a', { code: 'KeyQ' }))).toBe(true);
    expect(is('q', press('a', { code: 'KeyQ' }))).toBe(false);
    // Option on a Mac changes what is written.
    expect(is('alt+n', press('˜', { altKey: true, code: 'KeyN' }), true)).toBe(true);
  });
});

describe('KeyReader', () => {
  const commands = [command('projects', 'g p'), command('home', 'g h'), command('palette', 'mod+k'), command('create', 'c')];

  it('reads one key after the other', () => {
    const reader = new KeyReader(false);
    expect(reader.read(press('g'), commands, 0)).toBe('more');
    expect(reader.read(press('p'), commands, 300)).toMatchObject({ id: 'projects' });
    expect(reader.read(press('p'), commands, 400)).toBeNull();
  });

  it('forgets the first key after a pause, and when the second fits nothing', () => {
    const reader = new KeyReader(false);
    reader.read(press('g'), commands, 0);
    expect(reader.read(press('h'), commands, 5_000)).toBeNull();
    reader.read(press('g'), commands, 6_000);
    expect(reader.read(press('c'), commands, 6_100)).toMatchObject({ id: 'create' });
    expect(reader.read(press('h'), commands, 6_200)).toBeNull();
  });

  it('lets a modifier be pressed on the way', () => {
    const reader = new KeyReader(false);
    reader.read(press('g'), [...commands, command('odd', 'g shift+x')], 0);
    expect(reader.read(press('Shift', { shiftKey: true }), commands, 100)).toBe('more');
    expect(reader.read(press('X', { shiftKey: true }), [command('odd', 'g shift+x')], 200)).toMatchObject({ id: 'odd' });
  });

  it('prefers what was offered last and leaves local keys to their widget', () => {
    const reader = new KeyReader(false);
    const both = [...commands, command('create.item', 'c'), command('rename', 'F2', { local: true })];
    expect(reader.read(press('c'), both, 0)).toMatchObject({ id: 'create.item' });
    expect(reader.read(press('F2'), both, 0)).toBeNull();
  });
});

describe('bindKeys', () => {
  afterEach(() => {
    commandStore.setState(new Map(), true);
    document.body.replaceChildren();
  });

  const key = (target: Element, init: KeyboardEventInit) => {
    const event = new KeyboardEvent('keydown', { bubbles: true, cancelable: true, ...init });
    target.dispatchEvent(event);
    return event;
  };

  it('runs a command, but not under somebody’s typing, and not under what lies over the screen', () => {
    const create = vi.fn();
    const palette = vi.fn();
    const pane = vi.fn();
    commandStore.setState(new Map([[Symbol(), [command('create', 'c', { run: create }), command('palette', 'mod+k', { run: palette }), command('pane', 'F6', { run: pane })]]]), true);
    document.body.innerHTML = '<input id="text"><input id="tick" type="checkbox"><div contenteditable="true"><p id="written"></p></div><div role="dialog"><button id="in"></button></div>';
    const at = (id: string) => document.getElementById(id)!;
    const stop = bindKeys();
    for (const id of ['text', 'written', 'in']) expect(key(at(id), { key: 'c' }).defaultPrevented).toBe(false);
    expect(create).not.toHaveBeenCalled();
    expect(key(document.body, { key: 'c' }).defaultPrevented).toBe(true);
    key(at('tick'), { key: 'c' });
    expect(create).toHaveBeenCalledTimes(2);
    for (const id of ['text', 'written']) key(at(id), { key: 'k', ctrlKey: true });
    expect(palette).toHaveBeenCalledTimes(2);
    key(at('in'), { key: 'k', ctrlKey: true });
    expect(palette).toHaveBeenCalledTimes(2);
    key(at('text'), { key: 'F6' });
    expect(pane).toHaveBeenCalledTimes(1);
    key(document.body, { key: 'c', repeat: true });
    stop();
    key(document.body, { key: 'c' });
    expect(create).toHaveBeenCalledTimes(2);
  });

  it('leaves what a widget has taken', () => {
    const create = vi.fn();
    commandStore.setState(new Map([[Symbol(), [command('create', 'c', { run: create })]]]), true);
    const stop = bindKeys();
    document.body.addEventListener('keydown', (event) => event.preventDefault(), { once: true });
    key(document.body, { key: 'c' });
    expect(create).not.toHaveBeenCalled();
    stop();
  });
});

describe('labels', () => {
  it('says keys as the keyboard does', () => {
    expect(keysLabel('mod+k', false)).toBe('Ctrl+K');
    expect(keysLabel('mod+k', true)).toBe('⌘K');
    expect(keysLabel('alt+shift+ArrowUp', false)).toBe('Alt+Shift+↑');
    expect(keysLabel('alt+ArrowUp', true)).toBe('⌥↑');
    expect(keysLabel('g p', false)).toBe('G then P');
    expect(keysLabel('shift+?', false)).toBe('?');
    expect(keysLabel('mod++', false)).toBe('Ctrl++');
    expect(keysLabel('Escape', false)).toBe('Esc');
  });

  it('says them to assistive technology', () => {
    expect(ariaKeys('mod+k', false)).toBe('Control+k');
    expect(ariaKeys('mod+k', true)).toBe('Meta+k');
    expect(ariaKeys('g p')).toBeUndefined();
  });
});

/** What can be done on the canvas, by key, in its menu and from the palette: one list for all. */
import type { Command } from '@/app/commands';
import { matches, parseKeys, type Chord } from '@/app/keys';
import { t } from '@/texts';
import { copyPart, cutPart, pasteFromMenu } from './clipboard';
import type { Editor } from './editor';
import { chooseImages } from './images';
import { isLink } from './schema';

export interface Act extends Command {
  /** It changes the diagram. */
  edits?: boolean;
  /** It needs something chosen. */
  chosen?: number;
  /** Whether it means anything for what is chosen. */
  fits?: () => boolean;
  /** Other keys that do the same. */
  also?: readonly string[];
}

export function actsOf(editor: Editor): Act[] {
  const { acts, tools, view } = t.diagram;
  const tool = (id: string, title: string, keys: string): Act => ({ id: `diagram.tool.${id}`, title, keys, group: 'create', edits: id !== 'select' && id !== 'hand', run: () => editor.use(id) });
  const act = (id: string, title: string, keys: string | undefined, run: () => void, more: Partial<Act> = {}): Act => ({ id: `diagram.${id}`, title, keys, group: 'change', edits: true, run, ...more });
  const see = (id: string, title: string, keys: string | undefined, run: () => void, more: Partial<Act> = {}): Act => ({ id: `diagram.${id}`, title, keys, group: 'view', run, ...more });
  const one = { chosen: 1 };
  const two = { chosen: 2 };
  return [
    tool('select', tools.select, 'v'),
    tool('hand', tools.hand, 'h'),
    tool('rectangle', tools.rectangle, 'r'),
    tool('ellipse', tools.ellipse, 'o'),
    tool('diamond', tools.diamond, 'd'),
    tool('sticky', tools.sticky, 's'),
    tool('text', tools.text, 't'),
    tool('frame', tools.frame, 'f'),
    tool('pen', tools.pen, 'p'),
    tool('connector', tools.connector, 'c'),
    tool('line', tools.line, 'l'),
    act('image', tools.image, 'i', () => chooseImages(editor), { group: 'create' }),
    tool('card', tools.card, 'k'),
    act('subtree', acts.subtree, undefined, () => editor.set({ picking: 'subtree' }), { group: 'create' }),
    see('library', t.diagram.library, 'm', () => editor.set({ panel: editor.state.panel === 'library' ? null : 'library' }), { edits: true }),
    act('write', acts.write, 'Enter', () => editor.write([...editor.state.selection][0] as string), { ...one, also: ['F2'], fits: () => editor.state.selection.size === 1 }),
    act('cut', acts.cut, 'mod+x', () => void cutPart(editor), one),
    see('copy', acts.copy, 'mod+c', () => void copyPart(editor), { ...one, group: 'change' }),
    act('paste', acts.paste, 'mod+v', () => void pasteFromMenu(editor)),
    act('unframe', acts.unframe, undefined, () => editor.unframe(), { ...one, fits: () => editor.selectedShapes.some(({ kind, locked }) => kind === 'frame' && !locked) }),
    act('duplicate', acts.duplicate, 'mod+d', () => void editor.duplicate(), one),
    act('remove', acts.remove, 'Delete', () => editor.remove(), { ...one, also: ['Backspace'] }),
    see('selectAll', acts.selectAll, 'mod+a', () => editor.selectAll(), { group: 'change' }),
    see('next', acts.next, 'Tab', () => editor.step(1)),
    see('previous', acts.previous, 'shift+Tab', () => editor.step(-1)),
    act('group', acts.group, 'mod+g', () => editor.group(), two),
    act('ungroup', acts.ungroup, 'mod+shift+g', () => editor.ungroup(), { ...one, fits: () => editor.selected.some(({ groups }) => groups.length > 0) }),
    act('lock', acts.lock, 'mod+shift+l', () => editor.lock(), one),
    act('front', acts.front, ']', () => editor.edits.order(editor.state.selection, 'front'), one),
    act('forward', acts.forward, 'mod+]', () => editor.edits.order(editor.state.selection, 'forward'), one),
    act('backward', acts.backward, 'mod+[', () => editor.edits.order(editor.state.selection, 'backward'), one),
    act('back', acts.back, '[', () => editor.edits.order(editor.state.selection, 'back'), one),
    act('alignLeft', acts.alignLeft, 'alt+a', () => editor.align('left'), two),
    act('alignCentre', acts.alignCentre, 'alt+h', () => editor.align('centre'), two),
    act('alignRight', acts.alignRight, 'alt+d', () => editor.align('right'), two),
    act('alignTop', acts.alignTop, 'alt+w', () => editor.align('top'), two),
    act('alignMiddle', acts.alignMiddle, 'alt+v', () => editor.align('middle'), two),
    act('alignBottom', acts.alignBottom, 'alt+s', () => editor.align('bottom'), two),
    act('distributeX', acts.distributeX, 'alt+shift+h', () => editor.distribute('x'), { chosen: 3 }),
    act('distributeY', acts.distributeY, 'alt+shift+v', () => editor.distribute('y'), { chosen: 3 }),
    act('nudge', acts.nudge, 'ArrowRight', () => editor.nudge(1, 0), one),
    act('nudgeFar', acts.nudgeFar, 'shift+ArrowRight', () => editor.nudge(10, 0), one),
    act('undo', acts.undo, 'mod+z', () => void editor.undo.undo()),
    act('redo', acts.redo, 'mod+shift+z', () => void editor.undo.redo(), { also: ['mod+y'] }),
    see('zoomIn', view.zoomIn, '+', () => editor.zoomBy(1.25), { also: ['=', 'mod+=', 'mod++'] }),
    see('zoomOut', view.zoomOut, '-', () => editor.zoomBy(0.8), { also: ['mod+-'] }),
    see('actual', view.actual, 'shift+0', () => editor.lookAt(editor.middle, 1, 150), { also: ['mod+0'] }),
    see('fit', view.fit, 'shift+1', () => editor.fit()),
    see('fitSelection', view.fitSelection, 'shift+2', () => editor.fitSelection()),
    see('grid', view.grid, "mod+'", () => editor.set({ grid: !editor.state.grid })),
    see('minimap', view.minimap, undefined, () => editor.set({ minimap: !editor.state.minimap })),
    see('list', acts.list, 'shift+l', () => editor.set({ panel: editor.state.panel === 'list' ? null : 'list' })),
    see('chat', acts.chat, '/', () => editor.set({ chat: '' })),
    see('summon', acts.summon, undefined, () => editor.summon()),
    act('style', acts.style, 'F6', focusStyle, one),
    see('openLink', acts.openLink, 'mod+Enter', () => openLink(editor), { ...one, fits: () => editor.selectedShapes[0]?.link != null }),
  ];
}

/** From the canvas Tab leads through the drawing: this leads to how it looks. */
function focusStyle(): void {
  const all = document.querySelectorAll<HTMLElement>('[data-style-toggle], [data-style-panel] button');
  [...all].find((one) => one.getClientRects().length > 0)?.focus();
}

export function openLink(editor: Editor): void {
  const [shape] = editor.selectedShapes;
  if (shape?.link != null && isLink(shape.link)) window.open(shape.link, '_blank', 'noopener,noreferrer');
}

const chords = new Map<string, Chord>();
function chordOf(keys: string): Chord {
  const known = chords.get(keys) ?? (parseKeys(keys)[0] as Chord);
  chords.set(keys, known);
  return known;
}

/** Digits are where they are, whatever Shift makes of them. */
function isPress(keys: string, event: KeyboardEvent): boolean {
  const digit = /^shift\+(\d)$/.exec(keys)?.[1];
  if (digit !== undefined) return event.code === `Digit${digit}` && event.shiftKey && !event.ctrlKey && !event.metaKey && !event.altKey;
  return matches(chordOf(keys), event);
}

/** The act that a key means now. */
export function actFor(editor: Editor, acts: readonly Act[], event: KeyboardEvent): Act | null {
  const { selection } = editor.state;
  for (const act of acts) {
    if (act.keys === undefined || (act.edits === true && !editor.mayEdit) || (act.chosen ?? 0) > selection.size || act.fits?.() === false) continue;
    if ([act.keys, ...(act.also ?? [])].some((keys) => isPress(keys, event))) return act;
  }
  return null;
}

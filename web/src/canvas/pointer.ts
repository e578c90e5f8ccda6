/**
 * From the events of the canvas to gestures. Panning and zooming are React Flow's; everything else is decided here. A finger does
 * what a mouse does, two move and zoom, and one that rests opens the menu. While somebody draws with a pen, fingers only move: a
 * hand lies on the screen.
 */
import { openLink } from './commands';
import type { Editor } from './editor';
import { distance } from './geo';
import { bending, drawing, marquee, moving, penning, resizing, rewiring, rotating, wiring, endAt, type Gesture, type Keys } from './gestures';
import { elementAt, shapeAt } from './hit';
import { isKind } from './rules';
import type { Point, Side } from './schema';

/** A press that moves less is a click, in pixels. */
const CLICK = 4;
/** How far a finger goes until it doesn't rest any more, and how long it rests until the menu opens. */
const CLICK_FINGER = 10;
const HOLD = 500;
/** So long after a pen's last stroke a finger is a hand that lies on the screen, in milliseconds. */
const PEN = 30_000;
/** So near to the edge the canvas moves along, in pixels. */
const EDGE = 28;

const keysOf = (event: { shiftKey: boolean; altKey: boolean; ctrlKey: boolean; metaKey: boolean }): Keys => ({ shift: event.shiftKey, alt: event.altKey, mod: event.ctrlKey || event.metaKey });

/** What has pointer events of its own: fields and buttons on the canvas. */
const isOwn = (target: EventTarget | null): boolean => target instanceof Element && target.closest('[data-own]') !== null;

export class Pointer {
  #gesture: Gesture | null = null;
  #id: number | null = null;
  #from: Point = [0, 0];
  #at: Point = [0, 0];
  #moved = false;
  #keys: Keys = { shift: false, alt: false, mod: false };
  #pressure = 0.5;
  #pressed: { id: string; was: boolean } | null = null;
  #pan = 0;
  #hold: ReturnType<typeof setTimeout> | undefined;
  /** What the present gesture is made with. */
  #type = 'mouse';
  #pen = -Infinity;
  /** Space is held: the canvas moves under the pointer. */
  space = false;

  constructor(
    private readonly editor: Editor,
    private readonly stage: HTMLElement,
  ) {
    stage.addEventListener('pointerdown', this.#down, { capture: true });
    stage.addEventListener('pointermove', this.#move);
    stage.addEventListener('pointerup', this.#up);
    stage.addEventListener('pointercancel', this.#cancelled);
    stage.addEventListener('lostpointercapture', this.#cancelled);
    stage.addEventListener('pointerleave', this.#leave);
    stage.addEventListener('dblclick', this.#double);
  }

  destroy(): void {
    clearTimeout(this.#hold);
    this.cancel();
    const { stage } = this;
    stage.removeEventListener('pointerdown', this.#down, { capture: true });
    stage.removeEventListener('pointermove', this.#move);
    stage.removeEventListener('pointerup', this.#up);
    stage.removeEventListener('pointercancel', this.#cancelled);
    stage.removeEventListener('lostpointercapture', this.#cancelled);
    stage.removeEventListener('pointerleave', this.#leave);
    stage.removeEventListener('dblclick', this.#double);
  }

  /** Gives up what is going on. */
  cancel(): boolean {
    if (this.#gesture === null) return false;
    const gesture = this.#gesture;
    this.#gesture = null;
    this.#release();
    gesture.cancel();
    return true;
  }

  /** Chooses what lies under a press of the menu button, unless it is chosen already. */
  chooseAt(event: MouseEvent): void {
    const { editor } = this;
    const hit = this.#hit(editor.toDiagram(this.#screen(event)));
    if (hit === null) editor.select([]);
    else if (!editor.state.selection.has(hit)) editor.select(editor.whole(hit));
  }

  #screen(event: MouseEvent): Point {
    const box = this.stage.getBoundingClientRect();
    return [event.clientX - box.left, event.clientY - box.top];
  }

  /** The element in front at a point. */
  #hit(point: Point, touch = false): string | null {
    return elementAt(this.editor.painted(), this.editor.live.way, point, (touch ? 12 : 5) / this.editor.view.getState().zoom)?.id ?? null;
  }

  #down = (event: PointerEvent) => {
    const { editor, stage } = this;
    if (isOwn(event.target)) return;
    if (editor.state.editing !== null) editor.written();
    const touch = event.pointerType === 'touch';
    clearTimeout(this.#hold);
    if (this.#gesture !== null) {
      // A second finger: the canvas is moved, nothing is drawn. But a hand beside a pen is nothing.
      if (!touch || this.#type !== 'pen') this.cancel();
      return;
    }
    if (event.pointerType === 'pen') this.#pen = event.timeStamp;
    stage.focus({ preventScroll: true });
    const screen = this.#screen(event);
    const point = editor.toDiagram(screen);
    const { tool } = editor.state;
    this.#from = screen;
    const onHandle = event.target instanceof Element && event.target.closest('[data-handle]') !== null;
    if (touch && !onHandle && (tool === 'select' || tool === 'hand')) this.#hold = setTimeout(() => this.#held(event), HOLD);
    if (event.button !== 0 || tool === 'hand' || this.space || (touch && event.timeStamp - this.#pen < PEN)) return;
    const gesture = this.#begin(event, point, touch);
    if (gesture === null) return;
    this.#type = event.pointerType;
    // Keeps the mouse events from React Flow, and the class keeps it from touches.
    event.preventDefault();
    stage.classList.add('nopan');
    stage.setPointerCapture(event.pointerId);
    this.#gesture = gesture;
    this.#id = event.pointerId;
    this.#at = screen;
    this.#moved = false;
    this.#keys = keysOf(event);
  };

  /** A finger rested: what is under it is chosen, and its menu opens. */
  #held(event: PointerEvent): void {
    this.cancel();
    this.chooseAt(event);
    navigator.vibrate?.(8);
    this.editor.set({ menu: { x: event.clientX, y: event.clientY } });
  }

  #begin(event: PointerEvent, point: Point, touch: boolean): Gesture | null {
    const { editor } = this;
    const { tool, selection, mayEdit } = { ...editor.state, mayEdit: editor.mayEdit };
    const keys = keysOf(event);
    this.#pressed = null;
    const handle = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-handle]')?.dataset : undefined;
    if (handle?.handle !== undefined && mayEdit) {
      const [what = '', which = ''] = handle.handle.split(':');
      const id = handle.of ?? '';
      if (what === 'rotate') return rotating(editor);
      if (what === 'size') return resizing(editor, which, point);
      if (what === 'side') return wiring(editor, { shape: id, side: which as Side, at: null }, {}, point, null);
      if (what === 'end') return rewiring(editor, id, which as 'from' | 'to');
      if (what === 'bend' || what === 'add') return bending(editor, id, Number(which), what === 'add');
    }
    if (mayEdit && (tool === 'connector' || tool === 'line')) {
      const more = tool === 'line' ? { route: 'straight' as const, end: 'none' as const } : {};
      return wiring(editor, endAt(editor, point), more, point, event.shiftKey && event.altKey ? tool : null);
    }
    if (mayEdit && tool === 'pen') {
      this.#pressure = event.pressure || 0.5;
      return penning(editor, point, this.#pressure);
    }
    if (mayEdit && isKind(tool)) return drawing(editor, tool, point, false);
    const hit = this.#hit(point, touch);
    if (touch && !mayEdit) {
      // Who only looks moves the canvas with one finger.
      editor.select(hit === null ? [] : editor.whole(hit));
      return null;
    }
    if (hit === null) return marquee(editor, point, keys.shift);
    const element = editor.scene.element(hit);
    const whole = editor.whole(hit);
    const was = whole.every((id) => selection.has(id));
    if (keys.shift) {
      editor.select(was ? [...selection].filter((id) => !whole.includes(id)) : [...selection, ...whole]);
      if (was) return { move: () => undefined, end: () => undefined, cancel: () => undefined };
    } else if (!was) {
      const { scope } = editor.state;
      if (scope !== null && !element?.groups.includes(scope)) {
        editor.set({ scope: null });
        editor.select(editor.whole(hit));
      } else editor.select(whole);
    }
    this.#pressed = { id: hit, was: was && !keys.shift };
    if (!mayEdit || element?.locked === true) return { move: () => undefined, end: () => undefined, cancel: () => undefined };
    return moving(editor, point, keys.alt);
  }

  #move = (event: PointerEvent) => {
    const { editor } = this;
    const screen = this.#screen(event);
    const point = editor.toDiagram(screen);
    editor.pointer = point;
    editor.presence.tell({ pointer: { x: Math.round(point[0]), y: Math.round(point[1]) } });
    if (event.pointerType === 'touch' && distance(this.#from, screen) > CLICK_FINGER) clearTimeout(this.#hold);
    if (this.#gesture === null) {
      this.#hover(event, point);
      return;
    }
    if (event.pointerId !== this.#id) return;
    this.#at = screen;
    this.#keys = keysOf(event);
    if (!this.#moved && distance(this.#from, screen) < (editor.state.tool === 'pen' ? 1 : this.#type === 'touch' ? CLICK_FINGER : CLICK)) return;
    this.#moved = true;
    if (editor.state.tool === 'pen') {
      // A pen reports more often than the screen is drawn.
      const all = event.getCoalescedEvents?.() ?? [];
      for (const one of all.length > 0 ? all : [event]) this.#gesture.move(editor.toDiagram(this.#screen(one)), this.#keys, one.pressure || 0.5);
      return;
    }
    this.#gesture.move(point, this.#keys, event.pressure);
    this.#edge();
  };

  /** Near the edge the canvas moves, and the gesture with it. */
  #edge(): void {
    const { editor } = this;
    const { w, h } = editor.view.getState();
    const [x, y] = this.#at;
    const push = (value: number, length: number) => (value < EDGE ? Math.min(1, (EDGE - value) / EDGE) : value > length - EDGE ? -Math.min(1, (value - length + EDGE) / EDGE) : 0);
    const [px, py] = [push(x, w), push(y, h)];
    if (this.#pan !== 0 || (px === 0 && py === 0)) return;
    this.#pan = requestAnimationFrame(() => {
      this.#pan = 0;
      if (this.#gesture === null) return;
      const view = editor.view.getState();
      editor.camera?.move({ x: view.x + px * 12, y: view.y + py * 12, zoom: view.zoom });
      this.#gesture.move(editor.toDiagram(this.#at), this.#keys, 0.5);
      this.#edge();
    });
  }

  #hover(event: PointerEvent, point: Point): void {
    const { editor } = this;
    const { tool, hover, editing } = editor.state;
    const wires = tool === 'connector' || tool === 'line';
    if (!editor.mayEdit || editing !== null || event.pointerType === 'touch' || (tool !== 'select' && !wires) || isOwn(event.target)) {
      if (hover !== null) editor.set({ hover: null });
      return;
    }
    // The handles lie outside of the shape: on the way to them it stays.
    const reach = 22 / editor.view.getState().zoom;
    const next = shapeAt(editor.painted(), point, 2 / editor.view.getState().zoom)?.id ?? (hover !== null && isNear(editor, hover, point, reach) ? hover : null);
    if (next !== hover) editor.set({ hover: next });
  }

  #up = (event: PointerEvent) => {
    clearTimeout(this.#hold);
    if (event.pointerType === 'pen') this.#pen = event.timeStamp;
    if (this.#gesture === null || event.pointerId !== this.#id) return;
    const gesture = this.#gesture;
    this.#gesture = null;
    const moved = this.#moved;
    this.#release();
    gesture.end(moved, keysOf(event));
    this.editor.presence.flush();
    const pressed = this.#pressed;
    if (moved || pressed === null) return;
    if (pressed.was) this.editor.select(this.editor.whole(pressed.id));
    if ((event.ctrlKey || event.metaKey) && this.editor.scene.shape(pressed.id)?.link != null) {
      this.editor.select([pressed.id]);
      openLink(this.editor);
    }
  };

  #cancelled = (event: PointerEvent) => {
    clearTimeout(this.#hold);
    if (event.pointerId === this.#id) this.cancel();
  };

  #release(): void {
    cancelAnimationFrame(this.#pan);
    this.#pan = 0;
    this.stage.classList.remove('nopan');
    const id = this.#id;
    this.#id = null;
    if (id !== null && this.stage.hasPointerCapture(id)) this.stage.releasePointerCapture(id);
  }

  #leave = () => {
    if (this.#gesture !== null) return;
    this.editor.pointer = null;
    this.editor.presence.tell({ pointer: null });
    if (this.editor.state.hover !== null) this.editor.set({ hover: null });
  };

  #double = (event: MouseEvent) => {
    const { editor } = this;
    if (isOwn(event.target) || !editor.mayEdit || editor.state.tool !== 'select') return;
    const handle = event.target instanceof Element ? event.target.closest<HTMLElement>('[data-handle]')?.dataset : undefined;
    const point = editor.toDiagram(this.#screen(event));
    if (handle?.handle?.startsWith('bend:')) {
      const connector = editor.scene.connector(handle.of ?? '');
      if (connector !== undefined) editor.edits.place(new Map(), new Map([[connector.id, { points: connector.points.toSpliced(Number(handle.handle.slice(5)), 1) }]]), false);
      return;
    }
    const hit = this.#hit(point);
    if (hit === null) {
      const id = editor.add('text', { at: [Math.round(point[0]), Math.round(point[1] - 14)], size: [160, 28] });
      editor.write(id);
      return;
    }
    const groups = editor.scene.element(hit)?.groups ?? [];
    const { scope } = editor.state;
    const inside = scope === null ? groups.at(-1) : groups[groups.indexOf(scope) - 1];
    if (inside !== undefined) {
      editor.set({ scope: inside });
      editor.select(editor.whole(hit));
      return;
    }
    editor.write(hit);
  };
}

function isNear(editor: Editor, id: string, [x, y]: Point, reach: number): boolean {
  const box = editor.live.box(id);
  return box !== null && x >= box.x - reach && x <= box.x + box.w + reach && y >= box.y - reach && y <= box.y + box.h + reach;
}

/**
 * Mermaid sequence diagrams. A participant is a head with a dashed line below it, one group; messages follow one another downwards,
 * and end on those lines or the bars upon them: their height is what a sequence means, and they follow when a participant is moved.
 */
import type { Message } from 'mermaid/dist/diagrams/sequence/types.js';
import type { Head, ConnectorJson, ShapeJson } from '../../schema';
import { attached, Draft, free, lifeline, tenth, textSize, wrapped, type Box } from '../draft';
import type { Imported } from '../files';
import type { Report } from '../report';
import type { Database } from './parsers';
import { isColor, label } from './source';

const HEAD = { minWidth: 120, minHeight: 48 };
/** By mermaid's words; others are drawn as boxes. */
const HEADS: Readonly<Record<string, string>> = { participant: 'rectangle', actor: 'actor', database: 'cylinder' };
/** Above the name of somebody. */
const FIGURE = 56;
const GAP = 40;
const STEP = 28;
const BAR = 12;

interface Signal {
  end: Head;
  start?: Head;
  dashed?: boolean;
  half?: boolean;
}

/** By the names of mermaid's line types. */
function signal(name: string): Signal | null {
  const dashed = /DOTTED/.test(name);
  if (/^(SOLID|DOTTED)$/.test(name)) return { end: 'triangle', dashed };
  if (/_CROSS$/.test(name)) return { end: 'cross', dashed };
  if (/_OPEN$/.test(name)) return { end: 'none', dashed };
  if (/_POINT$/.test(name)) return { end: 'arrow', dashed };
  if (/^BIDIRECTIONAL/.test(name)) return { start: 'triangle', end: 'triangle', dashed };
  if (/^(SOLID|STICK)_(ARROW_)?(TOP|BOTTOM)/.test(name)) {
    const head = name.startsWith('STICK') ? 'arrow' : 'triangle';
    return /REVERSE/.test(name) ? { start: head, end: 'none', dashed, half: true } : { end: head, dashed, half: true };
  }
  return null;
}

/** Gives a frame its place, once it is known what stands in it. */
function settle(frame: ShapeJson, { x, y, width, height }: Box): void {
  frame.at = [tenth(x), tenth(y)];
  frame.size = [Math.max(1, tenth(width)), Math.max(1, tenth(height))];
}

interface Column {
  x: number;
  head: ShapeJson;
  line: ShapeJson;
  bottom: number;
  /** Bars that are not closed yet, and what ends on them. */
  active: { from: number; ends: Touch[] }[];
  /** What ends on the line itself. */
  ends: Touch[];
}

/** An end of a message that waits for the line or bar that it is at. */
interface Touch {
  connector: ConnectorJson;
  which: 'from' | 'to';
  side: 'left' | 'right';
  y: number;
}

interface Open {
  frame: ShapeJson;
  word: string;
  text: string;
  top: number;
  /** Where another part of it begins, and its condition. */
  parts: { y: number; text: string }[];
  left: number;
  right: number;
  members: ShapeJson[];
}

export function readSequence(db: Database['sequence'], title: string, report: Report): Imported {
  const draft = new Draft(report);
  const types = Object.fromEntries(Object.entries(db.LINETYPE).map(([name, value]) => [value, name])) as Record<number, string>;
  const text = (message: Message['message'] | undefined) => wrapped(label(message, report), 280);
  const actors = db.getActors();
  const keys = db.getActorKeys();
  const messages = db.getMessages();

  // How far apart neighbours stand: their heads, and what is written between them.
  const place = new Map(keys.map((key, i) => [key, i]));
  const heads = keys.map((key) => {
    const name = wrapped(label(actors.get(key)?.description ?? key, report), 200);
    const size = textSize(name);
    const tall = actors.get(key)?.type === 'actor' ? FIGURE : 0;
    return { name, width: Math.max(tall > 0 ? FIGURE : HEAD.minWidth, size.width + 32), height: Math.max(HEAD.minHeight, size.height + 24) + tall };
  });
  const apart = keys.slice(1).map((_, i) => (heads[i]!.width + heads[i + 1]!.width) / 2 + GAP);
  for (const { from, to, message, type, placement } of messages) {
    const [a, b] = [place.get(from ?? ''), place.get(to ?? '')];
    if (a === undefined || b === undefined || typeof message !== 'string') continue;
    const width = textSize(text(message), 14).width + 48;
    const [low, high] = [Math.min(a, b), Math.max(a, b)];
    const note = types[type ?? -1] === 'NOTE';
    const needs = (at: number, room: number) => {
      if (at >= 0 && at < apart.length) apart[at] = Math.max(apart[at]!, room);
    };
    if (low === high && note) {
      if (placement !== (db.PLACEMENT.RIGHTOF as unknown)) needs(low - 1, placement === (db.PLACEMENT.OVER as unknown) ? width / 2 + 40 : width + 24);
      if (placement !== (db.PLACEMENT.LEFTOF as unknown)) needs(low, placement === (db.PLACEMENT.OVER as unknown) ? width / 2 + 40 : width + 24);
    } else if (low === high) needs(low, width + 72);
    else {
      const span = apart.slice(low, high).reduce((sum, gap) => sum + gap, 0);
      if (span < width) for (let i = low; i < high; i++) apart[i]! += (width - span) / (high - low);
    }
  }
  const xs: number[] = [];
  heads.forEach(({ width }, i) => xs.push(i === 0 ? width / 2 : xs[i - 1]! + apart[i - 1]!));

  // Frames stand behind all else, so they are made first and get their places at the end.
  const boxes = db.getBoxes().map((box) => {
    // Mermaid asks the browser whether the first word is a colour. Where it errs, the word is part of the title.
    const known = isColor(box.fill);
    const color = known && box.fill !== 'transparent' ? draft.color(box.fill) : undefined;
    const name = label(known ? box.name : `${box.fill} ${box.name ?? ''}`, report);
    return { box, frame: draft.shape('frame', { x: 0, y: 0, width: 1, height: 1 }, { text: name, ...(color ? { fill: color } : {}) }) };
  });
  const isStart = (name: string) => /_START$/.test(name) && name !== 'ACTIVE_START';
  const frames = messages.filter(({ type }) => isStart(types[type ?? -1] ?? '')).map(() => draft.shape('frame', { x: 0, y: 0, width: 1, height: 1 }));
  let nextFrame = 0;

  const created = db.getCreatedActors();
  const destroyed = db.getDestroyedActors();
  const top = Math.max(0, ...heads.map(({ height }) => height));
  const columns = new Map<string, Column>();
  keys.forEach((key, i) => {
    const { name, width, height } = heads[i]!;
    const type = actors.get(key)?.type ?? 'participant';
    const kind = HEADS[type] ?? 'rectangle';
    if (!Object.hasOwn(HEADS, type)) report.info('participant_kind', type);
    if (Object.keys(actors.get(key)?.links ?? {}).length > 0) report.info('menu');
    const head = draft.shape(kind, { x: xs[i]! - width / 2, y: top - height, width, height }, { text: name, groups: [`p${i + 1}`] });
    columns.set(key, { x: xs[i]!, head, line: lifeline(draft, xs[i]!, top, top + STEP, { groups: [`p${i + 1}`] }), bottom: Number.NaN, active: [], ends: [] });
  });
  const touchAt = ({ active, ends }: Column, connector: ConnectorJson, which: 'from' | 'to', side: 'left' | 'right', at: number) => (active.at(-1)?.ends ?? ends).push({ connector, which, side, y: at });
  const settleEnds = (shape: ShapeJson, ends: readonly Touch[]) => {
    for (const { connector, which, side, y: at } of ends) connector[which] = attached(shape, side, (at - shape.at[1]) / shape.size[1]);
  };
  const between = (from: Column, to: Column, y1: number, y2: number, extra: Partial<ConnectorJson>): ConnectorJson => {
    const connector = draft.connector(free(from.x, y1), free(to.x, y2), extra);
    const right = from.x <= to.x;
    touchAt(from, connector, 'from', right ? 'right' : 'left', y1);
    touchAt(to, connector, 'to', from === to || !right ? 'right' : 'left', y2);
    return connector;
  };

  let y = top + STEP;
  let number: number | null = null;
  let step = 1;
  const open: Open[] = [];
  const touch = (left: number, right: number) => {
    for (const block of open) {
      block.left = Math.min(block.left, left);
      block.right = Math.max(block.right, right);
    }
  };
  // A message that activates its receiver ends on the bar that begins there.
  const activate = (key: string) => {
    const column = columns.get(key);
    if (!column) return;
    const before = column.active.at(-1)?.ends ?? column.ends;
    const at = before.findIndex(({ which, y: there }) => which === 'to' && there === line);
    column.active.push({ from: line, ends: at < 0 ? [] : before.splice(at, 1) });
  };
  const bar = (key: string, until: number) => {
    const column = columns.get(key);
    const active = column?.active.pop();
    if (!column || active === undefined) return;
    const { from, ends } = active;
    const shape = draft.shape('rectangle', { x: column.x - BAR / 2 + column.active.length * (BAR / 2), y: from, width: BAR, height: Math.max(BAR, until - from) }, { groups: column.head.groups! });
    settleEnds(shape, ends);
    open.at(-1)?.members.push(shape);
  };
  let line = y;
  messages.forEach((message, index) => {
    const name = types[message.type ?? -1] ?? '';
    const [from, to] = [columns.get(message.from ?? ''), columns.get(message.to ?? '')];
    if (name === 'AUTONUMBER') {
      const set = message.message as { start?: number; step?: number; visible?: boolean };
      if (!set.visible) number = null;
      else number = set.start ?? number ?? 1;
      step = set.step ?? step;
    } else if (name === 'NOTE' && from && to) {
      const words = text(message.message);
      const size = textSize(words, 14);
      const [low, high] = [Math.min(from.x, to.x), Math.max(from.x, to.x)];
      const width = Math.max(size.width + 32, from === to ? 0 : high - low + 80);
      const x = message.placement === (db.PLACEMENT.LEFTOF as unknown) ? low - 16 - width : message.placement === (db.PLACEMENT.RIGHTOF as unknown) ? high + 16 : (low + high - width) / 2;
      const shape = draft.shape('note', { x, y, width, height: size.height + 20 }, { text: words, fontSize: 14 });
      open.at(-1)?.members.push(shape);
      touch(x, x + width);
      y += size.height + 20 + STEP;
    } else if (name === 'ACTIVE_START') activate(message.from ?? '');
    else if (name === 'ACTIVE_END') bar(message.from ?? '', line);
    else if (isStart(name)) {
      const word = name.replace(/(_OVER)?_START$/, '').toLowerCase();
      open.push({ frame: frames[nextFrame++]!, word, text: label(message.message, report), top: y, parts: [], left: Infinity, right: -Infinity, members: [] });
      // The name stands above the frame.
      y += word === 'rect' ? STEP / 2 : STEP * 1.5;
      open.at(-1)!.top = y - STEP / 2;
      y += STEP / 2;
    } else if (/^(ALT_ELSE|PAR_AND|CRITICAL_OPTION)$/.test(name)) {
      open.at(-1)?.parts.push({ y, text: label(message.message, report) });
      y += STEP * 1.5;
    } else if (/_END$/.test(name)) {
      const block = open.pop();
      if (!block) return;
      if (block.left > block.right) [block.left, block.right] = [xs[0] ?? 0, xs.at(-1) ?? 0];
      // Its name stands clear of the first line where there is room.
      const name = block.text === '' ? block.word : `${block.word} [${block.text}]`;
      const room = block.word === 'rect' ? 32 : Math.min(120, Math.max(32, textSize(name, 14).width + 16));
      const box: Box = { x: block.left - room, y: block.top, width: block.right - block.left + room + 32, height: y - block.top };
      const { frame } = block;
      settle(frame, box);
      if (block.word === 'rect') {
        const fill = draft.color(block.text);
        if (fill) frame.fill = fill;
        frame.text = '';
      } else frame.text = name;
      for (const part of block.parts) {
        draft.connector(free(box.x, part.y), free(box.x + box.width, part.y), { route: 'straight', end: 'none', strokeStyle: 'dashed', strokeWidth: 1, ...(part.text ? { text: `[${part.text}]` } : {}) });
      }
      for (const member of block.members) member.frame ??= frame.id;
      open.at(-1)?.members.push(frame);
      touch(box.x, box.x + box.width);
      y += STEP;
    } else if (from && to) {
      const kind = signal(name);
      if (!kind) {
        report.warn('unknown_element', name);
        return;
      }
      if (kind.half) report.info('half_arrow');
      const words = `${number === null ? '' : `${number}. `}${text(message.message)}`;
      if (number !== null) number += step;
      const extra: Partial<ConnectorJson> = { route: 'straight', start: kind.start ?? 'none', end: kind.end, fontSize: 14, ...(words ? { text: words } : {}), ...(kind.dashed ? { strokeStyle: 'dashed' as const } : {}) };
      const size = textSize(words, 14);
      y += Math.max(0, size.height - 18);
      line = y;
      if (from === to) {
        // Its text stands at the far side, clear of the line.
        const out = Math.max(48, size.width / 2 + 16);
        between(from, from, y, y + STEP, { ...extra, points: [[tenth(from.x + out), tenth(y)], [tenth(from.x + out), tenth(y + STEP)]] });
        touch(from.x, from.x + out + 12 + size.width / 2);
        y += STEP;
      } else {
        if (created.get(message.to ?? '') === index) {
          // Its head stands where it is made, and the message leads to the head.
          to.head.at = [to.head.at[0], tenth(y - to.head.size[1] / 2)];
          const made = draft.connector(free(from.x, y), attached(to.head, from.x < to.x ? 'left' : 'right'), extra);
          touchAt(from, made, 'from', from.x < to.x ? 'right' : 'left', y);
          y += to.head.size[1] / 2;
        } else between(from, to, y, y, extra);
        touch(Math.min(from.x, to.x), Math.max(from.x, to.x));
      }
      for (const [key, at] of destroyed) {
        const column = columns.get(key);
        if (at === index && column) column.bottom = y;
      }
      y += STEP * 1.4;
    }
  });
  for (const key of columns.keys()) while (columns.get(key)!.active.length > 0) bar(key, y - STEP / 2);

  for (const { x, head, line: drawn, bottom, ends } of columns.values()) {
    const from = head.at[1] + head.size[1];
    const to = Number.isNaN(bottom) ? y : bottom;
    const height = Math.max(1, tenth(to - from));
    Object.assign(drawn, { at: [drawn.at[0], tenth(from)], size: [1, height], base: [1, height], points: [0.5, 0, 0.5, 0.5, height, 0.5] });
    settleEnds(drawn, ends);
    // Where its life ends.
    if (!Number.isNaN(bottom)) draft.connector(attached(drawn, 'bottom'), free(x, bottom + 1), { route: 'straight', end: 'cross', groups: head.groups! });
  }
  for (const { box, frame } of boxes) {
    const members = box.actorKeys.map((key) => columns.get(key)?.head).filter((head) => head !== undefined);
    const left = Math.min(...members.map(({ at }) => at[0])) - 16;
    const right = Math.max(...members.map(({ at, size }) => at[0] + size[0])) + 16;
    settle(frame, members.length > 0 ? { x: left, y: -16, width: right - left, height: y + 32 } : { x: 0, y: -16, width: 1, height: 1 });
    for (const member of members) member.frame = frame.id;
    for (const key of box.actorKeys) if (columns.has(key)) columns.get(key)!.line.frame = frame.id;
  }
  return draft.finish(title || db.getDiagramTitle());
}

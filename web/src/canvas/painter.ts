/** Paints a drawing on an HTML canvas: again only what changed, and what comes into sight. */
import type { Item } from '@/api/client';
import { statusColour } from './cards';
import { connectorMarks, labelMarks, shapeMarks, type Mark } from './drawing';
import type { Editor } from './editor';
import { overlaps, type Box } from './geo';
import { rules, type Theme } from './rules';
import type { Change } from './scene';
import type { Element, Point, Shape } from './schema';

interface Drawn {
  theme: Theme;
  /** Of a card. */
  item: Item | undefined;
  marks: { mark: Mark; path: Path2D | null }[];
}

/** By the shape, or by the connector's way: each is another object when it changes. */
const drawn = new WeakMap<object, Drawn>();

/** Text smaller than this many pixels on the screen is not drawn. */
const LEGIBLE = 4;
/** With more changes than these, all is painted. */
const MOST = 150;
/** So many pixels around an element may be painted by it. */
const AROUND = 2;

/** Whole pixels of the canvas. */
interface Place {
  x: number;
  y: number;
  /** Pixels for a unit of the diagram. */
  scale: number;
  w: number;
  h: number;
}

export class Painter {
  readonly #context: CanvasRenderingContext2D;
  #painted: Place | null = null;
  readonly #boxes = new Map<string, Box>();
  readonly #changed = new Set<string>();
  #all = true;

  constructor(
    private readonly editor: Editor,
    private readonly canvas: HTMLCanvasElement,
    private readonly theme: Theme,
    private readonly item: (id: string) => Item | undefined,
  ) {
    this.#context = canvas.getContext('2d') as CanvasRenderingContext2D;
  }

  changed({ ids, structure }: Change): void {
    this.#all ||= structure || this.#changed.size + ids.size > MOST;
    if (!this.#all) for (const id of ids) this.#changed.add(id);
  }

  /** Cards whose items are others now are painted again. */
  itemsChanged(): void {
    for (const shape of this.editor.scene.shapes.values()) {
      if (shape.item !== null && drawn.get(shape)?.item !== this.item(shape.item)) this.#changed.add(shape.id);
    }
  }

  paint(): void {
    const { x, y, zoom, w, h } = this.editor.view.getState();
    const ratio = Math.min(2, window.devicePixelRatio || 1);
    const place = { x: Math.round(x * ratio), y: Math.round(y * ratio), scale: zoom * ratio, w: Math.round(w * ratio), h: Math.round(h * ratio) };
    const before = this.#painted;
    this.#painted = place;
    const whole = { x: 0, y: 0, w: place.w, h: place.h };
    if (before === null || this.#all || before.scale !== place.scale || before.w !== place.w || before.h !== place.h) {
      if (this.canvas.width !== place.w || this.canvas.height !== place.h) Object.assign(this.canvas, { width: place.w, height: place.h });
      this.#boxes.clear();
      this.#draw(place, [whole]);
    } else {
      const regions = this.#scroll(place.x - before.x, place.y - before.y, whole);
      for (const id of this.#changed) {
        for (const box of [this.#boxes.get(id), this.editor.live.box(id)]) if (box != null) regions.push(onCanvas(box, place));
        this.#boxes.delete(id);
      }
      const seen = regions.filter((region) => overlaps(region, whole));
      if (seen.length > 0) this.#draw(place, seen);
    }
    this.#changed.clear();
    this.#all = false;
  }

  /** Moves what is painted already; gives the parts that are to be painted. */
  #scroll(dx: number, dy: number, { w, h }: Box): Box[] {
    if (dx === 0 && dy === 0) return [];
    if (Math.abs(dx) >= w || Math.abs(dy) >= h) return [{ x: 0, y: 0, w, h }];
    const context = this.#context;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.globalAlpha = 1;
    context.globalCompositeOperation = 'copy';
    context.drawImage(this.canvas, dx, dy);
    context.globalCompositeOperation = 'source-over';
    const regions: Box[] = [];
    if (dx !== 0) regions.push({ x: dx > 0 ? 0 : w + dx, y: 0, w: Math.abs(dx), h });
    if (dy !== 0) regions.push({ x: 0, y: dy > 0 ? 0 : h + dy, w, h: Math.abs(dy) });
    return regions;
  }

  #draw(place: Place, regions: readonly Box[]): void {
    const context = this.#context;
    const { live } = this.editor;
    context.setTransform(1, 0, 0, 1, 0, 0);
    context.save();
    context.beginPath();
    for (const { x, y, w, h } of regions) context.rect(x, y, w, h);
    context.clip();
    for (const { x, y, w, h } of regions) context.clearRect(x, y, w, h);
    context.lineCap = 'round';
    context.lineJoin = 'round';
    for (const element of this.editor.painted()) {
      const box = live.box(element.id);
      if (box === null) continue;
      const on = onCanvas(box, place);
      if (!regions.some((region) => overlaps(on, region))) continue;
      this.#boxes.set(element.id, box);
      this.#element(element, place);
    }
    context.restore();
  }

  #element(element: Element, { x, y, scale }: Place): void {
    const context = this.#context;
    const [shape, marks, [dx, dy]] = this.#marksOf(element);
    context.globalAlpha = element.style.opacity;
    context.setTransform(scale, 0, 0, scale, x + dx * scale, y + dy * scale);
    if (shape.type === 'shape' && shape.angle !== 0) {
      const [cx, cy] = [shape.at[0] + shape.size[0] / 2, shape.at[1] + shape.size[1] / 2];
      context.translate(cx, cy);
      context.rotate((shape.angle * Math.PI) / 180);
      context.translate(-cx, -cy);
    }
    for (const { mark, path } of marks) {
      if (mark.type === 'path' && path !== null) {
        if (mark.fill !== 'none') {
          context.fillStyle = mark.fill;
          context.fill(path);
        }
        if (mark.stroke !== 'none') {
          context.strokeStyle = mark.stroke;
          // Thinner than a pixel a line would fade.
          context.lineWidth = Math.max(mark.width, 0.7 / scale);
          context.stroke(path);
        }
      } else if (mark.type === 'text' && mark.size * scale >= LEGIBLE) {
        context.fillStyle = mark.color;
        context.font = `${mark.bold ? '700 ' : ''}${mark.size}px ${rules.font.family}`;
        context.textAlign = mark.anchor === 'start' ? 'left' : mark.anchor === 'end' ? 'right' : 'center';
        context.fillText(mark.text, mark.x, mark.y);
      }
    }
  }

  /** What is only moved is drawn as it was before, elsewhere. */
  #marksOf(element: Element): [Element, Drawn['marks'], Point] {
    const { live, scene } = this.editor;
    const shift = live.shift(element.id);
    const still = shift === null ? element : (scene.element(element.id) ?? element);
    const way = still.type === 'shape' ? null : shift === null ? live.way(still.id) : live.restingWay(still.id);
    const key = still.type === 'shape' ? still : way;
    if (key === null) return [still, [], [0, 0]];
    const item = still.type === 'shape' && still.item !== null ? this.item(still.item) : undefined;
    let known = drawn.get(key);
    if (known?.theme !== this.theme || known.item !== item) {
      const { theme } = this;
      const marks = still.type === 'shape' ? faceMarks(still, item, theme) : way === null ? [] : [...connectorMarks(still, way, theme), ...labelMarks(still, way, theme)];
      known = { theme, item, marks: marks.map((mark) => ({ mark, path: mark.type === 'path' ? new Path2D(mark.d) : null })) };
      drawn.set(key, known);
    }
    return [still, known.marks, shift ?? [0, 0]];
  }
}

/** A card shows from afar as a block in the colour of its status, with its title. */
function faceMarks(shape: Shape, item: Item | undefined, theme: Theme): Mark[] {
  if (shape.kind !== 'card') return shapeMarks(shape, { theme });
  const colour = item === undefined ? 'gray' : statusColour(item.status);
  const card = item === undefined ? undefined : { title: item.title, label: '', done: [0, 0] as const };
  return shapeMarks({ ...shape, style: { ...shape.style, fill: colour, stroke: colour } }, { theme, card: () => card });
}

function onCanvas({ x, y, w, h }: Box, place: Place): Box {
  const [left, top] = [Math.floor(place.x + x * place.scale) - AROUND, Math.floor(place.y + y * place.scale) - AROUND];
  return { x: left, y: top, w: Math.ceil(w * place.scale) + 2 * AROUND + 1, h: Math.ceil(h * place.scale) + 2 * AROUND + 1 };
}

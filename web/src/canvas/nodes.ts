/** The list of nodes that React Flow shows, kept up to date once a frame while it shows any: what didn't change stays the same object. */
import type { Editor } from './editor';
import { labelOf } from './drawing';
import type { CanvasNode } from './elements';
import type { Box } from './geo';
import type { Connector } from './schema';

/** Nothing here is reached by keyboard or read out by itself: the canvas and its list are. */
const quiet = { 'aria-roledescription': undefined } as CanvasNode['domAttributes'];
const handles: CanvasNode['handles'] = [];

const labelId = (id: string): string => `${id}:label`;

export class Nodes {
  #nodes: readonly CanvasNode[] = [];
  /** Nobody looked while things changed. */
  #stale = true;
  #index = new Map<string, number>();
  #dirty = new Set<string>();
  #structure = true;
  #frame = 0;
  readonly #listeners = new Set<() => void>();
  readonly #stop: () => void;

  constructor(private readonly editor: Editor) {
    this.#stop = editor.live.listen(({ ids, structure }) => {
      if (this.#listeners.size === 0) {
        this.#stale = true;
        return;
      }
      this.#structure ||= structure;
      for (const id of ids) this.#dirty.add(id);
      this.#frame ||= requestAnimationFrame(this.#flush);
    });
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#stop();
  }

  get = (): readonly CanvasNode[] => {
    if (this.#stale) this.#build();
    return this.#nodes;
  };

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #flush = () => {
    this.#frame = 0;
    if (this.#structure || this.#stale) this.#build();
    else {
      let next: CanvasNode[] | null = null;
      for (const id of this.#dirty) {
        for (const [key, make] of [[id, this.#node], [labelId(id), this.#label]] as const) {
          const at = this.#index.get(key);
          const known = at === undefined ? undefined : this.#nodes[at];
          const node = make(id, known);
          // A label that comes or goes has no place in the list yet.
          if ((node === null) !== (at === undefined)) this.#structure = true;
          if (at === undefined || node === null || node === known) continue;
          next ??= [...this.#nodes];
          next[at] = node;
        }
      }
      if (next !== null) this.#nodes = next;
      if (this.#structure) this.#build();
    }
    this.#dirty.clear();
    for (const listener of this.#listeners) listener();
  };

  #build(): void {
    this.#structure = false;
    this.#stale = false;
    const known = new Map(this.#nodes.map((node) => [node.id, node]));
    const painted = this.editor.painted();
    this.#nodes = [
      ...painted.flatMap(({ id }) => this.#node(id, known.get(id)) ?? []),
      ...painted.flatMap(({ id }) => this.#label(id, known.get(labelId(id))) ?? []),
    ];
    this.#index = new Map(this.#nodes.map(({ id }, index) => [id, index]));
  }

  #node = (id: string, known: CanvasNode | undefined): CanvasNode | null => {
    const { live } = this.editor;
    const box = live.box(id);
    const element = live.element(id);
    if (box === null || element === undefined) return null;
    return nodeAt(id, element.type, id, box, known);
  };

  #label = (id: string, known: CanvasNode | undefined): CanvasNode | null => {
    const { live } = this.editor;
    const element = live.element(id);
    const way = element?.type === 'connector' && element.text !== '' ? live.way(id) : null;
    const label = way === null ? null : labelOf(element as Connector, way.middle);
    return label === null ? null : nodeAt(labelId(id), 'label', id, label.place, known);
  };
}

function nodeAt(id: string, type: CanvasNode['type'], of: string, { x, y, w, h }: Box, known: CanvasNode | undefined): CanvasNode {
  if (known !== undefined && known.position.x === x && known.position.y === y && known.width === w && known.height === h) return known;
  return { id, type, position: { x, y }, width: w, height: h, measured: { width: w, height: h }, handles, data: { of }, domAttributes: quiet };
}

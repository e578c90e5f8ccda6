/** The list of nodes that React Flow shows, kept up to date once a frame: what didn't change stays the same object. */
import type { Editor } from './editor';
import type { CanvasNode } from './elements';

/** Nothing here is reached by keyboard or read out by itself: the canvas and its list are. */
const quiet = { 'aria-roledescription': undefined } as CanvasNode['domAttributes'];
const handles: CanvasNode['handles'] = [];
const data = {};

export class Nodes {
  #nodes: readonly CanvasNode[] = [];
  #index = new Map<string, number>();
  #dirty = new Set<string>();
  #structure = true;
  #frame = 0;
  readonly #listeners = new Set<() => void>();
  readonly #stop: () => void;

  constructor(private readonly editor: Editor) {
    this.#stop = editor.live.listen(({ ids, structure }) => {
      this.#structure ||= structure;
      for (const id of ids) this.#dirty.add(id);
      this.#frame ||= requestAnimationFrame(this.#flush);
    });
    this.#build();
  }

  destroy(): void {
    cancelAnimationFrame(this.#frame);
    this.#stop();
  }

  get = (): readonly CanvasNode[] => this.#nodes;

  subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  #flush = () => {
    this.#frame = 0;
    if (this.#structure) this.#build();
    else {
      let next: CanvasNode[] | null = null;
      for (const id of this.#dirty) {
        const at = this.#index.get(id);
        const known = at === undefined ? undefined : this.#nodes[at];
        const node = known === undefined ? null : this.#node(id, known);
        if (at === undefined || node === null || node === known) continue;
        next ??= [...this.#nodes];
        next[at] = node;
      }
      if (next !== null) this.#nodes = next;
    }
    this.#dirty.clear();
    for (const listener of this.#listeners) listener();
  };

  #build(): void {
    this.#structure = false;
    const known = new Map(this.#nodes.map((node) => [node.id, node]));
    this.#nodes = this.editor.painted().flatMap(({ id }) => this.#node(id, known.get(id)) ?? []);
    this.#index = new Map(this.#nodes.map(({ id }, index) => [id, index]));
  }

  #node(id: string, known: CanvasNode | undefined): CanvasNode | null {
    const { live } = this.editor;
    const box = live.box(id);
    const element = live.element(id);
    if (box === null || element === undefined) return null;
    const { x, y, w, h } = box;
    if (known !== undefined && known.position.x === x && known.position.y === y && known.width === w && known.height === h) return known;
    return { id, type: element.type, position: { x, y }, width: w, height: h, measured: { width: w, height: h }, handles, data, domAttributes: quiet };
  }
}

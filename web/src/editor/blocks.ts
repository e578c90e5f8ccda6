/** What can be done with a whole block: moved, duplicated, turned into another, deleted. */
import { Extension, type Editor } from '@tiptap/core';
import { Fragment, Slice, type Node, type ResolvedPos } from '@tiptap/pm/model';
import { NodeSelection, Plugin, Selection, TextSelection, type EditorState, type Transaction } from '@tiptap/pm/state';
import { yUndoPluginKey } from '@tiptap/y-tiptap';

export interface Block {
  node: Node;
  pos: number;
}

/** Parents whose children are blocks that can be moved on their own. */
const HOLDS = new Set(['doc', 'bulletList', 'orderedList', 'taskList', 'blockquote', 'callout', 'tableCell', 'tableHeader']);
const ITEMS = new Set(['listItem', 'taskItem']);

/** The movable blocks around a position, innermost first. A list item comes in place of the paragraph in it. */
export function blocksAround($pos: ResolvedPos): Block[] {
  const found: Block[] = [];
  for (let depth = $pos.depth; depth > 0; depth -= 1) {
    if (HOLDS.has($pos.node(depth - 1).type.name)) found.push({ node: $pos.node(depth), pos: $pos.before(depth) });
  }
  return found;
}

/** The block at the selection: a node that is selected, or the innermost one around the caret. */
export function currentBlock({ selection }: EditorState): Block | null {
  if (selection instanceof NodeSelection && selection.node.isBlock) return { node: selection.node, pos: selection.from };
  return blocksAround(selection.$from)[0] ?? null;
}

/** The next edit is a step of undo of its own. */
export function newStep(state: EditorState): void {
  (yUndoPluginKey.getState(state) as { undoManager?: { stopCapturing: () => void } } | undefined)?.undoManager?.stopCapturing();
}

/** Moves a block past its neighbour; the selection goes with it. Null at the edge. */
export function moved(state: EditorState, { node, pos }: Block, by: -1 | 1): Transaction | null {
  const $pos = state.doc.resolve(pos);
  const { parent } = $pos;
  const index = $pos.index();
  const other = parent.maybeChild(index + by);
  if (other === null || other === undefined) return null;
  const [from, to] = by === -1 ? [pos - other.nodeSize, pos + node.nodeSize] : [pos, pos + node.nodeSize + other.nodeSize];
  const swapped = by === -1 ? [node, other] : [other, node];
  const place = by === -1 ? from : from + other.nodeSize;
  const { anchor, head } = state.selection;
  const tr = state.tr.replace(from, to, new Slice(Fragment.from(swapped), 0, 0));
  const inside = (at: number) => at >= pos && at <= pos + node.nodeSize;
  if (state.selection instanceof NodeSelection) tr.setSelection(NodeSelection.create(tr.doc, place));
  else if (inside(anchor) && inside(head)) tr.setSelection(TextSelection.create(tr.doc, anchor - pos + place, head - pos + place));
  return tr.scrollIntoView();
}

export function duplicated(state: EditorState, { node, pos }: Block): Transaction {
  const end = pos + node.nodeSize;
  // A node of its own: the binding takes one that stands in two places for one.
  const tr = state.tr.insert(end, state.schema.nodeFromJSON(node.toJSON()));
  const { head } = state.selection;
  if (NodeSelection.isSelectable(node) && node.isAtom) tr.setSelection(NodeSelection.create(tr.doc, end));
  else if (head >= pos && head <= end) tr.setSelection(Selection.near(tr.doc.resolve(Math.min(head + node.nodeSize, tr.doc.content.size))));
  return tr.scrollIntoView();
}

export function removed(state: EditorState, { node, pos }: Block): Transaction {
  const $pos = state.doc.resolve(pos);
  // The last of its parent takes the parent with it, so that no empty list stays behind.
  let [from, to] = [pos, pos + node.nodeSize];
  for (let depth = $pos.depth; depth > 0 && $pos.node(depth).childCount === 1 && !/^table/.test($pos.node(depth).type.name); depth -= 1) [from, to] = [$pos.before(depth), $pos.after(depth)];
  const tr = state.tr;
  if ($pos.node(0).childCount === 1 && from === 0) tr.replaceWith(0, to, state.schema.nodes.paragraph!.create());
  else tr.delete(from, to);
  return tr.setSelection(Selection.near(tr.doc.resolve(Math.min(from, tr.doc.content.size)), 1));
}

function run(editor: Editor, tr: Transaction | null): boolean {
  if (tr === null || !editor.isEditable) return false;
  newStep(editor.state);
  editor.view.dispatch(tr);
  newStep(editor.state);
  return true;
}

/** Moves the block at the caret; at the edge of its parent, the parent. */
export function moveBlock(editor: Editor, by: -1 | 1, block?: Block): boolean {
  const { state } = editor;
  const { selection } = state;
  const selected = block ?? (selection instanceof NodeSelection && selection.node.isBlock ? { node: selection.node, pos: selection.from } : undefined);
  const candidates = selected === undefined ? blocksAround(selection.$from) : [selected, ...blocksAround(state.doc.resolve(selected.pos))];
  for (const candidate of candidates) {
    const tr = moved(state, candidate, by);
    if (tr !== null) return run(editor, tr);
    // The first paragraph of a list item: the item moves.
    if (candidate.node.type.name === 'tableRow') return false;
  }
  return false;
}

export const duplicateBlock = (editor: Editor, block: Block | null = currentBlock(editor.state)): boolean => run(editor, block === null ? null : duplicated(editor.state, block));
export const removeBlock = (editor: Editor, block: Block | null = currentBlock(editor.state)): boolean => run(editor, block === null ? null : removed(editor.state, block));

export type Form = 'paragraph' | 'heading1' | 'heading2' | 'heading3' | 'bulletList' | 'orderedList' | 'taskList' | 'blockquote' | 'codeBlock' | 'callout';

/** What the block at the caret is, as the menus name it. */
export function formOf({ selection: { $from } }: EditorState): Form {
  for (let depth = $from.depth; depth > 0; depth -= 1) {
    const { type, attrs } = $from.node(depth);
    if (type.name === 'heading') return `heading${Math.min(3, Math.max(1, Number(attrs.level) || 1))}` as Form;
    if (type.name === 'listItem') return $from.node(depth - 1).type.name as Form;
    if (type.name === 'taskItem') return 'taskList';
    if (type.name === 'codeBlock' || type.name === 'callout' || type.name === 'blockquote') return type.name;
    if (type.name === 'tableCell' || type.name === 'tableHeader') return 'paragraph';
  }
  return 'paragraph';
}

/** Makes the block at the selection another one, whatever it was. */
export function turnInto(editor: Editor, form: Form): boolean {
  const { state } = editor;
  if (formOf(state) === form && form !== 'paragraph') return true;
  newStep(state);
  const chain = editor.chain().focus();
  const listed = ITEMS.has(blocksAround(state.selection.$from)[0]?.node.type.name ?? '');
  // From one list to another the items stay; else the block leaves what holds it.
  if (!(listed && /List$/.test(form))) {
    if (editor.isActive('callout') && form !== 'callout') chain.lift('callout');
    if (editor.isActive('blockquote') && form !== 'blockquote') chain.lift('blockquote');
    chain.clearNodes();
  }
  switch (form) {
    case 'paragraph':
      return chain.run();
    case 'heading1':
    case 'heading2':
    case 'heading3':
      return chain.setHeading({ level: Number(form.at(-1)) as 1 | 2 | 3 }).run();
    case 'bulletList':
      return chain.toggleBulletList().run();
    case 'orderedList':
      return chain.toggleOrderedList().run();
    case 'taskList':
      return chain.toggleTaskList().run();
    case 'blockquote':
      return chain.setBlockquote().run();
    case 'codeBlock':
      return chain.setCodeBlock().run();
    case 'callout':
      return chain.toggleCallout('note').run();
  }
}

export const Blocks = Extension.create({
  name: 'blocks',
  priority: 1_001,
  addKeyboardShortcuts() {
    return {
      'Alt-ArrowUp': () => moveBlock(this.editor, -1) || true,
      'Alt-ArrowDown': () => moveBlock(this.editor, 1) || true,
      'Mod-d': () => duplicateBlock(this.editor) || true,
    };
  },
  addProseMirrorPlugins: () => [
    new Plugin({
      props: {
        handleDOMEvents: {
          // What is dragged to another place comes back in one step, and nothing else with it.
          drop: (view) => {
            newStep(view.state);
            queueMicrotask(() => !view.isDestroyed && newStep(view.state));
            return false;
          },
        },
      },
    }),
  ],
});

/**
 * Content that this editor doesn't know. The binding deletes, for everybody, an element or a text that doesn't fit its schema. So
 * nothing is bound that holds any, and what arrives while it is bound unbinds it before the binding looks.
 */
import { Fragment, type Mark, type Node, type Schema } from '@tiptap/pm/model';
import type { EditorState } from '@tiptap/pm/state';
import { ySyncPluginKey } from '@tiptap/y-tiptap';
import * as Y from 'yjs';

/** Y's name of a mark carries a hash when it may overlap itself. */
const markName = (name: string) => /^(.*)--[a-zA-Z0-9+/=]{8}$/.exec(name)?.[1] ?? name;

type Part = { insert: unknown; attributes?: Record<string, unknown> };
const parts = (text: Y.XmlText) => text.toDelta() as Part[];

function shallow(schema: Schema, element: Y.XmlElement): boolean {
  const type = schema.nodes[element.nodeName];
  if (type === undefined || type === schema.topNodeType || type.isText) return false;
  const children: Node[] = [];
  for (const child of element.toArray()) {
    if (child instanceof Y.XmlElement) {
      // Only the kind counts for the parent; the child is looked at by itself.
      const kind = schema.nodes[child.nodeName];
      if (kind === undefined) return false;
      const stand = kind.isLeaf ? kind.create() : kind.createAndFill();
      if (stand !== null) children.push(stand);
    } else if (child instanceof Y.XmlText) {
      for (const { insert } of parts(child)) if (typeof insert === 'string' && insert !== '') children.push(schema.text(insert));
    } else return false;
  }
  // What is empty and may not be is what two deletions at once leave behind; nothing is lost with it.
  return children.length === 0 || type.validContent(Fragment.from(children));
}

function text(schema: Schema, node: Y.XmlText): boolean {
  return parts(node).every(({ insert, attributes = {} }) => typeof insert === 'string' && Object.keys(attributes).every((name) => schema.marks[markName(name)] !== undefined));
}

type Known = (node: unknown) => boolean;

function deep(schema: Schema): Known {
  const known: Known = (node) => {
    if (node instanceof Y.XmlText) return text(schema, node);
    if (!(node instanceof Y.XmlElement)) return false;
    return shallow(schema, node) && node.toArray().every(known);
  };
  return known;
}

/** Whether everything in the fragment can be shown and edited without losing any of it. */
export function isKnown(schema: Schema, fragment: Y.XmlFragment): boolean {
  const known = deep(schema);
  return fragment.toArray().every((child) => child instanceof Y.XmlElement && schema.nodes[child.nodeName]?.isBlock === true && known(child));
}

/** Calls `found` when a change brings something unknown into the fragment, before anybody who observes it hears of the change. */
export function watch(schema: Schema, fragment: Y.XmlFragment, found: () => void): () => void {
  const doc = fragment.doc;
  if (doc === null) return () => undefined;
  const known = deep(schema);
  const within = (type: Y.AbstractType<unknown>): boolean => {
    for (let at: Y.AbstractType<unknown> | null = type; at !== null; at = at.parent as Y.AbstractType<unknown> | null) if (at === fragment) return true;
    return false;
  };
  const look = (transaction: Y.Transaction) => {
    if (transaction.local) return;
    for (const type of transaction.changed.keys() as Iterable<Y.AbstractType<unknown>>) {
      if (!within(type) || type._item?.deleted === true) continue;
      if (type === (fragment as unknown) ? !isKnown(schema, fragment) : !known(type)) return found();
    }
  };
  doc.on('beforeObserverCalls', look);
  return () => doc.off('beforeObserverCalls', look);
}

/** Takes the editor off its fragment, for good: from here on neither writes to the other. */
export function unbind({ state }: { state: EditorState }): void {
  const { binding } = ySyncPluginKey.getState(state) as { binding?: { mux: (work: () => void) => void; destroy: () => void } };
  if (binding === undefined) return;
  // Any transaction, such as one that only moves the caret, has the binding write the editor's document.
  binding.mux = () => undefined;
  binding.destroy();
}

/** As much of the fragment as can be shown: what is unknown gives way to what stands in it. Never written back. */
export function readable(schema: Schema, fragment: Y.XmlFragment): Node {
  const inline = (node: Y.XmlText): Node[] =>
    parts(node).flatMap(({ insert, attributes = {} }) => {
      if (typeof insert !== 'string' || insert === '') return [];
      const marks: Mark[] = [];
      for (const [name, attrs] of Object.entries(attributes)) {
        const type = schema.marks[markName(name)];
        if (type !== undefined && attrs !== null) marks.push(type.create(typeof attrs === 'object' ? (attrs as Record<string, unknown>) : null));
      }
      return [schema.text(insert, marks)];
    });
  const blocks = (nodes: Node[]): Node[] => {
    const made: Node[] = [];
    let line: Node[] = [];
    const end = () => {
      if (line.length > 0) made.push(schema.nodes.paragraph!.create(null, line));
      line = [];
    };
    for (const node of nodes) {
      if (node.isInline) line.push(node);
      else {
        end();
        made.push(node);
      }
    }
    end();
    return made;
  };
  const read = (node: unknown): Node[] => {
    if (node instanceof Y.XmlText) return inline(node);
    if (!(node instanceof Y.XmlElement)) return [];
    const children = node.toArray().flatMap(read);
    const type = schema.nodes[node.nodeName];
    if (type === undefined) return children;
    try {
      const made = type.createChecked(node.getAttributes(), children);
      return [made];
    } catch {
      return children;
    }
  };
  const doc = schema.topNodeType;
  const content = blocks(fragment.toArray().flatMap(read)).map((node) => (doc.contentMatch.matchType(node.type) === null ? schema.nodes.paragraph!.create(null, schema.text(node.textContent || ' ')) : node));
  return doc.createAndFill(null, content) ?? (doc.createAndFill() as Node);
}

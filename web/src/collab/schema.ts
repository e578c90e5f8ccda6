/**
 * The names inside our documents, and what stands under them. They are part of the public contract: any Yjs client
 * may use them. `crates/content/src/schema.rs` has the same ones.
 */
import type * as Y from 'yjs';

/** The number of this schema. The server lets a client of an older one join read-only. */
export const SCHEMA = 2;

/** Roots of an item's document. */
export const item = {
  /** Y.Text */
  title: 'title',
  /** Y.XmlFragment, ProseMirror */
  description: 'description',
  /** Y.Array of {@link CriterionMap} */
  criteria: 'acceptanceCriteria',
  /** {@link FieldsMap} */
  fields: 'fields',
} as const;

/** Keys of an acceptance criterion. */
export const criterion = { id: 'id', text: 'text', done: 'done', rank: 'rank' } as const;

/** Keys of an item's fields. All values are plain; lists are replaced as a whole. */
export const field = {
  type: 'type',
  status: 'status',
  priority: 'priority',
  assignees: 'assignees',
  labels: 'labels',
  estimate: 'estimate',
  startDate: 'startDate',
  dueDate: 'dueDate',
} as const;

/** The key of a value of one of the project's own fields. What may stand there, the field's kind says. */
export const customField = (id: string): `custom:${string}` => `custom:${id}`;

/** Root of an outline's document: Y.Map id -> {@link NodeMap}. */
export const outline = { nodes: 'nodes' } as const;

/** Keys of a node of the outline. */
export const node = { kind: 'kind', parent: 'parent', rank: 'rank' } as const;

export type ItemType = 'epic' | 'feature' | 'story' | 'task' | 'diagram';
export type Status = 'backlog' | 'todo' | 'in_progress' | 'in_review' | 'done' | 'cancelled';
export type Priority = 'none' | 'low' | 'medium' | 'high' | 'urgent';

/** What stands in an item's fields. Any key may be missing, and other clients may write anything. */
export interface Fields {
  type?: ItemType;
  status?: Status;
  priority?: Priority;
  /** User ids. */
  assignees?: string[];
  labels?: string[];
  /** Zero or more. */
  estimate?: number;
  /** `YYYY-MM-DD` */
  startDate?: string;
  /** `YYYY-MM-DD` */
  dueDate?: string;
}

export type FieldsMap = Y.Map<Fields[keyof Fields]>;

/**
 * `{id: string, text: Y.Text, done: boolean, rank?: string}`. `id` is 1 to 64 bytes, unique in the item; of two, the first
 * counts. Those with a valid rank stand in its order, the others behind them; where that says nothing the array counts.
 */
export type CriterionMap = Y.Map<string | boolean | Y.Text>;

/** `{kind: 'item' | 'diagram', parent: string | null, rank: string}` */
export type NodeMap = Y.Map<string | null>;

/** The shared types of an item's document. */
export interface ItemRoots {
  title: Y.Text;
  description: Y.XmlFragment;
  criteria: Y.Array<CriterionMap>;
  fields: FieldsMap;
}

/** Only reads: the server alone initializes documents, so nothing is ever initialized twice. */
export function itemRoots(doc: Y.Doc): ItemRoots {
  return {
    title: doc.getText(item.title),
    description: doc.getXmlFragment(item.description),
    criteria: doc.getArray<CriterionMap>(item.criteria),
    fields: doc.getMap(item.fields),
  };
}

/** The nodes of an outline's document. */
export function outlineNodes(doc: Y.Doc): Y.Map<NodeMap> {
  return doc.getMap(outline.nodes);
}

/** Names inside our documents. They are part of the public contract: any Yjs client may use them. */
export const SCHEMA = 1;

export const item = {
  title: 'title',
  description: 'description',
  criteria: 'acceptanceCriteria',
  fields: 'fields',
} as const;

export const outline = { nodes: 'nodes' } as const;

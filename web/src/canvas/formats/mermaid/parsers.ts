/**
 * Mermaid's own parsers, without what it draws with. A chunk of its own: load it when somebody pastes Mermaid.
 * The whole of mermaid would be sixty chunks that every visit has to keep for offline use.
 */
import { diagram as classes } from 'mermaid/dist/chunks/mermaid.core/classDiagram-v2-VYDZK3BY.mjs';
import { diagram as entities } from 'mermaid/dist/chunks/mermaid.core/erDiagram-RLTQ6QDP.mjs';
import { diagram as flowchart } from 'mermaid/dist/chunks/mermaid.core/flowDiagram-HODETNUW.mjs';
import { diagram as sequence } from 'mermaid/dist/chunks/mermaid.core/sequenceDiagram-WJ2MYXX4.mjs';
import type { ClassDB } from 'mermaid/dist/diagrams/class/classDb.js';
import type { ErDB } from 'mermaid/dist/diagrams/er/erDb.js';
import type { FlowDB } from 'mermaid/dist/diagrams/flowchart/flowDb.js';
import type { SequenceDB } from 'mermaid/dist/diagrams/sequence/sequenceDb.js';
import { MAX } from '../../schema';

export type Database = { flowchart: FlowDB; sequence: SequenceDB; class: ClassDB; er: ErDB };
export type DiagramKind = keyof Database;

const DIAGRAMS = { flowchart, sequence, class: classes, er: entities };

/** What the text says, in mermaid's words. Throws what mermaid throws. */
export async function parse<K extends DiagramKind>(kind: K, text: string): Promise<Database[K]> {
  const { parser, db, init } = DIAGRAMS[kind];
  const data = db as { clear?: () => void; config?: object };
  if (parser.parser) parser.parser.yy = data;
  data.clear?.();
  // Mermaid stops at 500 connectors, which is where its own renderer gets slow.
  if (data.config) data.config = { ...data.config, maxEdges: MAX.elements };
  init?.({});
  await parser.parse(text);
  return data as Database[K];
}

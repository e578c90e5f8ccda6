/** Mermaid text to a diagram. Its parsers are loaded when this is called, not before. */
import { FormatError, Report } from './report';
import type { Imported } from './files';
import { readFlowchart } from './mermaid/flowchart';
import type { DiagramKind } from './mermaid/parsers';
import { readSequence } from './mermaid/sequence';
import { readSource } from './mermaid/source';
import { readClasses, readEntities } from './mermaid/structure';

export { isMermaid } from './mermaid/source';
export { writeMermaid } from './mermaid/write';

export async function readMermaid(text: string): Promise<Imported> {
  const report = new Report();
  const { kind, body, title } = readSource(text, report);
  const { parse } = await import('./mermaid/parsers');
  const parsed = async <K extends DiagramKind>(of: K) => {
    try {
      return await parse(of, body);
    } catch (error) {
      throw new FormatError('mermaid_syntax', (error instanceof Error ? error.message : String(error)).split('\n').slice(0, 3).join('\n').slice(0, 400));
    }
  };
  switch (kind) {
    case 'flowchart':
      return readFlowchart(await parsed('flowchart'), title, report);
    case 'sequence':
      return readSequence(await parsed('sequence'), title, report);
    case 'class':
      return readClasses(await parsed('class'), title, report);
    case 'er':
      return readEntities(await parsed('er'), title, report);
  }
}

import { Extension } from '@tiptap/core';
import { Table, TableCell as BaseCell, TableHeader as BaseHeader, TableRow } from '@tiptap/extension-table';
import type { Node } from '@tiptap/pm/model';

const WIDEST = 2_000;

/** Column widths as others may have written them: numbers in a sane range, or none. */
const widths = (value: unknown): number[] | null =>
  Array.isArray(value) && value.every((one) => typeof one === 'number' && one >= 0 && one <= WIDEST) ? (value as number[]) : null;
const span = (value: unknown): number => (typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 1_000 ? value : 1);

const attributes = () => ({
  colspan: { default: 1, parseHTML: (shown: HTMLElement) => span(Number(shown.getAttribute('colspan') ?? 1)), renderHTML: ({ colspan }: Record<string, unknown>) => (span(colspan) === 1 ? {} : { colspan: span(colspan) }) },
  rowspan: { default: 1, parseHTML: (shown: HTMLElement) => span(Number(shown.getAttribute('rowspan') ?? 1)), renderHTML: ({ rowspan }: Record<string, unknown>) => (span(rowspan) === 1 ? {} : { rowspan: span(rowspan) }) },
  colwidth: {
    default: null,
    parseHTML: (shown: HTMLElement) => widths(shown.getAttribute('data-colwidth')?.split(',').map(Number)),
    renderHTML: ({ colwidth }: Record<string, unknown>) => (widths(colwidth) === null ? {} : { 'data-colwidth': widths(colwidth)?.join(',') }),
  },
});

const TableCell = BaseCell.extend({ addAttributes: attributes });
const TableHeader = BaseHeader.extend({ addAttributes: attributes });

/** Tab in the last cell makes a row; it never leaves a table by surprise. */
const Keys = Extension.create({
  name: 'tableKeys',
  priority: 900,
  addKeyboardShortcuts() {
    return {
      'Mod-Alt-ArrowDown': () => this.editor.isActive('table') && this.editor.commands.addRowAfter(),
      'Mod-Alt-ArrowUp': () => this.editor.isActive('table') && this.editor.commands.addRowBefore(),
      'Mod-Alt-ArrowRight': () => this.editor.isActive('table') && this.editor.commands.addColumnAfter(),
      'Mod-Alt-ArrowLeft': () => this.editor.isActive('table') && this.editor.commands.addColumnBefore(),
    };
  },
});

export const tables = [
  Table.extend({
    addAttributes: () => ({}),
    renderHTML: () => ['table', ['tbody', 0]],
  }).configure({ resizable: true, cellMinWidth: 60, allowTableNodeSelection: true, lastColumnResizable: true }),
  TableRow,
  TableCell,
  TableHeader,
  Keys,
];

/** Whether the first row consists of headings. */
export const hasHeaderRow = (table: Node): boolean => {
  let all = (table.firstChild?.childCount ?? 0) > 0;
  table.firstChild?.forEach((cell) => (all &&= cell.type.name === 'tableHeader'));
  return all;
};

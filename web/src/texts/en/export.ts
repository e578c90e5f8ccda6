import { en } from '.';
export const exporting = {
  projectTitle: 'Export the project',
  itemTitle: (title: string) => `Export “${title}”`,
  what: 'What',
  wholeProject: 'The whole project',
  subtree: 'This item and all inside it',
  format: 'Format',
  formats: {
    markdown: ['Markdown', 'A zip with one readable text per item, in folders like the tree, and the files in it.'],
    json: ['JSON', 'Everything, losslessly. Imported again, it is the same.'],
    csv: ['CSV', 'A table of all items with their fields, for spreadsheets.'],
    print: ['Print or PDF', 'Pages for paper, with the whole text. The browser prints them or saves a PDF.'],
  },
  download: 'Download',
  preparing: 'Preparing…',
  openPrint: 'Open print view',
  done: (name: string) => `Saved ${name}`,
  print: {
    title: (name: string) => `Print ${name}`,
    print: 'Print',
    back: 'Back',
    help: 'This is what goes on paper. Your browser’s print dialog can save it as a PDF, too.',
    empty: 'There is nothing to print yet.',
    printed: (when: string, by: string) => `Printed ${when} by ${by}`,
    criteria: 'Acceptance criteria',
    done: 'Done',
    open: 'Open',
    missing: (name: string) => `Missing: ${name}`,
    callouts: { note: 'Note', tip: 'Tip', important: 'Important', warning: 'Warning', caution: 'Caution' },
  },
};

Object.assign(en, { exporting });

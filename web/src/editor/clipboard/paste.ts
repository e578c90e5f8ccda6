/** What comes in: files are uploaded, Markdown becomes structure, HTML is what the schema makes of it. */
import { Extension, type Editor } from '@tiptap/core';
import { Slice, type Node } from '@tiptap/pm/model';
import { Plugin } from '@tiptap/pm/state';
import type { EditorView } from '@tiptap/pm/view';
import { t } from '@/texts';
import { toast } from '@/ui/toast';
import { newStep } from '../blocks';
import { insertFiles } from '../uploads';
import { cleanHtml, isPlainDress } from './html';
import { clipboardText } from './copy';

type Parser = typeof import('../markdown/read');
let parser: Parser | undefined;
export const loadParser = async (): Promise<Parser> => (parser ??= await import('../markdown/read'));

/** Signs by which a text is Markdown rather than words. Of two lines at least one says so. */
const SIGNS = [
  /^#{1,6} \S/m,
  /^\s*(?:[-*+]|\d{1,9}[.)]) \S/m,
  /^\s*[-*+] \[[ xX]\]/m,
  /^>/m,
  /^(?:```|~~~)/m,
  /^\|.*\|\s*$/m,
  /^(?:---|\*\*\*|___)\s*$/m,
  /\*\*[^\s*](?:[^*]*[^\s*])?\*\*/,
  /(?<![\w*])\*[^\s*](?:[^*\n]*[^\s*])?\*(?![\w*])/,
  /~~\S(?:.*\S)?~~/,
  /==\S(?:.*\S)?==/,
  /`[^`\n]+`/,
  /!?\[[^\]\n]*\]\([^)\s]+\)/,
  /<u>.*<\/u>/,
];

export const looksLikeMarkdown = (text: string): boolean => SIGNS.some((sign) => sign.test(text));

/** Plain words: an empty line parts paragraphs, and so does a single one. */
const plainSlice = (editor: Editor, text: string): Slice => {
  const { schema } = editor;
  const lines = text.replace(/\r\n?/g, '\n').replace(/\n+$/, '').split(/\n+/);
  const paragraphs = lines.map((line) => schema.nodes.paragraph!.create(null, line === '' ? null : schema.text(line)));
  return new Slice(schema.topNodeType.create(null, paragraphs).content, 1, 1);
};

const fits = (doc: Node): Slice => {
  const { firstChild, lastChild } = doc;
  // One paragraph flows into the line; blocks come as blocks.
  const open = (node: Node | null) => (node?.type.name === 'paragraph' ? 1 : 0);
  return doc.childCount === 1 ? new Slice(doc.content, open(firstChild), open(lastChild)) : new Slice(doc.content, open(firstChild), open(lastChild));
};

function insert(editor: Editor, slice: Slice): void {
  newStep(editor.state);
  editor.view.dispatch(editor.state.tr.replaceSelection(slice).scrollIntoView().setMeta('paste', true).setMeta('uiEvent', 'paste'));
  newStep(editor.state);
}

/** A picture that is written out in the HTML itself. */
async function dataImages(html: string): Promise<File[]> {
  const sources = [...new DOMParser().parseFromString(html, 'text/html').images].map((image) => image.getAttribute('src') ?? '').filter((src) => /^data:image\/(png|jpeg|gif|webp|avif);base64,/i.test(src));
  return sources.map((src, index) => {
    const [head = '', body = ''] = src.split(',');
    const type = /^data:([^;]+)/.exec(head)?.[1] ?? 'image/png';
    const bytes = Uint8Array.from(atob(body), (one) => one.charCodeAt(0));
    return new File([bytes], `image-${index + 1}.${type.split('/')[1]}`, { type });
  });
}

export const Clipboard = Extension.create<{ project: string }>({
  name: 'clipboard',
  // After links, which turn an address over a selection into one.
  priority: 50,
  addOptions: () => ({ project: '' }),
  addProseMirrorPlugins() {
    const { editor } = this;
    const { project } = this.options;
    const files = (data: DataTransfer | null): File[] => {
      const given = [...(data?.items ?? [])].filter(({ kind }) => kind === 'file');
      const isFolder = (item: DataTransferItem) => item.webkitGetAsEntry()?.isDirectory === true;
      // A folder poses as a file whose bytes nobody can read.
      if (!given.some(isFolder)) return [...(data?.files ?? [])];
      toast.error(t.editor.folder);
      return given.flatMap((item) => (isFolder(item) ? [] : (item.getAsFile() ?? [])));
    };
    return [
      new Plugin({
        props: {
          clipboardTextSerializer: clipboardText,
          transformPastedHTML: cleanHtml,
          // What is dropped as a copy becomes nodes of its own: the binding takes one that stands in two places for one.
          transformPasted: (slice, view) => Slice.fromJSON(view.state.schema, slice.toJSON()),
          handleDOMEvents: {
            focus: () => {
              // So that a paste doesn't wait for it.
              void loadParser().catch(() => undefined);
            },
          },
          handlePaste: (view: EditorView, event: ClipboardEvent) => {
            const data = event.clipboardData;
            if (data === null || !editor.isEditable) return false;
            const text = data.getData('text/plain');
            const html = data.getData('text/html');
            const given = files(data);
            // Office programs add a picture of the text that they copied.
            if (given.length > 0 && (text === '' || /^\s*<(meta[^>]*>\s*)?img/i.test(html))) {
              insertFiles(editor, project, given);
              return true;
            }
            const { $from } = view.state.selection;
            if ($from.parent.type.spec.code) {
              if (text === '') return false;
              view.dispatch(view.state.tr.insertText(text.replace(/\r\n?/g, '\n')).scrollIntoView());
              return true;
            }
            const code = data.getData('vscode-editor-data');
            if (code !== '' && text.includes('\n')) {
              const mode = (JSON.parse(code) as { mode?: unknown }).mode;
              if (mode !== 'markdown' && mode !== 'plaintext') {
                editor.commands.insertContent({ type: 'codeBlock', attrs: { language: typeof mode === 'string' ? mode : null }, content: [{ type: 'text', text: text.replace(/\r\n?/g, '\n') }] });
                return true;
              }
            }
            if (html !== '' && (!isPlainDress(html) || html.includes('data-pm-slice'))) {
              if (/<img[^>]+src="data:image/i.test(html)) void dataImages(html).then((images) => insertFiles(editor, project, images));
              return false;
            }
            if (text === '') return false;
            // Shift asks for the words as they are.
            const plain = (view as unknown as { input?: { shiftKey?: boolean } }).input?.shiftKey === true;
            if (plain || !looksLikeMarkdown(text)) {
              insert(editor, plainSlice(editor, text));
              return true;
            }
            const read = ({ readMarkdown }: Parser) => insert(editor, fits(readMarkdown(editor.schema, text)));
            if (parser !== undefined) read(parser);
            else
              loadParser().then(
                (loaded) => !editor.isDestroyed && read(loaded),
                () => !editor.isDestroyed && insert(editor, plainSlice(editor, text)),
              );
            return true;
          },
          handleDrop: (view, event, _slice, moved) => {
            const given = files(event.dataTransfer);
            if (moved || given.length === 0 || !editor.isEditable) return false;
            const at = view.posAtCoords({ left: event.clientX, top: event.clientY });
            event.preventDefault();
            const $at = at === null ? null : view.state.doc.resolve(at.pos);
            insertFiles(editor, project, given, $at === null ? undefined : $at.depth === 0 ? $at.pos : $at.after(1));
            return true;
          },
        },
      }),
    ];
  },
});

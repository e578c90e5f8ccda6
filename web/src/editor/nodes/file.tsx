import { mergeAttributes, Node } from '@tiptap/core';
import { Download, File as Plain, FileArchive, FileAudio, FileCode, FileImage, FileSpreadsheet, FileText, FileVideo } from 'lucide-react';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { download } from '../download';
import { size as sizeOf } from '@/ui/when';
import { useUpload } from '../uploads';
import { element, reactView, type ViewProps } from '../views';
import { Progress } from './image';

const icons: [RegExp, typeof Plain][] = [
  [/^image\//, FileImage],
  [/^video\//, FileVideo],
  [/^audio\//, FileAudio],
  [/zip|tar|compress|7z|rar/, FileArchive],
  [/spreadsheet|excel|csv/, FileSpreadsheet],
  [/json|xml|javascript|html|yaml|x-sh/, FileCode],
  [/^text\/|pdf|word|document/, FileText],
];

function Chip({ node, editor, getPos }: ViewProps) {
  const id = typeof node.attrs.file === 'string' ? node.attrs.file : null;
  const name = typeof node.attrs.name === 'string' && node.attrs.name !== '' ? node.attrs.name : t.editor.fileUnnamed;
  const type = String(node.attrs.media_type ?? '');
  const size = typeof node.attrs.size === 'number' && node.attrs.size >= 0 ? node.attrs.size : null;
  const sending = useUpload(id);
  const Icon = icons.find(([pattern]) => pattern.test(type))?.[1] ?? Plain;
  const remove = () => {
    const pos = getPos();
    if (pos !== undefined) editor.chain().focus().deleteRange({ from: pos, to: pos + node.nodeSize }).run();
  };
  return (
    <>
      <div className="file-row">
        <Icon aria-hidden className="size-5 shrink-0 text-muted" />
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{name}</span>
          {size !== null && <span className="block text-xs text-muted">{sizeOf(size)}</span>}
        </span>
        {id !== null && (
          <IconButton label={t.editor.download(name)} onClick={() => void download(id, name, sending?.url)}>
            <Download aria-hidden />
          </IconButton>
        )}
      </div>
      {sending !== undefined && sending.state !== 'done' && <Progress id={id ?? ''} sending={sending} remove={remove} />}
    </>
  );
}

export const File = Node.create({
  name: 'file',
  group: 'block',
  atom: true,
  draggable: true,
  addAttributes() {
    const data = (name: string, html: string, read: (value: string | null) => unknown = (value) => value) => ({
      default: null,
      parseHTML: (shown: HTMLElement) => read(shown.getAttribute(html)),
      renderHTML: (attrs: Record<string, unknown>) => (attrs[name] === null || attrs[name] === undefined ? {} : { [html]: String(attrs[name]) }),
    });
    return {
      file: data('file', 'data-file'),
      name: data('name', 'data-name'),
      size: data('size', 'data-size', (value) => (value !== null && /^\d{1,15}$/.test(value) ? Number(value) : null)),
      media_type: data('media_type', 'data-media-type'),
    };
  },
  parseHTML() {
    return [{ tag: 'div[data-type=file]' }];
  },
  renderHTML({ node, HTMLAttributes }) {
    return ['div', mergeAttributes(HTMLAttributes, { 'data-type': 'file' }), String(node.attrs.name ?? '')];
  },
  addNodeView() {
    return reactView(Chip, () => {
      const dom = element('div', 'file');
      return { dom, host: dom };
    });
  },
});

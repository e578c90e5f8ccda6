/** Files on their way to the server, by id: shown from memory until it has them. */
import type { Editor } from '@tiptap/core';
import { useEffect } from 'react';
import { create, useStore } from 'zustand';
import { uuidv7 } from '@/api/id';
import { explain } from '@/api/client';
import { queryClient } from '@/app/client';
import { meQuery } from '@/app/query';
import { currentOperations, perform } from '@/collab/operations';
import { pending, refusedFiles, sent, until, type Waiting } from '@/collab/pending';
import { CANCELLED } from '@/collab/queue';
import { t } from '@/texts';
import { toast } from '@/ui/toast';
import { size as sizeOf } from '@/ui/when';

export interface Upload {
  name: string;
  size: number;
  type: string;
  /** A `blob:` address. */
  url: string;
  /** `kept`: it waits on this device for the server. */
  state: 'sending' | 'kept' | 'done' | 'failed';
  error: string | null;
  retry: () => void;
}

export const useUploads = create<Readonly<Record<string, Upload>>>(() => ({}));

const waits = (all: readonly Waiting[], id: string) => all.some(({ op }) => op.type === 'file.upload' && op.id === id);

/** The file `id` on its way, also when an earlier visit left it waiting on this device. */
export function useUpload(id: string | null): Upload | undefined {
  const known = useUploads((all) => (id === null ? undefined : all[id]));
  const op = useStore(pending, (all) => (id === null || known !== undefined ? undefined : all.find((one) => one.op.type === 'file.upload' && one.op.id === id)?.op));
  useEffect(() => {
    if (op?.type === 'file.upload') note(op.id, op.blob, op.name, 'kept', () => send(op.project, op.id, op.blob, op.name));
  }, [op]);
  return known;
}

function note(id: string, blob: Blob, name: string, state: Upload['state'], retry: () => void): void {
  useUploads.setState((all) => (id in all ? all : { ...all, [id]: { name, size: blob.size, type: blob.type, url: URL.createObjectURL(blob), state, error: null, retry } }), true);
  if (state === 'kept') void settle(id);
}

/** What is kept is done once it waits no more. */
async function settle(id: string): Promise<void> {
  await until((all) => !waits(all, id));
  if (useUploads.getState()[id]?.state === 'kept') set(id, { state: 'done' });
}

// Also of what waited for long, and was sent by another tab.
refusedFiles.subscribe((all) => {
  for (const [id, why] of Object.entries(all)) set(id, { state: 'failed', error: t.editor.uploadFailed(why) });
});

const set = (id: string, change: Partial<Upload>) =>
  useUploads.setState((all) => {
    const known = all[id];
    return known === undefined ? all : { ...all, [id]: { ...known, ...change } };
  }, true);

/** Sends a file; gives its id at once. */
export function upload(project: string, blob: Blob, name: string): string {
  const id = uuidv7();
  const again = () => send(project, id, blob, name);
  note(id, blob, name, 'sending', again);
  again();
  return id;
}

function send(project: string, id: string, blob: Blob, name: string): void {
  set(id, { state: 'sending', error: null });
  refusedFiles.setState(({ [id]: _before, ...rest }) => rest, true);
  void perform({ type: 'file.upload', project, id, name, blob }).then((outcome) => {
    if (outcome.state === 'refused') return set(id, { state: 'failed', error: outcome.error.code === CANCELLED ? t.editor.uploadCancelled : t.editor.uploadFailed(explain(outcome.error)) });
    set(id, { state: outcome.state });
    if (outcome.state === 'kept') void settle(id);
  });
}

/** Takes a file back that isn't there yet; it can be sent again. */
export function cancelUpload(id: string): void {
  set(id, { state: 'failed', error: t.editor.uploadCancelled });
  void currentOperations()?.cancel(id);
}

/** How much of a file has been sent, 0 to 1; undefined while it isn't under way. */
export const useSent = (id: string): number | undefined => useStore(sent, (all) => all[id]);

/** Whether the server takes a file of this size; says so when not. */
function fits({ name, size }: File): boolean {
  const most = queryClient.getQueryData(meQuery.queryKey)?.file_max_bytes;
  if (most === undefined || size <= most) return true;
  toast.error(t.editor.tooLarge(name, sizeOf(size), sizeOf(most)), { duration: 10_000 });
  return false;
}

/** Pictures that browsers show and the server serves inline. */
const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;

/** Puts files into the document at `pos`, or where the caret is: pictures as images, the rest as chips. */
export function insertFiles(editor: Editor, project: string, files: readonly File[], pos?: number): void {
  const nodes = files.filter(fits).map((file) => {
    const name = file.name || 'image.png';
    const id = upload(project, file, name);
    if (PICTURE.test(file.type)) return { type: 'image', attrs: { file: id, src: null, alt: altOf(name), width: null } };
    return { type: 'file', attrs: { file: id, name, size: file.size, media_type: file.type || 'application/octet-stream' } };
  });
  if (nodes.length === 0) return;
  const { selection, doc } = editor.state;
  const { $from, empty } = selection;
  const at = pos ?? ($from.depth === 0 ? $from.pos : $from.after());
  // An empty paragraph gives its place, and somewhere to go on is there.
  const place = pos === undefined && empty && $from.parent.type.name === 'paragraph' && $from.parent.content.size === 0 ? { from: $from.before(), to: $from.after() } : at;
  const last = (typeof place === 'number' ? place : place.to) >= doc.content.size;
  editor
    .chain()
    .focus()
    .insertContentAt(place, last ? [...nodes, { type: 'paragraph' }] : nodes)
    .run();
}

/** A name that a camera or the clipboard made says nothing. */
const altOf = (name: string) => {
  const plain = name.replace(/\.[a-z0-9]+$/i, '');
  return /^(image|img|dsc|screenshot|bildschirmfoto|capture)?[\s_\-\d.:()at]*$/i.test(plain) ? '' : plain.replace(/[_-]+/g, ' ');
};

/** Asks for files with the browser's own dialog. */
export function chooseFiles(accept: string, then: (files: File[]) => void): void {
  const input = document.createElement('input');
  input.type = 'file';
  input.multiple = true;
  input.accept = accept;
  input.hidden = true;
  input.addEventListener('change', () => {
    input.remove();
    then([...(input.files ?? [])]);
  });
  input.addEventListener('cancel', () => input.remove());
  // In the page: the browser may forget one that nothing holds while its dialog opens.
  document.body.append(input);
  input.click();
}

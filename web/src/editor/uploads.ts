/** Files on their way to the server, by id: shown from memory until it has them. */
import type { Editor } from '@tiptap/core';
import { create } from 'zustand';
import { uuidv7 } from '@/api/id';
import { explain } from '@/api/client';
import { perform } from '@/collab/operations';

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

export const useUpload = (id: string | null): Upload | undefined => useUploads((all) => (id === null ? undefined : all[id]));

const set = (id: string, change: Partial<Upload>) =>
  useUploads.setState((all) => {
    const known = all[id];
    return known === undefined ? all : { ...all, [id]: { ...known, ...change } };
  }, true);

/** Sends a file; gives its id at once. */
export function upload(project: string, blob: Blob, name: string): string {
  const id = uuidv7();
  const send = () => {
    set(id, { state: 'sending', error: null });
    void perform({ type: 'file.upload', project, id, name, blob }).then((outcome) =>
      set(id, outcome.state === 'refused' ? { state: 'failed', error: explain(outcome.error) } : { state: outcome.state }),
    );
  };
  useUploads.setState((all) => ({ ...all, [id]: { name, size: blob.size, type: blob.type, url: URL.createObjectURL(blob), state: 'sending', error: null, retry: send } }), true);
  send();
  return id;
}

/** Pictures that browsers show and the server serves inline. */
const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;

/** Puts files into the document at `pos`, or where the caret is: pictures as images, the rest as chips. */
export function insertFiles(editor: Editor, project: string, files: readonly File[], pos?: number): void {
  const nodes = files.map((file) => {
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
  input.addEventListener('change', () => then([...(input.files ?? [])]));
  input.click();
}

/** Pictures on the canvas: files of the project, shown from this device until the server has them. */
import { chooseFiles, upload } from '@/editor/uploads';
import type { Editor } from './editor';
import type { Point } from './schema';

const PICTURE = /^image\/(png|jpeg|gif|webp|avif)$/;
/** The longer side of a picture that is put in, in diagram units. */
const USUAL = 400;

export const isPicture = (file: File): boolean => PICTURE.test(file.type);

const altOf = (name: string): string => {
  const plain = name.replace(/\.[a-z0-9]+$/i, '');
  return /^(image|img|dsc|screenshot|capture)?[\s_\-\d.:()at]*$/i.test(plain) ? '' : plain.replace(/[_-]+/g, ' ');
};

async function sizeOf(file: File): Promise<Point> {
  try {
    const bitmap = await createImageBitmap(file);
    const scale = Math.min(1, USUAL / Math.max(bitmap.width, bitmap.height));
    const size: Point = [Math.max(8, Math.round(bitmap.width * scale)), Math.max(8, Math.round(bitmap.height * scale))];
    bitmap.close();
    return size;
  } catch {
    return [240, 160];
  }
}

export function addImages(editor: Editor, files: readonly File[], at: Point): void {
  void (async () => {
    let [x, y] = at;
    const added: string[] = [];
    for (const file of files) {
      const size = await sizeOf(file);
      const name = file.name || 'image.png';
      const id = editor.addAt('image', [x, y], { file: upload(editor.project, file, name), alt: altOf(name) || undefined, size });
      if (id !== null) added.push(id);
      [x, y] = [x + 24, y + 24];
    }
    if (added.length > 0) editor.select(added);
  })();
}

export function chooseImages(editor: Editor): void {
  if (editor.mayEdit) chooseFiles('image/png,image/jpeg,image/gif,image/webp,image/avif', (files) => addImages(editor, files.filter(isPicture), editor.middle));
}

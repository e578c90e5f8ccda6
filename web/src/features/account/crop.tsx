import { ZoomIn } from 'lucide-react';
import { useEffect, useRef, useState, type ComponentProps, type KeyboardEvent, type PointerEvent } from 'react';
import { toast } from '@/ui/toast';
import { explain, type User } from '@/api/client';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Notice } from '@/ui/field';
import { Pending, Skeleton } from '@/ui/feedback';
import { saveAvatar } from './api';

/** Sides in pixels: what is shown, and what is stored. */
const SHOWN = 256;
const STORED = 512;
const CLOSEST = 4;

/** The square of the picture that counts: its centre, and how many times it is enlarged over just filling the square. */
interface View {
  x: number;
  y: number;
  zoom: number;
}

/** Side of the visible square in pixels of the picture. */
export const sideOf = (width: number, height: number, zoom: number) => Math.min(width, height) / zoom;

/** Keeps the square inside the picture. */
export function inside({ x, y, zoom }: View, width: number, height: number): View {
  const near = Math.max(1, Math.min(CLOSEST, zoom));
  const half = sideOf(width, height, near) / 2;
  const within = (value: number, size: number) => Math.max(half, Math.min(size - half, value));
  return { x: within(x, width), y: within(y, height), zoom: near };
}

function draw(canvas: HTMLCanvasElement, picture: ImageBitmap, view: View): void {
  const side = sideOf(picture.width, picture.height, view.zoom);
  const context = canvas.getContext('2d');
  if (context === null) return;
  context.imageSmoothingQuality = 'high';
  context.clearRect(0, 0, canvas.width, canvas.height);
  context.drawImage(picture, view.x - side / 2, view.y - side / 2, side, side, 0, 0, canvas.width, canvas.height);
}

/** A canvas of its own: it is drawn when it is there, and a dialog's content may come later than the picture. */
function Drawn({ picture, view, side, ...rest }: { picture: ImageBitmap; view: View; side: number } & ComponentProps<'canvas'>) {
  const canvas = useRef<HTMLCanvasElement>(null);
  useEffect(() => {
    if (canvas.current !== null) draw(canvas.current, picture, view);
  }, [picture, view]);
  return <canvas ref={canvas} width={side} height={side} {...rest} />;
}

/** Chooses the square of a picture that becomes the avatar. */
export default function Crop({ file, user, onClose }: { file: File; user: User; onClose: () => void }) {
  const [picture, setPicture] = useState<ImageBitmap | null>(null);
  const [broken, setBroken] = useState(false);
  const [view, setView] = useState<View>({ x: 0, y: 0, zoom: 1 });
  const [busy, setBusy] = useState(false);

  useEffect(() => {
    let gone = false;
    createImageBitmap(file, { imageOrientation: 'from-image' }).then(
      (loaded) => {
        if (gone) return;
        setPicture(loaded);
        setView({ x: loaded.width / 2, y: loaded.height / 2, zoom: 1 });
      },
      () => setBroken(true),
    );
    return () => {
      gone = true;
    };
  }, [file]);

  const change = (next: (now: View) => View) => picture !== null && setView((now) => inside(next(now), picture.width, picture.height));
  /** By pixels of the screen. */
  const pan = (dx: number, dy: number) =>
    change((now) => {
      const scale = sideOf(picture?.width ?? 0, picture?.height ?? 0, now.zoom) / SHOWN;
      return { ...now, x: now.x - dx * scale, y: now.y - dy * scale };
    });
  const onPointerDown = (event: PointerEvent<HTMLCanvasElement>) => {
    const element = event.currentTarget;
    element.setPointerCapture(event.pointerId);
    let last = { x: event.clientX, y: event.clientY };
    const onMove = (move: globalThis.PointerEvent) => {
      pan(move.clientX - last.x, move.clientY - last.y);
      last = { x: move.clientX, y: move.clientY };
    };
    element.addEventListener('pointermove', onMove);
    element.addEventListener('lostpointercapture', () => element.removeEventListener('pointermove', onMove), { once: true });
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const step = event.shiftKey ? 32 : 8;
    const by = { ArrowLeft: [step, 0], ArrowRight: [-step, 0], ArrowUp: [0, step], ArrowDown: [0, -step] }[event.key];
    if (by !== undefined) pan(by[0] as number, by[1] as number);
    else if (event.key === '+' || event.key === '=') change((now) => ({ ...now, zoom: now.zoom * 1.1 }));
    else if (event.key === '-') change((now) => ({ ...now, zoom: now.zoom / 1.1 }));
    else return;
    event.preventDefault();
  };
  const save = async () => {
    if (picture === null) return;
    setBusy(true);
    try {
      const canvas = document.createElement('canvas');
      canvas.width = canvas.height = STORED;
      draw(canvas, picture, view);
      // A browser that can't write WebP gives PNG.
      const blob = await new Promise<Blob | null>((resolve) => canvas.toBlob(resolve, 'image/webp', 0.9));
      if (blob === null) throw new Error('no picture');
      await saveAvatar(blob);
      toast(t.account.pictureSaved);
      onClose();
    } catch (error) {
      toast.error(explain(error));
      setBusy(false);
    }
  };
  return (
    <Dialog open onClose={onClose} title={t.account.cropTitle} text={t.account.cropText} className="max-w-sm">
      {broken ? (
        <Notice kind="error">{t.account.pictureBroken}</Notice>
      ) : (
        <div className="grid justify-items-center gap-4">
          {picture === null ? (
            <Pending>
              <Skeleton className="size-64" />
            </Pending>
          ) : (
            <div className="relative size-64 overflow-hidden rounded-lg bg-sunken">
              <Drawn
                picture={picture}
                view={view}
                side={SHOWN * 2}
                tabIndex={0}
                role="application"
                aria-label={t.account.cropArea}
                className="size-64 cursor-move touch-none rounded-lg -outline-offset-2"
                onPointerDown={onPointerDown}
                onKeyDown={onKeyDown}
              />
              {/* What lies outside of the circle is stored, but seldom seen. */}
              <span aria-hidden className="pointer-events-none absolute inset-0 rounded-full shadow-[0_0_0_9999px_rgb(0_0_0/45%)]" />
            </div>
          )}
          <label className="flex w-64 items-center gap-3 text-sm">
            <ZoomIn aria-hidden className="size-4 text-muted" />
            <span className="sr-only">{t.account.zoom}</span>
            <input
              type="range"
              min={1}
              max={CLOSEST}
              step={0.01}
              value={view.zoom}
              className="min-w-0 flex-1 accent-accent"
              onChange={(event) => change((now) => ({ ...now, zoom: Number(event.target.value) }))}
            />
          </label>
          <div className="flex items-center gap-2.5 text-sm text-muted">
            {picture === null ? <Skeleton className="size-8 rounded-full" /> : <Drawn picture={picture} view={view} side={64} aria-hidden className="size-8 rounded-full" />}
            {t.account.cropPreview(user.name)}
          </div>
        </div>
      )}
      <div className="mt-5 flex justify-end gap-2">
        <Button onClick={onClose}>{t.common.cancel}</Button>
        <Button look="primary" disabled={picture === null || busy} onClick={() => void save()}>
          {busy ? t.account.savingPicture : t.account.savePicture}
        </Button>
      </div>
    </Dialog>
  );
}

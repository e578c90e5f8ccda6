import { mergeAttributes, Node } from '@tiptap/core';
import { Download, ImageOff, Link2, RotateCw, Trash2, Type, X } from 'lucide-react';
import { useRef, useState, type KeyboardEvent, type PointerEvent } from 'react';
import { Popover } from '@base-ui/react/popover';
import { useFile } from '@/api/files';
import { t } from '@/texts';
import { Button, IconButton } from '@/ui/button';
import { inputClass } from '@/ui/field';
import { cancelUpload, useSent, useUpload } from '../uploads';
import { safeImage } from '../urls';
import { download } from '../download';
import { element, reactView, type ViewProps } from '../views';

const LEAST = 80;
const STEP = 20;

const width = (value: unknown): number | null => (typeof value === 'number' && value >= 16 && value <= 4_000 ? Math.round(value) : null);
const words = (value: unknown): string | null => (typeof value === 'string' && value !== '' ? value : null);

/** The id in `file:…`. */
const ownFile = (address: string | null): string | null => /^file:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/i.exec(address ?? '')?.[1] ?? null;

function Picture({ node, editor, selected, update, getPos }: ViewProps) {
  const file = words(node.attrs.file);
  const src = safeImage(node.attrs.src);
  const alt = words(node.attrs.alt) ?? '';
  const sending = useUpload(file);
  const stored = useFile(sending === undefined ? file : null);
  const url = sending?.url ?? stored.url;
  const [broken, setBroken] = useState<string | null>(null);
  const mayEdit = editor.isEditable;
  const remove = () => {
    const pos = getPos();
    if (pos !== undefined) editor.chain().focus().deleteRange({ from: pos, to: pos + node.nodeSize }).run();
  };

  const isBroken = broken !== null && broken === url;
  if (file === null || isBroken || (stored.failed && sending === undefined)) {
    // Pictures from elsewhere are not loaded: whoever keeps them would learn who reads this.
    return (
      <div className="image-instead">
        {file === null && src !== null ? <Link2 aria-hidden /> : <ImageOff aria-hidden />}
        <span className="min-w-0 flex-1">
          <span className="block truncate font-medium">{alt || (file === null && src !== null ? t.editor.imageElsewhere : t.editor.imageMissing)}</span>
          {src !== null && file === null ? (
            <a className="block truncate text-xs" href={src} target="_blank" rel="noopener noreferrer nofollow" onMouseDown={(event) => event.stopPropagation()}>
              {src}
            </a>
          ) : (
            <span className="block text-xs text-muted">{isBroken ? t.editor.notPicture : t.editor.imageMissingHelp}</span>
          )}
        </span>
        {file !== null &&
          (isBroken ? (
            <IconButton label={t.editor.download(stored.meta?.name ?? sending?.name ?? alt)} onClick={() => void download(file, stored.meta?.name ?? sending?.name ?? alt, url)}>
              <Download aria-hidden />
            </IconButton>
          ) : (
            <Button onClick={stored.retry}>{t.common.retry}</Button>
          ))}
      </div>
    );
  }
  const { width: natural, height } = stored.meta ?? {};
  const shown = width(node.attrs.width);
  return (
    <div className="image-frame" style={{ width: shown ?? undefined }} data-waiting={url === null || undefined}>
      {url === null ? (
        <div className="skeleton image-waiting" role="status" aria-label={t.common.loading} />
      ) : (
        <img
          src={url}
          alt={alt}
          draggable={false}
          width={shown ?? natural ?? undefined}
          height={natural && height ? Math.round(((shown ?? natural) * height) / natural) : undefined}
          onError={() => setBroken(url)}
        />
      )}
      {sending !== undefined && sending.state !== 'done' && <Progress id={file} sending={sending} remove={remove} />}
      {mayEdit && url !== null && (
        <>
          <Handle value={shown} update={(next) => update({ width: next })} />
          <div className="image-tools" data-shown={selected || undefined}>
            <Alt alt={alt} update={(next) => update({ alt: next })} />
            {shown !== null && (
              <IconButton label={t.editor.imageNatural} onClick={() => update({ width: null })}>
                <RotateCw aria-hidden />
              </IconButton>
            )}
            <IconButton label={t.editor.imageRemove} onClick={remove}>
              <Trash2 aria-hidden />
            </IconButton>
          </div>
        </>
      )}
    </div>
  );
}

export function Progress({ id, sending, remove }: { id: string; sending: NonNullable<ReturnType<typeof useUpload>>; remove: () => void }) {
  const share = useSent(id);
  if (sending.state === 'failed')
    return (
      <div className="upload-note" role="alert">
        <span className="min-w-0 flex-1">{sending.error}</span>
        <Button onClick={sending.retry}>{t.common.retry}</Button>
        <Button look="ghost" onClick={remove}>
          {t.editor.remove}
        </Button>
      </div>
    );
  const waits = share === undefined && (sending.state === 'kept' || !navigator.onLine);
  const percent = share === undefined ? undefined : Math.floor(100 * share);
  return (
    <div className="upload-note">
      {!waits && (
        <span className="upload-bar" role="progressbar" aria-label={t.editor.uploading} aria-valuemin={0} aria-valuemax={100} aria-valuenow={percent}>
          {percent !== undefined && <span className="upload-share" style={{ width: `${percent}%` }} />}
        </span>
      )}
      <span className="min-w-0 flex-1" role={waits ? 'status' : undefined}>
        {waits ? t.editor.uploadLater : percent === undefined ? t.editor.uploading : t.editor.uploadingShare(percent)}
      </span>
      <IconButton label={t.editor.uploadCancel(sending.name)} onClick={() => cancelUpload(id)}>
        <X aria-hidden />
      </IconButton>
    </div>
  );
}

function Handle({ value, update }: { value: number | null; update: (width: number) => void }) {
  const handle = useRef<HTMLDivElement>(null);
  const frame = () => handle.current?.parentElement as HTMLElement;
  const widest = () => (frame().parentElement as HTMLElement).clientWidth;
  const clamp = (next: number) => Math.round(Math.max(LEAST, Math.min(widest(), next)));
  const onPointerDown = (event: PointerEvent<HTMLDivElement>) => {
    event.preventDefault();
    event.stopPropagation();
    const target = event.currentTarget;
    const start = frame().getBoundingClientRect().width;
    const from = event.clientX;
    let now = start;
    target.setPointerCapture(event.pointerId);
    const onMove = (move: globalThis.PointerEvent) => {
      now = clamp(start + move.clientX - from);
      frame().style.width = `${now}px`;
    };
    target.addEventListener('pointermove', onMove);
    target.addEventListener(
      'lostpointercapture',
      () => {
        target.removeEventListener('pointermove', onMove);
        // One change for the whole drag.
        if (Math.round(now) !== Math.round(start)) update(Math.round(now));
      },
      { once: true },
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const by = { ArrowLeft: -STEP, ArrowRight: STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    update(clamp((value ?? frame().getBoundingClientRect().width) + by));
  };
  return (
    <div
      ref={handle}
      role="slider"
      tabIndex={0}
      aria-label={t.editor.imageWidth}
      aria-valuenow={value ?? undefined}
      aria-valuetext={value === null ? t.editor.imageNatural : `${value} px`}
      aria-valuemin={LEAST}
      aria-valuemax={4_000}
      className="image-handle"
      onPointerDown={onPointerDown}
      onKeyDown={onKeyDown}
    />
  );
}

function Alt({ alt, update }: { alt: string; update: (alt: string) => void }) {
  const [open, setOpen] = useState(false);
  return (
    <Popover.Root open={open} onOpenChange={setOpen}>
      <Popover.Trigger render={<IconButton label={t.editor.imageAlt} />}>
        <Type aria-hidden />
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner sideOffset={6} collisionPadding={8} className="z-50">
          <Popover.Popup className="popup w-80 rounded-lg border border-line bg-raised p-3 shadow-float outline-none" aria-label={t.editor.imageAlt}>
            <form
              className="grid gap-2"
              onSubmit={(event) => {
                event.preventDefault();
                update(String(new FormData(event.currentTarget).get('alt') ?? '').trim());
                setOpen(false);
              }}
            >
              <label className="grid gap-1.5 text-sm">
                <span className="font-medium">{t.editor.imageAlt}</span>
                <input name="alt" defaultValue={alt} maxLength={500} className={inputClass} autoFocus />
              </label>
              <p className="text-xs text-muted">{t.editor.imageAltHelp}</p>
              <div className="flex justify-end">
                <Button type="submit" look="primary">
                  {t.common.save}
                </Button>
              </div>
            </form>
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

export const Image = Node.create({
  name: 'image',
  group: 'block',
  atom: true,
  draggable: true,
  addAttributes() {
    return {
      // Both are the address to HTML: `file:` and the id, or one elsewhere.
      file: { default: null, parseHTML: (shown) => ownFile(shown.getAttribute('src')), renderHTML: ({ file }) => (words(file) === null ? {} : { src: `file:${words(file)}` }) },
      src: { default: null, parseHTML: (shown) => safeImage(shown.getAttribute('src')), renderHTML: ({ src }) => (safeImage(src) === null ? {} : { src: safeImage(src) }) },
      alt: { default: null, parseHTML: (shown) => words(shown.getAttribute('alt')), renderHTML: ({ alt }) => (words(alt) === null ? {} : { alt }) },
      width: { default: null, parseHTML: (shown) => width(Number(shown.getAttribute('width') ?? NaN)), renderHTML: ({ width: now }) => (width(now) === null ? {} : { width: width(now) }) },
    };
  },
  parseHTML() {
    return [{ tag: 'img[src]', getAttrs: (shown) => (ownFile(shown.getAttribute('src')) === null && safeImage(shown.getAttribute('src')) === null ? false : null) }];
  },
  renderHTML({ HTMLAttributes }) {
    return ['img', mergeAttributes(HTMLAttributes)];
  },
  addNodeView() {
    return reactView(Picture, () => {
      const dom = element('figure', 'image');
      return { dom, host: dom };
    });
  },
});

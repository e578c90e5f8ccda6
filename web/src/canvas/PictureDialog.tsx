/** A picture of the diagram, or of what is chosen: what kind, in which colours, how fine, and with or without its page. */
import { useEffect, useState, type ReactNode } from 'react';
import { useTheme } from '@/app/theme';
import { useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Tick } from './ChooseDialog';
import { useEditor, useUi } from './context';
import type { PictureOptions } from './exchange';
import { takePicture } from './files';

export function PictureDialog() {
  const editor = useEditor();
  const { items } = useProject();
  const open = useUi((ui) => ui.picture);
  const part = useUi((ui) => ui.selection.size > 0);
  const shown = useTheme((theme) => theme.shown);
  const [options, setOptions] = useState<PictureOptions>({ format: 'png', theme: shown, scale: 2, clear: false });
  useEffect(() => setOptions((before) => ({ ...before, theme: shown })), [shown, open]);
  const change = (some: Partial<PictureOptions>) => setOptions({ ...options, ...some });
  const close = () => {
    editor.set({ picture: false });
    editor.focus();
  };
  const take = (to: 'file' | 'clipboard') => {
    void takePicture(editor, items, options, to);
    close();
  };
  const { exchange } = t.diagram;
  return (
    <Dialog open={open} onClose={close} title={exchange.pictureOf(part)}>
      <div className="grid gap-4 text-sm">
        <OneOf label={exchange.format} name="format" value={options.format} choices={[['png', exchange.formats.png], ['svg', exchange.formats.svg]]} onChange={(format) => change({ format })} />
        {options.format === 'png' && <OneOf label={exchange.scale} name="scale" value={String(options.scale)} choices={[['1', '1×'], ['2', '2×']]} onChange={(scale) => change({ scale: Number(scale) })} />}
        <OneOf label={exchange.colours} name="theme" value={options.theme} choices={[['light', exchange.themes.light], ['dark', exchange.themes.dark]]} onChange={(theme) => change({ theme })} />
        <Tick checked={options.clear} onChange={(clear) => change({ clear })}>
          {exchange.clear}
        </Tick>
        <div className="flex justify-end gap-2">
          <Button onClick={() => take('clipboard')}>{exchange.copy}</Button>
          <Button look="primary" onClick={() => take('file')}>
            {exchange.save}
          </Button>
        </div>
      </div>
    </Dialog>
  );
}

function OneOf<T extends string>({ label, name, value, choices, onChange }: { label: string; name: string; value: T; choices: readonly (readonly [T, ReactNode])[]; onChange: (value: T) => void }) {
  return (
    <fieldset className="flex flex-wrap items-center gap-x-4 gap-y-1">
      <legend className="float-left w-20 font-medium">{label}</legend>
      {choices.map(([choice, title]) => (
        <label key={choice} className="flex items-center gap-2">
          <input type="radio" name={name} className="size-4 accent-accent" checked={value === choice} onChange={() => onChange(choice)} />
          {title}
        </label>
      ))}
    </fieldset>
  );
}

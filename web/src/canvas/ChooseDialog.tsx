/** Which pages of a file are taken, and whether what its layers hide is. */
import { useEffect, useState, type ReactNode } from 'react';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { useEditor, useUi } from './context';

export function ChooseDialog() {
  const editor = useEditor();
  const asked = useUi((ui) => ui.choosing);
  const [pages, setPages] = useState<ReadonlySet<number>>(new Set());
  const [hidden, setHidden] = useState(false);
  useEffect(() => {
    setPages(new Set(asked?.pages.keys()));
    setHidden(false);
  }, [asked]);
  const done = (take: boolean) => {
    editor.set({ choosing: null });
    asked?.chosen(take ? { pages: [...pages].sort((a, b) => a - b), hidden } : null);
    editor.focus();
  };
  const { exchange } = t.diagram;
  const layers = [...new Set(asked?.pages.flatMap((page, i) => (pages.has(i) ? page.hidden : [])))];
  return (
    <Dialog open={asked !== null} onClose={() => done(false)} title={exchange.choose(asked?.name ?? '')}>
      <form
        className="grid gap-4 text-sm"
        onSubmit={(event) => {
          event.preventDefault();
          done(true);
        }}
      >
        {(asked?.pages.length ?? 0) > 1 && (
          <fieldset>
            <legend className="font-medium">{exchange.pages}</legend>
            <p className="text-muted">{exchange.pagesHelp}</p>
            <ul className="mt-2 grid max-h-60 gap-1 overflow-y-auto">
              {asked?.pages.map(({ name }, i) => (
                <li key={i}>
                  <Tick checked={pages.has(i)} onChange={(on) => setPages(new Set(on ? [...pages, i] : [...pages].filter((one) => one !== i)))}>
                    {name}
                  </Tick>
                </li>
              ))}
            </ul>
          </fieldset>
        )}
        {layers.length > 0 && (
          <Tick checked={hidden} onChange={setHidden}>
            {exchange.hiddenLayers(layers.slice(0, 8).join(', '))}
          </Tick>
        )}
        <div className="flex justify-end gap-2">
          <Button onClick={() => done(false)}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={pages.size === 0}>
            {exchange.take}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

export function Tick({ checked, onChange, children }: { checked: boolean; onChange: (on: boolean) => void; children: ReactNode }) {
  return (
    <label className="flex items-center gap-2 py-0.5">
      <input type="checkbox" className="size-4 accent-accent" checked={checked} onChange={(event) => onChange(event.target.checked)} />
      {children}
    </label>
  );
}

import { MousePointerClick } from 'lucide-react';
import { t } from '@/texts';
import { Empty } from '@/ui/feedback';

/** The right side when no item is open. */
export function NothingOpen() {
  return (
    <div className="hidden flex-1 items-center justify-center md:flex">
      <Empty icon={<MousePointerClick />} title={t.tree.pickTitle}>
        <p>{t.tree.pickText}</p>
        <dl className="mx-auto mt-5 grid w-fit grid-cols-[auto_auto] gap-x-5 gap-y-1.5 text-left">
          {t.tree.keys.map(([key, what]) => (
            <div key={key} className="col-span-2 grid grid-cols-subgrid items-center">
              <dt>
                <kbd className="rounded border border-line-strong bg-sunken px-1.5 py-0.5 font-sans text-xs text-fg">{key}</kbd>
              </dt>
              <dd>{what}</dd>
            </div>
          ))}
        </dl>
      </Empty>
    </div>
  );
}

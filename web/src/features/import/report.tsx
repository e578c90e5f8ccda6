import { CircleAlert, CircleCheck, Info, TriangleAlert } from 'lucide-react';
import { t } from '@/texts';
import { cn } from '@/ui/cn';
import { listClass } from '@/ui/page';
import type { Line } from './api';

const looks = {
  error: { Icon: CircleAlert, colour: 'text-danger' },
  warning: { Icon: TriangleAlert, colour: 'text-warn' },
  info: { Icon: Info, colour: 'text-info' },
};
const ORDER = ['error', 'warning', 'info'] as const;

/** What was left out, guessed or changed, the gravest first. */
export function Report({ lines }: { lines: readonly Line[] }) {
  if (lines.length === 0) {
    return (
      <p className="flex items-center gap-2 rounded-lg border border-line bg-raised px-4 py-3 text-sm">
        <CircleCheck aria-hidden className="size-4 shrink-0 text-accent" />
        {t.importing.clean}
      </p>
    );
  }
  const sorted = [...lines].sort((a, b) => ORDER.indexOf(a.level) - ORDER.indexOf(b.level));
  return (
    <ul className={cn(listClass, 'max-h-80 overflow-y-auto')} tabIndex={0} aria-label={t.importing.report}>
      {sorted.map(({ level, code, message, line, count }, index) => {
        const { Icon, colour } = looks[level];
        return (
          <li key={`${code}-${index}`} className="flex gap-2.5 px-4 py-2 text-sm">
            <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', colour)} />
            <span className="min-w-0 flex-1 break-words">
              <span className="sr-only">{t.importing.levels[level]}: </span>
              {message}
            </span>
            <span className="shrink-0 text-xs text-muted">{[line == null ? '' : t.importing.line(line), count > 1 ? t.importing.times(count) : ''].filter(Boolean).join(' · ')}</span>
          </li>
        );
      })}
    </ul>
  );
}

/** What an import or export could not take over, in words. */
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { useEditor, useUi } from './context';

export function ReportDialog() {
  const editor = useEditor();
  const report = useUi((ui) => ui.report);
  const close = () => {
    editor.set({ report: null });
    editor.focus();
  };
  return (
    <Dialog open={report !== null} onClose={close} title={report?.title ?? ''} text={t.diagram.exchange.differs}>
      <ul className="grid gap-1.5 text-sm">
        {report?.lines.map(({ level, message, count }) => (
          <li key={message} className="flex gap-2">
            <span aria-hidden className={level === 'warning' ? 'text-warn' : 'text-faint'}>
              {level === 'warning' ? '▲' : '●'}
            </span>
            <span className="flex-1">{message}</span>
            {count > 1 && <span className="text-muted tabular-nums">{t.diagram.exchange.times(count)}</span>}
          </li>
        ))}
      </ul>
      <div className="mt-5 flex justify-end">
        <Button onClick={close}>{t.common.close}</Button>
      </div>
    </Dialog>
  );
}

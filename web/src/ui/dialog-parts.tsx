/** The inside of a dialog; fetched when the first one opens. */
import { AlertDialog as BaseAlert } from '@base-ui/react/alert-dialog';
import { Dialog as Base } from '@base-ui/react/dialog';
import { X } from 'lucide-react';
import { useState } from 'react';
import { t } from '@/texts';
import { Button, IconButton } from './button';
import { cn } from './cn';
import type { ConfirmProps, DialogProps } from './dialog';

const panel =
  'popup fixed inset-x-3 top-[12vh] z-50 mx-auto flex max-h-[76vh] [@media(max-height:40rem)]:top-2 [@media(max-height:40rem)]:max-h-[calc(100dvh-1rem)] max-w-md flex-col rounded-xl border border-line bg-raised shadow-float outline-none';
const backdrop = 'backdrop fixed inset-0 z-40 bg-black/30 dark:bg-black/55';

export function Dialog({ open, onClose, title, text, children, className }: DialogProps) {
  return (
    <Base.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <Base.Portal>
        <Base.Backdrop className={backdrop} />
        <Base.Popup className={cn(panel, className)}>
          <div className="flex items-start gap-3 px-5 pt-4">
            <div className="min-w-0 flex-1">
              <Base.Title className="text-base font-semibold">{title}</Base.Title>
              {text !== undefined && <Base.Description className="mt-0.5 text-sm text-muted">{text}</Base.Description>}
            </div>
            <Base.Close render={<IconButton label={t.common.close} className="-mr-1.5" />}>
              <X aria-hidden />
            </Base.Close>
          </div>
          <div className="min-h-0 overflow-y-auto px-5 pt-4 pb-5">{children}</div>
        </Base.Popup>
      </Base.Portal>
    </Base.Root>
  );
}

/** Asks before something that can't be undone. */
export function Confirm({ open, onClose, onConfirm, title, text, confirm, children }: ConfirmProps) {
  const [busy, setBusy] = useState(false);
  return (
    <BaseAlert.Root open={open} onOpenChange={(next) => !next && onClose()}>
      <BaseAlert.Portal>
        <BaseAlert.Backdrop className={backdrop} />
        <BaseAlert.Popup className={cn(panel, 'p-5')}>
          <BaseAlert.Title className="text-base font-semibold">{title}</BaseAlert.Title>
          <BaseAlert.Description className="mt-1 text-sm text-muted">{text}</BaseAlert.Description>
          {children}
          <div className="mt-5 flex justify-end gap-2">
            <BaseAlert.Close render={<Button />}>{t.common.cancel}</BaseAlert.Close>
            <Button
              look="danger"
              disabled={busy}
              onClick={() => {
                setBusy(true);
                void Promise.resolve(onConfirm()).finally(() => {
                  setBusy(false);
                  onClose();
                });
              }}
            >
              {confirm}
            </Button>
          </div>
        </BaseAlert.Popup>
      </BaseAlert.Portal>
    </BaseAlert.Root>
  );
}

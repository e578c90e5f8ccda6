import type { ReactNode } from 'react';
import { lazily, useLazy } from './lazy';

const parts = lazily(() => import('./dialog-parts'));

export type DialogProps = {
  open: boolean;
  onClose: () => void;
  title: string;
  text?: ReactNode;
  children: ReactNode;
  className?: string;
};

export function Dialog(props: DialogProps) {
  const loaded = useLazy(parts, props.open || parts.now() !== null);
  return loaded === null ? null : <loaded.Dialog {...props} />;
}

export type ConfirmProps = {
  open: boolean;
  onClose: () => void;
  onConfirm: () => Promise<void> | void;
  title: string;
  text: ReactNode;
  confirm: string;
  children?: ReactNode;
};

/** Asks before something that can't be undone. */
export function Confirm(props: ConfirmProps) {
  const loaded = useLazy(parts, props.open || parts.now() !== null);
  return loaded === null ? null : <loaded.Confirm {...props} />;
}

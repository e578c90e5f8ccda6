import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useStore } from 'zustand';
import { session } from '@/api/session';
import { readKept } from '@/collab/kept';
import { pending } from '@/collab/pending';
import { Confirm } from '@/ui/dialog';
import { forgetDevice, leave } from './leave';
import { t } from '@/texts';

/** Asks before signing out, and offers to remove what is stored on this device. */
export default function SignOut({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [forget, setForget] = useState(false);
  const user = useStore(session.store, (state) => state.user?.id);
  const operations = useStore(pending, (all) => all.length);
  if (user === undefined) return null;
  const unsent = Object.values(readKept(user)).reduce((total, count) => total + count, operations);
  return (
    <Confirm
      open
      onClose={onClose}
      title={t.signOut.title}
      text={unsent > 0 ? t.signOut.unsent(unsent) : t.signOut.text}
      confirm={t.signOut.confirm}
      onConfirm={async () => {
        await session.signOut(async () => {
          await navigate({ to: '/login', replace: true });
          await forgetDevice(user, forget);
        }).catch(() => undefined);
        leave();
      }}
    >
      <label className="mt-4 flex items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-accent" checked={forget} onChange={(event) => setForget(event.target.checked)} />
        {t.signOut.forget}
      </label>
    </Confirm>
  );
}

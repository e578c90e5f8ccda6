import { useNavigate } from '@tanstack/react-router';
import { useState } from 'react';
import { useStore } from 'zustand';
import { session } from '@/api/session';
import { readKept } from '@/collab/kept';
import { Confirm } from '@/ui/dialog';
import { queryClient } from './query';
import { t } from '@/texts';

/** Asks before signing out, and offers to remove what is stored on this device. */
export default function SignOut({ onClose }: { onClose: () => void }) {
  const navigate = useNavigate();
  const [forget, setForget] = useState(false);
  const user = useStore(session.store, (state) => state.user?.id);
  if (user === undefined) return null;
  const unsent = Object.values(readKept(user)).reduce((total, count) => total + count, 0);
  return (
    <Confirm
      open
      onClose={onClose}
      title={t.signOut.title}
      text={unsent > 0 ? t.signOut.unsent(unsent) : t.signOut.text}
      confirm={t.signOut.confirm}
      onConfirm={async () => {
        // Loaded here and not with the page: most visits never sign out, and it carries the editor's machinery.
        const { stopHub } = await import('@/collab/hub');
        const { clearAll } = await import('@/collab/persistence');
        await stopHub(false);
        if (forget) await clearAll(user);
        await session.signOut(() => navigate({ to: '/login', replace: true })).catch(() => undefined);
        queryClient.clear();
      }}
    >
      <label className="mt-4 flex items-center gap-2 text-sm">
        <input type="checkbox" className="size-4 accent-accent" checked={forget} onChange={(event) => setForget(event.target.checked)} />
        {t.signOut.forget}
      </label>
    </Confirm>
  );
}

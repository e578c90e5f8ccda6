import { Popover } from '@base-ui/react/popover';
import { useNavigate } from '@tanstack/react-router';
import { CircleCheck, CloudOff, Eye, LoaderCircle, TriangleAlert } from 'lucide-react';
import { useState, useSyncExternalStore, type ReactNode } from 'react';
import { toast } from 'sonner';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Confirm } from '@/ui/dialog';
import { plainText } from './plain';
import { useHub } from './react';
import type { Room } from './room';
import { combine, type Pill } from './state';

/** The truth about all open documents. The value is replaced only when the pill changes. */
function usePill(rooms: Room[]): Pill {
  const hub = useHub();
  const ids = rooms.map((room) => room.id).join();
  const [subscribe, read] = useStable(() => {
    let last: Pill = { kind: 'opening' };
    const all = () => [...(hub?.rooms.getState().values() ?? [])];
    return [
      (listener: () => void) => {
        let stops = all().map((room) => room.store.subscribe(listener));
        const stop = hub?.rooms.subscribe(() => {
          for (const one of stops) one();
          stops = all().map((room) => room.store.subscribe(listener));
          listener();
        });
        return () => {
          stop?.();
          for (const one of stops) one();
        };
      },
      () => {
        const others = all().filter((room) => !rooms.includes(room));
        const next = rooms.length === 0 ? ({ kind: 'opening' } as const) : combine(rooms.map((room) => room.state), others.map((room) => room.state));
        if (JSON.stringify(next) !== JSON.stringify(last)) last = next;
        return last;
      },
    ] as const;
  }, [hub, ids, ...rooms]);
  return useSyncExternalStore(subscribe, read);
}

function useStable<T>(make: () => T, deps: readonly unknown[]): T {
  const [held, setHeld] = useState(() => ({ value: make(), deps }));
  if (held.deps.length === deps.length && held.deps.every((dep, index) => dep === deps[index])) return held.value;
  const next = { value: make(), deps };
  setHeld(next);
  return next.value;
}

type Look = { label: string; help: string; icon: ReactNode; className: string };

function look(pill: Pill): Look {
  const quiet = 'text-muted hover:bg-hover';
  switch (pill.kind) {
    case 'opening':
      return { label: t.state.opening, help: t.state.opening, icon: <LoaderCircle aria-hidden className="animate-spin" />, className: quiet };
    case 'saved':
      return { label: t.state.saved, help: t.state.savedHelp, icon: <CircleCheck aria-hidden className="text-accent" />, className: quiet };
    case 'saving':
      return { label: t.state.saving, help: t.state.savingHelp, icon: <LoaderCircle aria-hidden className="animate-spin" />, className: quiet };
    case 'readonly':
      return { label: t.state.readonly, help: t.state.readonlyHelp, icon: <Eye aria-hidden />, className: 'bg-info-soft text-info' };
    case 'offline':
      return {
        label: pill.unkept ? t.state.offlineUnkept(pill.kept) : t.state.offline(pill.kept),
        help: pill.unkept ? t.state.unkeptHelp : t.state.offlineHelp,
        icon: <CloudOff aria-hidden />,
        className: pill.unkept ? 'bg-danger-soft text-danger' : 'bg-warn-soft text-warn',
      };
    case 'refused': {
      const { label, help } = t.state.refused[pill.refusal.code] ?? (t.state.refused.other as { label: string; help: string });
      return { label, help, icon: <TriangleAlert aria-hidden />, className: 'bg-danger-soft text-danger' };
    }
  }
}

export function StatePill({ rooms }: { rooms: Room[] }) {
  const pill = usePill(rooms);
  const { label, help, icon, className } = look(pill);
  const refused = rooms.find((room) => room.state.refusal !== null);
  return (
    <Popover.Root>
      <Popover.Trigger
        data-testid="state-pill"
        data-state={pill.kind}
        aria-live="polite"
        className={cn(
          'inline-flex h-6 shrink-0 items-center gap-1.5 rounded-full px-2 text-xs font-medium whitespace-nowrap transition-colors pointer-coarse:h-8 [&_svg]:size-3.5',
          className,
        )}
      >
        {icon}
        {label}
      </Popover.Trigger>
      <Popover.Portal>
        <Popover.Positioner side="bottom" align="end" sideOffset={6} collisionPadding={8} className="z-50">
          <Popover.Popup className="popup w-72 rounded-lg border border-line bg-raised p-3.5 text-sm shadow-float outline-none">
            <Popover.Title className="font-semibold">{label}</Popover.Title>
            <Popover.Description className="mt-1 text-muted">{help}</Popover.Description>
            {pill.kind === 'refused' && refused !== undefined && <RefusedActions room={refused} code={pill.refusal.code} />}
          </Popover.Popup>
        </Popover.Positioner>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** What a person can do about a refusal, without losing what they wrote. */
function RefusedActions({ room, code }: { room: Room; code: number }) {
  const hub = useHub();
  const navigate = useNavigate();
  const [asking, setAsking] = useState(false);
  const takeServers = () => (code === 4409 ? hub?.startOver(room.id) : hub?.discard(room.id));
  return (
    <div className="mt-3 flex flex-wrap gap-2">
      {code === 4401 ? (
        <Button look="primary" onClick={() => void navigate({ to: '/login', search: { next: window.location.pathname, ended: true } })}>
          {t.state.signInAgain}
        </Button>
      ) : (
        <>
          <Button
            look="primary"
            onClick={() => {
              void navigator.clipboard?.writeText(plainText(room.doc)).then(() => toast(t.common.copied));
            }}
          >
            {t.state.copyText}
          </Button>
          {code !== 4404 && (
            <Button onClick={() => (room.state.kept > 0 ? setAsking(true) : void takeServers())}>
              {code === 4409 ? t.state.useCurrent : t.state.useServer}
            </Button>
          )}
        </>
      )}
      <Confirm
        open={asking}
        onClose={() => setAsking(false)}
        title={t.state.discardTitle}
        text={t.state.discardText(room.state.kept)}
        confirm={code === 4409 ? t.state.useCurrent : t.state.useServer}
        onConfirm={() => takeServers()}
      />
    </div>
  );
}

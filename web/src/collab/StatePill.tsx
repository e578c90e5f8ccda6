import { useNavigate } from '@tanstack/react-router';
import { CircleCheck, CloudOff, Eye, LoaderCircle, TriangleAlert, UploadCloud } from 'lucide-react';
import { useMemo, useState, useSyncExternalStore, type ReactNode } from 'react';
import { toast } from '@/ui/toast';
import { queryClient } from '@/app/client';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Confirm } from '@/ui/dialog';
import { Popover } from '@/ui/popover';
import { othersKept } from './kept';
import { currentOperations } from './operations';
import type { Items, Operation } from './overlay';
import { pending } from './pending';
import { useHub } from './react';
import type { Room } from './room';
import { item as names } from './schema';
import { combine, countdown, waitingIn, type Pill } from './state';

/** What waits on this device, one line each. */
interface Line {
  key: string;
  text: string;
  count?: number;
}

/** The truth about everything that is open or waits. The value is replaced only when the pill changes. */
function usePill(rooms: Room[]): Pill {
  const hub = useHub();
  const [subscribe, read] = useMemo(() => {
    let last: Pill = { kind: 'opening' };
    const count = countdown();
    const all = () => [...(hub?.rooms.getState().values() ?? [])];
    return [
      (listener: () => void) => {
        let stops = all().map((room) => room.store.subscribe(listener));
        const stop = hub?.rooms.subscribe(() => {
          for (const one of stops) one();
          stops = all().map((room) => room.store.subscribe(listener));
          listener();
        });
        const stopPending = pending.subscribe(listener);
        return () => {
          stop?.();
          stopPending();
          for (const one of stops) one();
        };
      },
      () => {
        if (rooms.length === 0) return last;
        const main = rooms.map((room) => room.state);
        const others = all().filter((room) => !rooms.includes(room)).map((room) => room.state);
        const beside = { operations: pending.getState().length, elsewhere: hub?.elsewhere ?? 0, unkept: currentOperations()?.unkept ?? false };
        const next = count(combine(main, others, beside), waitingIn([...main, ...others], beside));
        if (JSON.stringify(next) !== JSON.stringify(last)) last = next;
        return last;
      },
    ] as const;
  }, [hub, rooms]);
  return useSyncExternalStore(subscribe, read);
}

const titleOf = (id: string): string => {
  for (const [, items] of queryClient.getQueriesData<Items>({ queryKey: ['items'] })) {
    const title = items?.get(id)?.title;
    if (title !== undefined) return title || t.common.untitled;
  }
  return t.common.untitled;
};

function lineOf(seq: number, op: Operation): Line {
  const many = 'ids' in op && Array.isArray(op.ids) ? op.ids : null;
  const name = op.type === 'item.create' || op.type === 'file.upload' ? '' : titleOf(many?.[0] ?? (op as { id: string }).id);
  const shown = op.type === 'item.create' ? titleOf(op.id) : op.type === 'file.upload' ? op.name : name;
  return { key: String(seq), text: t.operations.waiting[op.type](shown, many?.length ?? 1) };
}

/** What waits now; read when the details open. */
function linesOf(user: string, rooms: Iterable<Room>): Line[] {
  const kept = othersKept(user);
  const projects = new Set(queryClient.getQueriesData({ queryKey: ['items'] }).map(([key]) => String(key[1])));
  // The title that is being written is in the document before it is in the list.
  const written = new Map<string, string>();
  for (const { id, state, doc } of rooms) {
    if (state.refusal !== null || state.kept === 0) continue;
    kept[id] = (kept[id] ?? 0) + state.kept;
    if (!projects.has(id)) written.set(id, doc.getText(names.title).toString());
  }
  return [
    ...Object.entries(kept).map(([id, count]) => ({ key: id, text: projects.has(id) ? t.state.outline : written.get(id) || titleOf(id), count })),
    ...pending.getState().map(({ seq, op }) => lineOf(seq, op)),
  ];
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
    case 'sending':
      return { label: t.state.sending(pill.at, pill.of), help: t.state.sendingHelp, icon: <UploadCloud aria-hidden />, className: quiet };
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
    <Popover
      // What was open about a refusal goes with it: it would take the focus from whoever writes on.
      key={pill.kind === 'refused' ? 'refused' : 'well'}
      title={label}
      text={help}
      trigger={
        <button
          type="button"
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
        </button>
      }
    >
      <WaitingList />
      {pill.kind === 'refused' && refused !== undefined && <RefusedActions room={refused} code={pill.refusal.code} />}
    </Popover>
  );
}

/** How many lines show. */
const SHOWN = 6;

function WaitingList() {
  const hub = useHub();
  const [subscribe, read] = useMemo(() => {
    let last: Line[] = [];
    return [
      (listener: () => void) => {
        const stop = hub?.rooms.subscribe(listener);
        const stopPending = pending.subscribe(listener);
        return () => {
          stop?.();
          stopPending();
        };
      },
      () => {
        const next = hub === null ? [] : linesOf(hub.me.id, hub.rooms.getState().values());
        if (JSON.stringify(next) !== JSON.stringify(last)) last = next;
        return last;
      },
    ] as const;
  }, [hub]);
  const lines = useSyncExternalStore(subscribe, read);
  if (lines.length === 0) return null;
  return (
    <section aria-label={t.state.waiting} className="mt-3 border-t border-line pt-2.5">
      <h3 className="text-xs font-medium text-muted">{t.state.waiting}</h3>
      <ul className="mt-1.5 grid gap-1">
        {lines.slice(0, SHOWN).map(({ key, text, count }) => (
          <li key={key} className="flex items-baseline gap-3">
            <span className="min-w-0 flex-1 truncate">{text}</span>
            {count !== undefined && <span className="shrink-0 text-xs text-muted">{t.state.changes(count)}</span>}
          </li>
        ))}
        {lines.length > SHOWN && <li className="text-xs text-muted">{t.state.more(lines.length - SHOWN)}</li>}
      </ul>
    </section>
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
              void import('./plain')
                .then(({ plainText }) => navigator.clipboard.writeText(plainText(room.doc)))
                .then(() => toast(t.common.copied));
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

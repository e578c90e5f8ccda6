import { useQuery } from '@tanstack/react-query';
import { MonitorSmartphone, Smartphone } from 'lucide-react';
import { toast } from '@/ui/toast';
import { client, explain, unwrap } from '@/api/client';
import { queryClient, sessionsQuery } from '@/app/query';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { listClass, Section } from '@/ui/page';
import { ago, moment } from '@/ui/when';

async function end(ids: string[], done: string): Promise<void> {
  try {
    for (const id of ids) await unwrap(client.DELETE('/me/sessions/{id}', { params: { path: { id } } }));
    toast(done);
  } catch (error) {
    toast.error(explain(error));
  }
  await queryClient.invalidateQueries({ queryKey: sessionsQuery.queryKey });
}

export function Sessions() {
  const sessions = useQuery({ ...sessionsQuery, staleTime: 0 });
  const others = (sessions.data ?? []).filter(({ current }) => !current).map(({ id }) => id);
  return (
    <Section
      title={t.account.sessions}
      help={t.account.sessionsHelp}
      actions={
        others.length > 1 && (
          <Button onClick={() => void end(others, t.account.allEnded)}>{t.account.endAll}</Button>
        )
      }
    >
      {sessions.isError && sessions.data === undefined ? (
        <Failed error={sessions.error} retry={() => void sessions.refetch()} />
      ) : sessions.data === undefined ? (
        <Pending className={listClass}>
          <div className="flex h-14 items-center px-4">
            <Skeleton className="w-1/3" />
          </div>
        </Pending>
      ) : (
        <ul className={listClass}>
          {sessions.data.map(({ id, agent, ip, created_at, last_seen_at, current }) => {
            const device = agent || t.account.unknownDevice;
            const Icon = /android|iphone|ipad|ios/i.test(device) ? Smartphone : MonitorSmartphone;
            return (
              <li key={id} className="flex min-h-14 items-center gap-3 px-4 py-2">
                <Icon className="size-5 shrink-0 text-muted" aria-hidden />
                <div className="min-w-0 flex-1">
                  <div className="truncate text-sm font-medium" title={agent ?? undefined}>
                    {device}
                  </div>
                  <div className="truncate text-xs text-muted" title={t.account.signedIn(moment(created_at))}>
                    {[t.account.lastSeen(ago(last_seen_at)), ip].filter(Boolean).join(' · ')}
                  </div>
                </div>
                {current ? (
                  <span className="shrink-0 rounded-full bg-accent-soft px-2 py-0.5 text-xs font-medium text-accent-text">{t.account.thisDevice}</span>
                ) : (
                  <Button aria-label={`${t.account.end}: ${device}`} onClick={() => void end([id], t.account.ended)}>
                    {t.account.end}
                  </Button>
                )}
              </li>
            );
          })}
        </ul>
      )}
    </Section>
  );
}

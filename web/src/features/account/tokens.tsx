import { useQuery } from '@tanstack/react-query';
import { KeyRound, Plus } from 'lucide-react';
import { useState } from 'react';
import { toast } from '@/ui/toast';
import { explain } from '@/api/client';
import { queryClient } from '@/app/query';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { CopyField } from '@/ui/copy';
import { Confirm, Dialog } from '@/ui/dialog';
import { Failed, Pending, Skeleton } from '@/ui/feedback';
import { Field, Notice } from '@/ui/field';
import { useSubmit } from '@/ui/form';
import { listClass, Section } from '@/ui/page';
import { Select, selectClass } from '@/ui/select';
import { ago, day, moment } from '@/ui/when';
import { createToken, revokeToken, tokensQuery, type PersonalToken, type Scope } from './api';

const refresh = () => queryClient.invalidateQueries({ queryKey: tokensQuery.queryKey });

/** Keys for programs that act as the person. */
export function Tokens() {
  const tokens = useQuery({ ...tokensQuery, staleTime: 0 });
  const [making, setMaking] = useState(false);
  return (
    <Section
      title={t.account.tokens}
      help={t.account.tokensHelp}
      actions={
        <Button onClick={() => setMaking(true)}>
          <Plus aria-hidden className="size-4" />
          {t.account.newToken}
        </Button>
      }
    >
      {tokens.isError && tokens.data === undefined ? (
        <Failed error={tokens.error} retry={() => void tokens.refetch()} />
      ) : tokens.data === undefined ? (
        <Pending className={listClass}>
          <div className="flex h-14 items-center px-4">
            <Skeleton className="w-1/3" />
          </div>
        </Pending>
      ) : tokens.data.length === 0 ? (
        <p className="rounded-lg border border-dashed border-line-strong px-4 py-6 text-center text-sm text-muted">{t.account.noTokens}</p>
      ) : (
        <ul className={listClass}>
          {tokens.data.map((token) => (
            <Token key={token.id} token={token} />
          ))}
        </ul>
      )}
      {making && <NewToken onClose={() => setMaking(false)} />}
    </Section>
  );
}

const scopeText = (scopes: readonly Scope[]) => (scopes.includes('write') ? t.account.scopes.write : t.account.scopes.read);

function Token({ token: { id, name, scopes, expires_at, last_used_at } }: { token: PersonalToken }) {
  const [revoking, setRevoking] = useState(false);
  const over = expires_at != null && Date.parse(expires_at) < Date.now();
  return (
    <li className="flex min-h-14 items-center gap-3 px-4 py-2">
      <KeyRound aria-hidden className="size-5 shrink-0 text-muted" />
      <div className="min-w-0 flex-1">
        <div className="flex items-center gap-2">
          <span className="truncate text-sm font-medium">{name}</span>
          <span className="shrink-0 rounded-full bg-hover px-2 py-0.5 text-xs text-muted">{scopeText(scopes)}</span>
        </div>
        <div className="truncate text-xs text-muted">
          <span title={last_used_at == null ? undefined : moment(last_used_at)}>{last_used_at == null ? t.account.neverUsed : t.account.lastUsed(ago(last_used_at))}</span>
          {' · '}
          <span className={over ? 'text-danger' : undefined}>{expires_at == null ? t.account.noExpiry : over ? t.account.expired(day(expires_at)) : t.account.expires(day(expires_at))}</span>
        </div>
      </div>
      <Button aria-label={t.account.revokeNamed(name)} onClick={() => setRevoking(true)}>
        {t.account.revoke}
      </Button>
      <Confirm
        open={revoking}
        onClose={() => setRevoking(false)}
        title={t.account.revokeTitle(name)}
        text={t.account.revokeText}
        confirm={t.account.revoke}
        onConfirm={() =>
          revokeToken(id).then(
            async () => {
              await refresh();
              toast(t.account.revoked);
            },
            (error: unknown) => void toast.error(explain(error)),
          )
        }
      />
    </li>
  );
}

/** How long a token may live, in days; null is for ever. */
const LIVES = { '30': 30, '90': 90, '365': 365, never: null } as const;
type Life = keyof typeof LIVES;

function NewToken({ onClose }: { onClose: () => void }) {
  const [write, setWrite] = useState(false);
  const [life, setLife] = useState<Life>('90');
  const [token, setToken] = useState<string | null>(null);
  const form = useSubmit(async ({ name = '' }) => {
    const days = LIVES[life];
    const made = await createToken({
      name: name.trim(),
      scopes: write ? ['read', 'write'] : ['read'],
      expires_at: days === null ? null : new Date(Date.now() + days * 86_400_000).toISOString(),
    });
    setToken(made.token);
    await refresh();
  });
  if (token !== null) {
    return (
      <Dialog open onClose={onClose} title={t.account.tokenMade} text={t.account.tokenOnce}>
        <div className="grid gap-4">
          <CopyField label={t.account.tokenLabel} value={token} copy={t.account.copyToken} />
          <p className="text-xs text-muted">{t.account.tokenUse}</p>
          <div className="flex justify-end">
            <Button look="primary" onClick={onClose}>
              {t.account.tokenKept}
            </Button>
          </div>
        </div>
      </Dialog>
    );
  }
  return (
    <Dialog open onClose={onClose} title={t.account.newToken} text={t.account.newTokenText}>
      <form className="grid gap-4" onSubmit={form.onSubmit}>
        {form.error !== null && <Notice kind="error">{form.error}</Notice>}
        <Field label={t.account.tokenName} name="name" placeholder={t.account.tokenNamePlaceholder} required maxLength={100} autoFocus autoComplete="off" error={form.fields.name} />
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">{t.account.scope}</legend>
          <div className="grid gap-1.5">
            {[false, true].map((writes) => (
              <label
                key={String(writes)}
                className="flex cursor-pointer gap-2.5 rounded-md border border-line px-3 py-2 hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-ring"
              >
                <input type="radio" name="scope" checked={write === writes} onChange={() => setWrite(writes)} className="mt-0.5 accent-accent" />
                <span>
                  <span className="block text-sm font-medium">{writes ? t.account.scopes.write : t.account.scopes.read}</span>
                  <span className="block text-xs text-muted">{writes ? t.account.scopeHelp.write : t.account.scopeHelp.read}</span>
                </span>
              </label>
            ))}
          </div>
        </fieldset>
        <div>
          <div className="mb-1.5 text-sm font-medium">{t.account.expiry}</div>
          <Select
            className={`${selectClass} w-full`}
            label={t.account.expiry}
            value={life}
            options={(Object.keys(LIVES) as Life[]).map((value) => ({ value, label: t.account.lives[value] }))}
            onChange={setLife}
          />
        </div>
        <div className="flex justify-end gap-2">
          <Button onClick={onClose}>{t.common.cancel}</Button>
          <Button type="submit" look="primary" disabled={form.busy}>
            {t.account.makeToken}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

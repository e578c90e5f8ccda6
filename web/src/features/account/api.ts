import { queryOptions } from '@tanstack/react-query';
import type { User } from '@/api/client';
import { client, unwrap } from '@/api/client';
import { request, requestJson } from '@/api/request';
import { session } from '@/api/session';
import { meQuery, queryClient } from '@/app/query';

/** The person's own account. */
export type Account = User & { avatar?: string | null; pending_email?: string | null };

export type Scope = 'read' | 'write';

export interface PersonalToken {
  id: string;
  name: string;
  scopes: Scope[];
  created_at: string;
  expires_at: string | null;
  last_used_at: string | null;
}

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await requestJson<{ tokens: PersonalToken[] }>('/me/tokens')).tokens,
});

/** The answer carries the secret, and no other ever does. */
export const createToken = (body: { name: string; scopes: Scope[]; expires_at: string | null }) =>
  requestJson<PersonalToken & { token: string }>('/me/tokens', { method: 'POST', body });

export const revokeToken = (id: string) => requestJson<void>(`/me/tokens/${id}`, { method: 'DELETE' });

export const changeEmail = (body: { email: string; password: string }) => requestJson<void>('/me/email', { method: 'PUT', body });

export const confirmEmail = (token: string) => requestJson<void>('/auth/email/change', { method: 'POST', body: { token } });

export async function saveAvatar(picture: Blob): Promise<void> {
  await request('/me/avatar', { method: 'PUT', headers: { 'Content-Type': picture.type }, body: picture });
  await refreshMe();
}

export async function removeAvatar(): Promise<void> {
  await request('/me/avatar', { method: 'DELETE' });
  await refreshMe();
}

export async function saveName(name: string): Promise<void> {
  await unwrap(client.PATCH('/me', { body: { name } }));
  await refreshMe();
}

/** Shows everywhere what has changed of the person. */
export async function refreshMe(): Promise<void> {
  await queryClient.invalidateQueries({ queryKey: meQuery.queryKey });
  const { user } = await queryClient.fetchQuery(meQuery);
  session.setUser(user);
  void queryClient.invalidateQueries({ queryKey: ['members'] });
}

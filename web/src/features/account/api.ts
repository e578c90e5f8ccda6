import { queryOptions } from '@tanstack/react-query';
import { client, unwrap, type Schemas } from '@/api/client';
import { request } from '@/api/request';
import { session } from '@/api/session';
import { meQuery, queryClient } from '@/app/query';

export type Scope = Schemas['TokenScope'];
export type PersonalToken = Schemas['PersonalToken'];

export const tokensQuery = queryOptions({
  queryKey: ['tokens'],
  queryFn: async () => (await unwrap(client.GET('/me/tokens'))).tokens,
});

/** The answer carries the secret, and no other ever does. */
export const createToken = (body: { name: string; scopes: Scope[]; expires_at: string | null }) => unwrap(client.POST('/me/tokens', { body }));

export const revokeToken = (id: string) => unwrap(client.DELETE('/me/tokens/{id}', { params: { path: { id } } }));

export const changeEmail = (body: { email: string; password: string }) => unwrap(client.PUT('/me/email', { body }));

/** Gives up a change that is not confirmed yet. */
export const keepEmail = () => unwrap(client.DELETE('/me/email'));

export const confirmEmail = (token: string) => unwrap(client.POST('/auth/email/change', { body: { token } }));

export async function saveAvatar(picture: Blob): Promise<void> {
  await request('/me/avatar', { method: 'PUT', headers: { 'Content-Type': picture.type }, body: picture });
  await refreshMe();
}

export async function removeAvatar(): Promise<void> {
  await unwrap(client.DELETE('/me/avatar'));
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

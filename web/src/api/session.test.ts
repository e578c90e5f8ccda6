import { describe, expect, it, vi } from 'vitest';
import { Session, SignedOutError } from './session';

const user = { id: 'u', name: 'Ada', email: 'ada@example.com', colour: '#000000', email_verified: true, avatar: null, pending_email: null };
const answer = (token: string, expires_in = 900) =>
  Response.json({ access_token: token, expires_in, user, session_id: 's' });

function make(respond: (path: string, init: { headers: Headers }) => Promise<Response> | Response) {
  const fetch = vi.fn(async (input: RequestInfo | URL, init?: RequestInit) => {
    const path = input instanceof Request ? new URL(input.url).pathname : String(input);
    const headers = input instanceof Request ? input.headers : new Headers(init?.headers);
    return respond(path, { headers });
  });
  let time = 0;
  const session = new Session({ fetch, now: () => time, exclusively: (work) => work() });
  return { session, fetch, pass: (ms: number) => (time += ms), refreshes: () => fetch.mock.calls.filter(([input]) => String(input).endsWith('/auth/refresh')).length };
}

const request = () => new Request('http://localhost/api/v1/me');

describe('Session', () => {
  it('refreshes once for many callers', async () => {
    const { session, refreshes } = make(() => answer('a'));
    expect(await Promise.all([session.token(), session.token(), session.token()])).toEqual(['a', 'a', 'a']);
    expect(refreshes()).toBe(1);
  });

  it('renews a token that is about to run out', async () => {
    let count = 0;
    const { session, pass, refreshes } = make(() => answer(`t${(count += 1)}`));
    expect(await session.token()).toBe('t1');
    pass(895_000);
    expect(await session.token()).toBe('t2');
    expect(refreshes()).toBe(2);
  });

  it('tries a refused request once more, with one refresh for all that were refused together', async () => {
    let good = 'old';
    const { session, refreshes } = make((path, { headers }) => {
      if (path.endsWith('/auth/refresh')) return answer((good = 'new'));
      return new Response(null, { status: headers.get('Authorization') === `Bearer ${good}` && good === 'new' ? 200 : 401 });
    });
    session.adopt({ access_token: 'old', expires_in: 900, user, session_id: 's' });
    const answers = await Promise.all([session.fetch(request()), session.fetch(request()), session.fetch(request())]);
    expect(answers.map((one) => one.status)).toEqual([200, 200, 200]);
    expect(refreshes()).toBe(1);
  });

  it('gives up after one refresh', async () => {
    const { session, fetch } = make((path) => (path.endsWith('/auth/refresh') ? answer('new') : Response.json({ code: 'session-ended' }, { status: 401 })));
    session.adopt({ access_token: 'old', expires_in: 900, user, session_id: 's' });
    expect((await session.fetch(request())).status).toBe(401);
    expect(fetch).toHaveBeenCalledTimes(3);
  });

  it('is out when the refresh is refused', async () => {
    const { session } = make(() => Response.json({ code: 'session-ended' }, { status: 401 }));
    await expect(session.token()).rejects.toBeInstanceOf(SignedOutError);
    expect(session.state.status).toBe('out');
  });

  it('is not out when something else answers in place of the server', async () => {
    for (const status of [200, 302, 401, 403, 511]) {
      const { session } = make(() => new Response('<html>Welcome to our hotel</html>', { status, headers: { 'content-type': 'text/html' } }));
      await expect(session.token()).rejects.not.toBeInstanceOf(SignedOutError);
      expect(session.state.status).toBe('unreachable');
    }
  });

  it('opens as whoever was here last, with or without the network, until the server says otherwise', async () => {
    let respond: () => Response = () => {
      throw new TypeError('away');
    };
    const kept: unknown[] = [];
    const memory = { read: () => ({ user, sessionId: 's' }), write: (who: unknown) => void kept.push(who) };
    const session = new Session({ fetch: async () => respond(), now: () => 0, exclusively: (work) => work(), memory });
    expect((await session.resume()).status).toBe('in');
    await expect(session.token()).rejects.toThrow('away');
    expect(session.state.status).toBe('in');
    respond = () => answer('a');
    expect(await session.token()).toBe('a');
    respond = () => Response.json({ code: 'session-ended' }, { status: 401 });
    await expect(session.refresh()).rejects.toBeInstanceOf(SignedOutError);
    expect(session.state.status).toBe('out');
    expect(kept.at(-1)).toBe(null);
  });

  it('is not out when the server is only away', async () => {
    const { session } = make(() => Promise.reject(new TypeError('network')));
    expect((await session.resume()).status).toBe('unreachable');
    const other = make((path) => (path.endsWith('/auth/refresh') ? Promise.reject(new TypeError('network')) : new Response()));
    other.session.adopt({ access_token: 'a', expires_in: 900, user, session_id: 's' });
    other.pass(900_000);
    await expect(other.session.token()).rejects.toThrow('network');
    expect(other.session.state.status).toBe('in');
  });
});

import { createRootRoute, createRoute, createRouter, lazyRouteComponent, Outlet, redirect } from '@tanstack/react-router';
import { session } from '@/api/session';
import { readPending } from '@/collab/pending';
import { isCacheKept, keepCache, restoreQueries } from '@/local/cache';
import { itemsQuery, projectQuery, queryClient } from './query';
import { fetchAhead } from '@/local/ahead';
import { noteProject, recentProjects } from '@/local/recent';
import { Crash, NotFound, Unreachable } from './errors';
import { t } from '@/texts';

const root = createRootRoute({
  component: Outlet,
  notFoundComponent: () => <NotFound />,
  errorComponent: Crash,
});

type Token = { token?: string };
const tokenSearch = (search: Record<string, unknown>): Token => (typeof search.token === 'string' ? { token: search.token } : {});
const auth = () => import('@/features/auth/pages');

const login = createRoute({
  getParentRoute: () => root,
  path: '/login',
  validateSearch: (search: Record<string, unknown>): { next?: string; ended?: boolean } => ({
    ...(typeof search.next === 'string' ? { next: search.next } : {}),
    ...(search.ended === true ? { ended: true } : {}),
  }),
  component: lazyRouteComponent(auth, 'LoginPage'),
});
const setup = createRoute({
  getParentRoute: () => root,
  path: '/setup',
  validateSearch: tokenSearch,
  component: lazyRouteComponent(auth, 'SetupPage'),
});
const invite = createRoute({
  getParentRoute: () => root,
  path: '/invite/$token',
  beforeLoad: () => session.resume().then(() => undefined),
  component: lazyRouteComponent(auth, 'InvitePage'),
});
const forgot = createRoute({ getParentRoute: () => root, path: '/forgot', component: lazyRouteComponent(auth, 'ForgotPage') });
const reset = createRoute({
  getParentRoute: () => root,
  path: '/reset',
  validateSearch: tokenSearch,
  component: lazyRouteComponent(auth, 'ResetPage'),
});
const verify = createRoute({
  getParentRoute: () => root,
  path: '/verify',
  validateSearch: tokenSearch,
  beforeLoad: () => session.resume().then(() => undefined),
  component: lazyRouteComponent(auth, 'VerifyPage'),
});

const verifyEmail = createRoute({
  getParentRoute: () => root,
  path: '/verify-email',
  validateSearch: tokenSearch,
  beforeLoad: () => session.resume().then(() => undefined),
  component: lazyRouteComponent(() => import('@/features/account/email-page'), 'EmailPage'),
});

/** Without a promise once everything is there: a screen that waits is taken down and put up again. */
function signedIn({ location }: { location: { href: string } }): Promise<void> | undefined {
  const { status, user } = session.state;
  if (status === 'in' && isCacheKept(user.id)) return;
  return enter(location.href);
}

async function enter(href: string): Promise<void> {
  const { status, user } = await session.resume();
  if (user !== null) await Promise.all([keepCache(user.id), readPending(user.id)]);
  if (status === 'out') throw redirect({ to: '/login', search: href === '/' ? {} : { next: href }, replace: true });
  if (status === 'unreachable') throw new Unreachable(t.errors.unreachable);
}

/** Everything behind the sign-in. */
const app = createRoute({
  getParentRoute: () => root,
  id: 'app',
  beforeLoad: signedIn,
  component: lazyRouteComponent(() => import('./shell'), 'Shell'),
});
/** Where the installed app starts: the project that was open last. */
const start = createRoute({
  getParentRoute: () => app,
  path: '/start',
  beforeLoad: () => {
    const { user } = session.state;
    const [last] = user === null ? [] : recentProjects(user.id);
    throw last === undefined ? redirect({ to: '/', replace: true }) : redirect({ to: '/p/$projectId', params: { projectId: last }, replace: true });
  },
});
const projects = createRoute({
  getParentRoute: () => app,
  path: '/',
  component: lazyRouteComponent(() => import('@/features/projects/page'), 'ProjectsPage'),
});
const people = createRoute({
  getParentRoute: () => app,
  path: '/people',
  component: lazyRouteComponent(() => import('@/features/people/page'), 'PeoplePage'),
});

/** Lists stand in one parameter each: `status=todo,done`. */
type SearchParams = { q?: string; type?: string; status?: string; assignee?: string; project?: string };

const search = createRoute({
  getParentRoute: () => app,
  path: '/search',
  validateSearch: ({ q, type, status, assignee, project }: Record<string, unknown>): SearchParams =>
    Object.fromEntries(Object.entries({ q, type, status, assignee, project }).filter(([, value]) => value !== undefined && value !== '').map(([key, value]) => [key, String(value)])),
  component: lazyRouteComponent(() => import('@/features/search/page'), 'SearchPage'),
});
const account = createRoute({
  getParentRoute: () => app,
  path: '/account',
  component: lazyRouteComponent(() => import('@/features/account/page'), 'AccountPage'),
});
const tree = () => import('@/features/tree/page');
// A visit that starts there: its scripts come while the session is looked for.
if (/^\/p\/[^/]+(\/(?!import|print)|$)/.test(window.location.pathname)) void tree().catch(() => undefined);
const project = createRoute({
  getParentRoute: () => app,
  path: '/p/$projectId',
  // The item that stands beside the open one.
  validateSearch: (search: Record<string, unknown>): { beside?: string } => (typeof search.beside === 'string' ? { beside: search.beside } : {}),
  beforeLoad: async ({ params, cause }) => {
    const { user } = session.state;
    if (user !== null && cause !== 'preload') {
      noteProject(user.id, params.projectId);
      fetchAhead(user.id);
    }
    await restoreQueries([['items', params.projectId], ['bin', params.projectId]]);
    // Under way while the screen itself is still being fetched. What is there already, the screen renews.
    if (queryClient.getQueryState(['project', params.projectId]) === undefined) void queryClient.prefetchQuery(projectQuery(params.projectId));
    if (queryClient.getQueryState(['items', params.projectId]) === undefined) void queryClient.prefetchQuery(itemsQuery(params.projectId));
  },
  component: lazyRouteComponent(tree, 'ProjectPage'),
});
const projectIndex = createRoute({
  getParentRoute: () => project,
  path: '/',
});
const item = createRoute({
  getParentRoute: () => project,
  path: '$itemId',
  component: lazyRouteComponent(() => import('@/features/item/page'), 'ItemPage'),
});

const importing = createRoute({
  getParentRoute: () => app,
  path: '/p/$projectId/import',
  validateSearch: ({ id, parent }: Record<string, unknown>): { id?: string; parent?: string } => ({
    ...(typeof id === 'string' ? { id } : {}),
    ...(typeof parent === 'string' ? { parent } : {}),
  }),
  component: lazyRouteComponent(() => import('@/features/import/page'), 'ImportPage'),
});

/** Behind the sign-in, too, but with nothing around it. */
const bare = createRoute({ getParentRoute: () => root, id: 'bare', beforeLoad: signedIn, component: Outlet });
const print = createRoute({
  getParentRoute: () => bare,
  path: '/p/$projectId/print',
  validateSearch: ({ item }: Record<string, unknown>): { item?: string } => (typeof item === 'string' ? { item } : {}),
  component: lazyRouteComponent(() => import('@/features/export/print'), 'PrintPage'),
});

export const router = createRouter({
  routeTree: root.addChildren([
    login,
    setup,
    invite,
    forgot,
    reset,
    verify,
    verifyEmail,
    bare.addChildren([print]),
    app.addChildren([start, projects, search, people, account, importing, project.addChildren([projectIndex, item])]),
  ]),
  defaultPreload: 'intent',
  defaultPendingMs: 300,
  scrollRestoration: false,
});

declare module '@tanstack/react-router' {
  interface Register {
    router: typeof router;
  }
}

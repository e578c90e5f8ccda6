import { CSPProvider } from '@base-ui/react/csp-provider';
import { useQuery } from '@tanstack/react-query';
import { Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { Menu as MenuIcon, Search } from 'lucide-react';
import { lazy, Suspense, useEffect, useRef, useState } from 'react';
import { Toasts } from '@/ui/toast';
import { useStore } from 'zustand';
import { session } from '@/api/session';
import { readKept } from '@/collab/kept';
import { changeLanguage, t } from '@/texts';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Failed, Logo } from '@/ui/feedback';
import { useArrival } from './arrival';
import { ariaKeys, bindKeys } from './keys';
import { whenQuiet } from '@/local/quiet';
import { leave } from './leave';
import { followOrganization } from './live';
import { useOrganization } from './organization';
import { hide, show } from './overlay';
import { Overlays, prefetchOverlays } from './overlays';
import { usePreference } from './preferences';
import { meQuery } from './query';
import { useNoteRecents } from './recents';
import { ScreenCommands } from './screen-commands';
import { Sidebar } from './sidebar';
import { useTheme } from './theme';

/** The key that leads to the messages; alone, since Alt and a letter belong to the lists. */
const TOASTS = ['F8'];

/** For later than the first screen. */
const Device = lazy(() => import('./device').then((device) => ({ default: device.Device })));

export function Shell() {
  const [later, setLater] = useState(false);
  const state = useStore(session.store);
  const me = useQuery(meQuery);
  const organization = useOrganization();
  const navigate = useNavigate();
  const location = useLocation();
  const [open, setOpen] = useState(false);
  const [slim, setSlim] = usePreference('sidebar:slim', false);
  const [language] = usePreference<string | null>('language', null);
  const shown = useTheme((theme) => theme.shown);

  // The session can end at any time: revoked elsewhere, or signed out in another tab.
  const href = useRef(location.href);
  useEffect(() => {
    // Only once: on the way to the sign-in page, that page is the location.
    if (state.status !== 'out') href.current = location.href;
  }, [state.status, location.href]);
  useEffect(() => {
    if (state.status !== 'out') return;
    leave();
    void navigate({ to: '/login', search: { next: href.current, ended: true }, replace: true });
  }, [state.status, navigate]);

  const org = organization?.id;
  const user = state.user?.id;
  useEffect(() => (org === undefined || user === undefined ? undefined : followOrganization(org)), [org, user]);

  // What waits is sent, and what is asked for next is stored, by what comes after the first screen.
  useEffect(() => {
    if (user === undefined) return;
    let gone = false;
    void whenQuiet()
      .then(() => (gone ? undefined : import('@/collab/operations')))
      .then((operations) => {
        if (gone) return;
        operations?.operationsOf(user);
        setLater(true);
      })
      .catch(() => undefined);
    return () => {
      gone = true;
    };
  }, [user]);

  // Changes of an earlier visit that the server has not got yet are sent without waiting for somebody to open their document.
  useEffect(() => {
    if (state.status !== 'in' || Object.keys(readKept(state.user.id)).length === 0) return;
    const { id, name, colour } = state.user;
    void import('@/collab/hub').then(({ hubOf }) => hubOf({ id, name, colour }));
  }, [state]);

  // Chosen on another device.
  useEffect(() => {
    if (language !== null) changeLanguage(language);
  }, [language]);
  useEffect(() => bindKeys(), []);
  useEffect(() => prefetchOverlays(), []);
  useEffect(() => hide, []);
  useNoteRecents();
  const arrived = useArrival();

  useEffect(() => setOpen(false), [location.pathname]);
  const drawer = useRef<HTMLElement>(null);
  useEffect(() => {
    if (!open) return;
    drawer.current?.querySelector<HTMLElement>('button, a')?.focus();
    const onKey = (event: KeyboardEvent) => event.key === 'Escape' && setOpen(false);
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [open]);

  if (state.status !== 'in') return null;
  return (
    <CSPProvider disableStyleElements>
      {later && (
        <Suspense>
          <Device />
        </Suspense>
      )}
      <a href="#main" className="sr-only z-50 rounded-md bg-raised px-3 py-2 shadow-float focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        {t.skip}
      </a>
      <div className="flex h-full">
        {open && <div className="fixed inset-0 z-30 bg-black/30 md:hidden" onClick={() => setOpen(false)} />}
        <aside
          aria-label={t.nav.sidebar}
          className={cn(
            'fixed inset-y-0 left-0 z-40 w-60 shrink-0 flex-col border-r border-line bg-sunken md:static md:flex',
            slim ? 'md:w-13' : 'md:w-56',
            open ? 'flex shadow-float' : 'hidden',
          )}
          ref={drawer}
        >
          <Sidebar close={() => setOpen(false)} drawer={open} slim={slim && !open} setSlim={setSlim} />
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line px-2 md:hidden">
            <IconButton label={t.nav.openSidebar} aria-expanded={open} onClick={() => setOpen(true)}>
              <MenuIcon aria-hidden />
            </IconButton>
            <Logo className="ml-1 size-5" />
            <span className="ml-1 min-w-0 flex-1 truncate font-medium">{organization?.name ?? t.product}</span>
            <IconButton label={t.nav.jump} aria-keyshortcuts={ariaKeys('mod+k')} onClick={() => show({ kind: 'palette' })}>
              <Search aria-hidden />
            </IconButton>
          </header>
          <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-hidden outline-none">
            {me.isError && me.data === undefined ? <Failed error={me.error} retry={() => void me.refetch()} /> : <Outlet />}
          </main>
        </div>
      </div>
      <p role="status" className="sr-only">
        {arrived}
      </p>
      <ScreenCommands toggleSidebar={() => setSlim(!slim)} />
      <Overlays />
      <Toasts containerAriaLabel={t.nav.notifications} hotkey={TOASTS} position="bottom-center" theme={shown} closeButton={false} duration={6000} toastOptions={{ className: 'text-sm' }} />
    </CSPProvider>
  );
}

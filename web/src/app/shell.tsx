import { CSPProvider } from '@base-ui/react/csp-provider';
import { useQuery } from '@tanstack/react-query';
import { Link, Outlet, useLocation, useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown, FolderTree, LogOut, Menu as MenuIcon, Monitor, Moon, Sun, User as UserIcon, Users, X } from 'lucide-react';
import { useEffect, useRef, useState, type ReactNode } from 'react';
import { Toaster } from 'sonner';
import { useStore } from 'zustand';
import { session } from '@/api/session';
import { readKept } from '@/collab/kept';
import { Avatar } from '@/ui/avatar';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Failed, Logo, Pending, Skeleton } from '@/ui/feedback';
import { Menu, MenuChoice, MenuItem, MenuLabel, MenuLine } from '@/ui/menu';
import { leave } from './leave';
import { followOrganization } from './live';
import { useChosenOrganization, useOrganization } from './organization';
import { meQuery, projectsQuery } from './query';
import { SignOut } from './sign-out';
import { t } from '@/texts';
import { useTheme } from './theme';

export function Shell() {
  const state = useStore(session.store);
  const me = useQuery(meQuery);
  const organization = useOrganization();
  const navigate = useNavigate();
  const location = useLocation();
  const [open, setOpen] = useState(false);
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

  // Changes of an earlier visit that the server has not got yet are sent without waiting for somebody to open their document.
  useEffect(() => {
    if (state.status !== 'in' || Object.keys(readKept(state.user.id)).length === 0) return;
    const { id, name, colour } = state.user;
    void import('@/collab/hub').then(({ hubOf }) => hubOf({ id, name, colour }));
  }, [state]);

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
      <a href="#main" className="sr-only z-50 rounded-md bg-raised px-3 py-2 focus:not-sr-only focus:fixed focus:top-2 focus:left-2">
        {t.skip}
      </a>
      <div className="flex h-full">
        {open && <div className="fixed inset-0 z-30 bg-black/30 md:hidden" onClick={() => setOpen(false)} />}
        <aside
          className={cn(
            'fixed inset-y-0 left-0 z-40 w-60 shrink-0 flex-col border-r border-line bg-sunken md:static md:flex md:w-56',
            open ? 'flex shadow-float' : 'hidden',
          )}
          ref={drawer}
        >
          <Sidebar close={() => setOpen(false)} drawer={open} />
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <header className="flex h-11 shrink-0 items-center gap-1 border-b border-line px-2 md:hidden">
            <IconButton label={t.nav.openSidebar} aria-expanded={open} onClick={() => setOpen(true)}>
              <MenuIcon aria-hidden />
            </IconButton>
            <Logo className="ml-1 size-5" />
            <span className="ml-1 truncate font-medium">{organization?.name ?? t.product}</span>
          </header>
          <main id="main" tabIndex={-1} className="flex min-h-0 flex-1 flex-col overflow-hidden outline-none">
            {me.isError ? <Failed error={me.error} retry={() => void me.refetch()} /> : <Outlet />}
          </main>
        </div>
      </div>
      <Toaster position="bottom-center" theme={shown} closeButton={false} duration={6000} toastOptions={{ className: 'text-sm' }} />
    </CSPProvider>
  );
}

const navItem =
  'flex h-8 items-center gap-2 rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-fg data-[status=active]:bg-active data-[status=active]:font-medium data-[status=active]:text-fg [&_svg]:size-4 [&_svg]:shrink-0 pointer-coarse:h-10';

function Sidebar({ close, drawer }: { close: () => void; drawer: boolean }) {
  const organization = useOrganization();
  const projects = useQuery({ ...projectsQuery(organization?.id ?? ''), enabled: organization !== undefined });
  return (
    <>
      <div className="flex h-12 items-center gap-1 px-2">
        <OrganizationMenu />
        {drawer && (
          <IconButton label={t.nav.closeSidebar} onClick={close} className="md:hidden">
            <X aria-hidden />
          </IconButton>
        )}
      </div>
      <nav aria-label={t.nav.label} className="min-h-0 flex-1 overflow-y-auto px-2 pt-1 pb-3">
        <ul className="grid gap-px">
          <NavItem to="/" icon={<FolderTree aria-hidden />} exact>
            {t.nav.projects}
          </NavItem>
          <NavItem to="/people" icon={<Users aria-hidden />}>
            {t.nav.people}
          </NavItem>
          <NavItem to="/account" icon={<UserIcon aria-hidden />}>
            {t.nav.account}
          </NavItem>
        </ul>
        <h2 className="mt-5 mb-1 px-2 text-xs font-medium text-faint">{t.projects.title}</h2>
        {projects.isPending ? (
          <Pending className="grid gap-3 px-2 pt-1.5">
            <Skeleton className="w-4/5" />
            <Skeleton className="w-3/5" />
          </Pending>
        ) : (
          <ul className="grid gap-px">
            {projects.data?.map((project) => (
              <li key={project.id}>
                <Link to="/p/$projectId" params={{ projectId: project.id }} className={navItem}>
                  <span aria-hidden className="flex h-4 min-w-4 items-center justify-center rounded bg-accent-soft px-1 text-[10px] font-semibold text-accent-text">
                    {project.key.slice(0, 3)}
                  </span>
                  <span className="truncate">{project.name}</span>
                </Link>
              </li>
            ))}
          </ul>
        )}
      </nav>
      <div className="border-t border-line p-2">
        <AccountMenu />
      </div>
    </>
  );
}

function NavItem({ to, icon, exact, children }: { to: string; icon: ReactNode; exact?: boolean; children: ReactNode }) {
  return (
    <li>
      <Link to={to} activeOptions={{ exact: exact ?? false }} className={navItem}>
        {icon}
        {children}
      </Link>
    </li>
  );
}

function OrganizationMenu() {
  const { data } = useQuery(meQuery);
  const organization = useOrganization();
  const choose = useChosenOrganization((state) => state.choose);
  const navigate = useNavigate();
  const name = (
    <>
      <Logo className="size-5 shrink-0" />
      <span className="min-w-0 flex-1 truncate text-left font-semibold">{organization?.name ?? t.product}</span>
    </>
  );
  if ((data?.organizations.length ?? 0) < 2) return <div className="flex min-w-0 flex-1 items-center gap-2 px-2">{name}</div>;
  return (
    <Menu
      trigger={
        <button
          type="button"
          aria-label={`${t.nav.organizationMenu}: ${organization?.name ?? ''}`}
          className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-md px-2 hover:bg-hover"
        >
          {name}
          <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-faint" />
        </button>
      }
    >
      <MenuChoice
        label={t.nav.organizationMenu}
        value={organization?.id ?? ''}
        options={(data?.organizations ?? []).map(({ id, name: label }) => ({ value: id, label }))}
        onChange={(id) => {
          choose(id);
          void navigate({ to: '/' });
        }}
      />
    </Menu>
  );
}

function AccountMenu() {
  const user = useStore(session.store, (state) => state.user);
  const theme = useTheme();
  const navigate = useNavigate();
  const [leaving, setLeaving] = useState(false);
  if (user === null) return null;
  return (
    <>
      <Menu
        side="top"
        trigger={
          <button
            type="button"
            className="flex h-10 w-full min-w-0 items-center gap-2 rounded-md px-2 text-left hover:bg-hover data-popup-open:bg-hover"
          >
            <span aria-hidden className="flex">
              <Avatar person={user} size={26} />
            </span>
            <span className="min-w-0 flex-1">
              <span className="block truncate text-sm font-medium">{user.name}</span>
              <span className="block truncate text-xs text-muted">{user.email}</span>
              <span className="sr-only">{t.nav.accountMenu}</span>
            </span>
            <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-faint" />
          </button>
        }
      >
        <MenuItem icon={<UserIcon aria-hidden />} onClick={() => void navigate({ to: '/account' })}>
          {t.nav.account}
        </MenuItem>
        <MenuLine />
        <MenuLabel>{t.nav.theme}</MenuLabel>
        <MenuChoice
          label={t.nav.theme}
          value={theme.theme}
          options={[
            { value: 'system', label: t.nav.themes.system, icon: <Monitor aria-hidden /> },
            { value: 'light', label: t.nav.themes.light, icon: <Sun aria-hidden /> },
            { value: 'dark', label: t.nav.themes.dark, icon: <Moon aria-hidden /> },
          ]}
          onChange={theme.set}
        />
        <MenuLine />
        <MenuItem icon={<LogOut aria-hidden />} onClick={() => setLeaving(true)}>
          {t.nav.signOut}
        </MenuItem>
      </Menu>
      {leaving && <SignOut user={user.id} onClose={() => setLeaving(false)} />}
    </>
  );
}

import { useQuery } from '@tanstack/react-query';
import { Link, useNavigate } from '@tanstack/react-router';
import { ChevronsUpDown, FolderTree, PanelLeftClose, PanelLeftOpen, Plus, Search, User as UserIcon, Users, X } from 'lucide-react';
import type { ReactNode } from 'react';
import { useStore } from 'zustand';
import type { Project } from '@/api/client';
import { session } from '@/api/session';
import { useFavourites } from '@/features/projects/favourites';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { IconButton } from '@/ui/button';
import { cn } from '@/ui/cn';
import { Logo, Pending, Skeleton } from '@/ui/feedback';
import { Kbd } from '@/ui/kbd';
import { lateEntries, Menu, MenuChoice } from '@/ui/menu';
import { ariaKeys, keysLabel } from './keys';
import { useChosenOrganization, useOrganization } from './organization';
import { show } from './overlay';
import { meQuery, projectsQuery } from './query';

const entries = lateEntries(() => import('./account-entries'));

type Props = {
  close: () => void;
  /** Over the screen, on a phone. */
  drawer: boolean;
  /** Icons only. */
  slim: boolean;
  setSlim: (slim: boolean) => void;
};

const entry =
  'flex h-8 items-center gap-2 rounded-md px-2 text-sm text-muted hover:bg-hover hover:text-fg data-[status=active]:bg-active data-[status=active]:font-medium data-[status=active]:text-fg [&_svg]:size-4 [&_svg]:shrink-0 pointer-coarse:h-10';

export function Sidebar({ close, drawer, slim, setSlim }: Props) {
  const organization = useOrganization();
  const toggle = slim ? t.nav.expand : t.nav.collapse;
  return (
    <>
      <div className={cn('flex h-12 shrink-0 items-center gap-1 px-2', slim && 'justify-center')}>
        {!slim && <OrganizationMenu />}
        {drawer ? (
          <IconButton label={t.nav.closeSidebar} onClick={close} className="md:hidden">
            <X aria-hidden />
          </IconButton>
        ) : (
          <IconButton label={toggle} title={`${toggle} (${keysLabel('[')})`} aria-keyshortcuts={ariaKeys('[')} aria-expanded={!slim} onClick={() => setSlim(!slim)}>
            {slim ? <PanelLeftOpen aria-hidden /> : <PanelLeftClose aria-hidden />}
          </IconButton>
        )}
      </div>
      <div className="px-2 pb-2">
        <button
          type="button"
          aria-label={slim ? t.nav.jump : undefined}
          title={slim ? `${t.nav.jump} (${keysLabel('mod+k')})` : undefined}
          aria-keyshortcuts={ariaKeys('mod+k')}
          onClick={() => show({ kind: 'palette' })}
          className={cn(
            'flex h-8 w-full items-center gap-2 rounded-md border border-line-strong bg-bg px-2 text-sm text-muted hover:bg-hover hover:text-fg pointer-coarse:h-10',
            slim && 'justify-center border-transparent bg-transparent',
          )}
        >
          <Search aria-hidden className="size-4 shrink-0" />
          {!slim && (
            <>
              <span className="min-w-0 flex-1 truncate text-left">{t.nav.jump}</span>
              <Kbd silent keys="mod+k" className="pointer-coarse:hidden" />
            </>
          )}
        </button>
      </div>
      <nav aria-label={t.nav.label} className="min-h-0 flex-1 overflow-y-auto px-2 pb-3">
        <ul className="grid gap-px">
          <Entry to="/" icon={<FolderTree aria-hidden />} slim={slim} exact>
            {t.nav.projects}
          </Entry>
          <Entry to="/search" icon={<Search aria-hidden />} slim={slim}>
            {t.nav.search}
          </Entry>
          <Entry to="/people" icon={<Users aria-hidden />} slim={slim}>
            {t.nav.people}
          </Entry>
          <Entry to="/account" icon={<UserIcon aria-hidden />} slim={slim}>
            {t.nav.account}
          </Entry>
        </ul>
        {organization !== undefined ? <Projects org={organization.id} mayEdit={organization.abilities.edit} slim={slim} /> : <ProjectsPending slim={slim} />}
      </nav>
      <div className="border-t border-line p-2">
        <AccountMenu slim={slim} />
      </div>
    </>
  );
}

function Entry({ to, icon, slim, exact, children }: { to: string; icon: ReactNode; slim: boolean; exact?: boolean; children: ReactNode }) {
  return (
    <li>
      <Link to={to} activeOptions={{ exact: exact ?? false, includeSearch: false }} className={cn(entry, slim && 'justify-center')} title={slim && typeof children === 'string' ? children : undefined}>
        {icon}
        <span className={cn('truncate', slim && 'sr-only')}>{children}</span>
      </Link>
    </li>
  );
}

function ProjectsPending({ slim }: { slim: boolean }) {
  return (
    <Pending className="mt-6 grid gap-3 px-2">
      <Skeleton className={slim ? 'w-full' : 'w-4/5'} />
      <Skeleton className={slim ? 'w-full' : 'w-3/5'} />
    </Pending>
  );
}

function Projects({ org, mayEdit, slim }: { org: string; mayEdit: boolean; slim: boolean }) {
  const projects = useQuery(projectsQuery(org));
  const [favourites] = useFavourites();
  if (projects.data === undefined) return projects.isError ? null : <ProjectsPending slim={slim} />;
  const starred = favourites.flatMap((id) => projects.data.find((project) => project.id === id) ?? []);
  const rest = projects.data.filter(({ id }) => !favourites.includes(id));
  return (
    <>
      {starred.length > 0 && <ProjectList title={t.projects.favourites} projects={starred} slim={slim} />}
      {(rest.length > 0 || starred.length === 0) && (
        <ProjectList
          title={t.projects.title}
          projects={rest}
          slim={slim}
          action={
            mayEdit && (
              <IconButton label={t.projects.new} className="size-6" onClick={() => show({ kind: 'project.new' })}>
                <Plus aria-hidden />
              </IconButton>
            )
          }
        />
      )}
    </>
  );
}

function ProjectList({ title, projects, slim, action }: { title: string; projects: readonly Project[]; slim: boolean; action?: ReactNode }) {
  return (
    <section aria-label={title}>
      {slim ? (
        <hr className="mx-1 my-2 border-line" />
      ) : (
        <div className="mt-4 mb-1 flex h-6 items-center pr-0.5 pl-2">
          <h2 className="flex-1 text-xs font-medium text-faint">{title}</h2>
          {action}
        </div>
      )}
      {projects.length === 0 && !slim && <p className="px-2 py-1 text-xs text-muted">{t.nav.noProjects}</p>}
      <ul className="grid gap-px">
        {projects.map((project) => (
          <li key={project.id}>
            <Link to="/p/$projectId" params={{ projectId: project.id }} className={cn(entry, slim && 'justify-center px-0')} title={slim ? project.name : undefined}>
              <span aria-hidden className="flex h-4 w-8 shrink-0 items-center justify-center overflow-hidden rounded bg-accent-soft text-[10px] font-semibold text-accent-text">
                {project.key.slice(0, 3)}
              </span>
              <span className={cn('truncate', slim && 'sr-only')}>{project.name}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
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
        <button type="button" aria-label={`${t.nav.organizationMenu}: ${organization?.name ?? ''}`} className="flex h-9 min-w-0 flex-1 items-center gap-2 rounded-md px-2 hover:bg-hover">
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

function AccountMenu({ slim }: { slim: boolean }) {
  const user = useStore(session.store, (state) => state.user);
  if (user === null) return null;
  return (
    <Menu
      side="top"
      entries={entries}
      trigger={
        <button
          type="button"
          title={slim ? user.name : undefined}
          className={cn('flex h-10 w-full min-w-0 items-center gap-2 rounded-md px-2 text-left hover:bg-hover data-popup-open:bg-hover', slim && 'justify-center px-0')}
        >
          <span aria-hidden className="flex">
            <Avatar person={user} size={26} />
          </span>
          <span className={cn('min-w-0 flex-1', slim && 'sr-only')}>
            <span className="block truncate text-sm font-medium">{user.name}</span>
            <span className="block truncate text-xs text-muted">{user.email}</span>
            <span className="sr-only">{t.nav.accountMenu}</span>
          </span>
          {!slim && <ChevronsUpDown aria-hidden className="size-3.5 shrink-0 text-faint" />}
        </button>
      }
    >
      <AccountEntries />
    </Menu>
  );
}

/** Only rendered in the open menu, which has waited for them. */
function AccountEntries() {
  const Late = entries.now()?.default;
  return Late === undefined ? null : <Late />;
}

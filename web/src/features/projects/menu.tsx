import { Ellipsis } from 'lucide-react';
import type { Project } from '@/api/client';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { lateEntries, Menu } from '@/ui/menu';

const entries = lateEntries(() => import('./entries'));

/** What can be done with a whole project. Its entries are fetched when somebody is about to open it. */
export function ProjectMenu({ project, className }: { project: Project; className?: string }) {
  return (
    <Menu
      align="end"
      entries={entries}
      trigger={
        <IconButton label={t.projects.menu(project.name)} className={className}>
          <Ellipsis aria-hidden />
        </IconButton>
      }
    >
      <Entries project={project} />
    </Menu>
  );
}

/** Only rendered in an open menu, which has waited for them. */
function Entries({ project }: { project: Project }) {
  const Late = entries.now()?.default;
  return Late === undefined ? null : <Late project={project} />;
}

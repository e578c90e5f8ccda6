import { Ellipsis } from 'lucide-react';
import { lazy, Suspense } from 'react';
import type { Project } from '@/api/client';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { Menu } from '@/ui/menu';

const load = () => import('./entries');
const Entries = lazy(load);
const prefetch = () => void load().catch(() => undefined);

/** What can be done with a whole project. Its entries are fetched when somebody is about to open it. */
export function ProjectMenu({ project, className }: { project: Project; className?: string }) {
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t.projects.menu(project.name)} className={className} onPointerEnter={prefetch} onFocus={prefetch}>
          <Ellipsis aria-hidden />
        </IconButton>
      }
    >
      <Suspense fallback={null}>
        <Entries project={project} />
      </Suspense>
    </Menu>
  );
}

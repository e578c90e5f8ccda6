import { useNavigate } from '@tanstack/react-router';
import { Download, Ellipsis, Link as LinkIcon, Pencil, Printer, Star, StarOff, Trash2, Upload } from 'lucide-react';
import type { Project } from '@/api/client';
import { copyText } from '@/app/clipboard';
import { show } from '@/app/overlay';
import { t } from '@/texts';
import { IconButton } from '@/ui/button';
import { Menu, MenuItem, MenuLine } from '@/ui/menu';
import { useFavourite } from './favourites';

/** What can be done with a whole project. */
export function ProjectMenu({ project, className }: { project: Project; className?: string }) {
  const navigate = useNavigate();
  const [favourite, setFavourite] = useFavourite(project.id);
  const { edit, delete: mayDelete } = project.abilities;
  return (
    <Menu
      align="end"
      trigger={
        <IconButton label={t.projects.menu(project.name)} className={className}>
          <Ellipsis aria-hidden />
        </IconButton>
      }
    >
      <MenuItem icon={favourite ? <StarOff aria-hidden /> : <Star aria-hidden />} onClick={() => setFavourite(!favourite)}>
        {favourite ? t.projects.unstar : t.projects.star}
      </MenuItem>
      <MenuItem icon={<LinkIcon aria-hidden />} onClick={() => copyText(`${window.location.origin}/p/${project.id}`, t.projects.linkCopied)}>
        {t.projects.copyLink}
      </MenuItem>
      {edit && (
        <MenuItem icon={<Pencil aria-hidden />} onClick={() => show({ kind: 'project.edit', project })}>
          {t.projects.edit}
        </MenuItem>
      )}
      <MenuLine />
      {edit && (
        <MenuItem icon={<Upload aria-hidden />} onClick={() => void navigate({ to: '/p/$projectId/import', params: { projectId: project.id } })}>
          {t.projects.import}
        </MenuItem>
      )}
      <MenuItem icon={<Download aria-hidden />} onClick={() => show({ kind: 'export', project: project.id })}>
        {t.projects.export}
      </MenuItem>
      <MenuItem icon={<Printer aria-hidden />} onClick={() => void navigate({ to: '/p/$projectId/print', params: { projectId: project.id } })}>
        {t.projects.print}
      </MenuItem>
      {mayDelete && (
        <>
          <MenuLine />
          <MenuItem icon={<Trash2 aria-hidden />} danger onClick={() => show({ kind: 'project.delete', project })}>
            {t.projects.delete}
          </MenuItem>
        </>
      )}
    </Menu>
  );
}

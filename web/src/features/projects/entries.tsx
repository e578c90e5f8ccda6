import { useNavigate } from '@tanstack/react-router';
import { Download, Link as LinkIcon, Pencil, Printer, Star, StarOff, Trash2, Upload } from 'lucide-react';
import type { Project } from '@/api/client';
import { copyText } from '@/app/clipboard';
import { show } from '@/app/overlay';
import { t } from '@/texts';
import { MenuItem, MenuLine } from '@/ui/menu';
import { useFavourite } from './favourites';

/** What the menu of a project offers. */
export default function ProjectEntries({ project }: { project: Project }) {
  const navigate = useNavigate();
  const [favourite, setFavourite] = useFavourite(project.id);
  const { edit, delete: mayDelete } = project.abilities;
  return (
    <>
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
    </>
  );
}

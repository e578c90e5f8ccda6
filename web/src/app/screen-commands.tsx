import { useNavigate, useParams } from '@tanstack/react-router';
import { useQuery } from '@tanstack/react-query';
import { t } from '@/texts';
import { copyText } from './clipboard';
import { useCommands, type Command } from './commands';
import { useOrganization } from './organization';
import { show } from './overlay';
import { projectQuery } from './query';
import { useTheme } from './theme';

/** What can be done wherever one is, and with the project or item that is open. */
export function ScreenCommands({ toggleSidebar }: { toggleSidebar: () => void }) {
  const navigate = useNavigate();
  const organization = useOrganization();
  const theme = useTheme((state) => state.set);
  const { projectId, itemId } = useParams({ strict: false });
  const { data: project } = useQuery({ ...projectQuery(projectId ?? ''), enabled: projectId !== undefined });
  const { commands: name, keywords } = t.palette;

  const everywhere: Command[] = [
    { id: 'palette', group: 'go', title: name.palette, keys: 'mod+k', run: () => show({ kind: 'palette' }) },
    { id: 'go.search', group: 'go', title: name.search, keys: '/', keywords: keywords.search, run: () => void navigate({ to: '/search' }) },
    { id: 'go.projects', group: 'go', title: name.projects, keys: 'g h', keywords: keywords.projects, run: () => void navigate({ to: '/' }) },
    { id: 'go.people', group: 'go', title: name.people, keys: 'g p', keywords: keywords.people, run: () => void navigate({ to: '/people' }) },
    { id: 'go.account', group: 'go', title: name.account, keys: 'g a', keywords: keywords.account, run: () => void navigate({ to: '/account' }) },
    { id: 'theme.light', group: 'view', title: name.theme.light, keywords: keywords.theme, run: () => theme('light') },
    { id: 'theme.dark', group: 'view', title: name.theme.dark, keywords: keywords.theme, run: () => theme('dark') },
    { id: 'theme.system', group: 'view', title: name.theme.system, keywords: keywords.theme, run: () => theme('system') },
    { id: 'sidebar.toggle', group: 'view', title: name.sidebar, keys: '[', keywords: keywords.sidebar, run: toggleSidebar },
    { id: 'copy.link', group: 'view', title: name.copyLink, keywords: keywords.copyLink, run: () => copyText(window.location.href, t.projects.linkCopied) },
    { id: 'shortcuts', group: 'help', title: name.shortcuts, keys: '?', keywords: keywords.shortcuts, run: () => show({ kind: 'shortcuts' }) },
    { id: 'signOut', group: 'help', title: name.signOut, keywords: keywords.signOut, run: () => show({ kind: 'signOut' }) },
  ];
  if (organization?.abilities.edit === true) {
    everywhere.push({
      id: 'project.create',
      group: 'create',
      title: name.newProject,
      // In a project, the key makes an item.
      keys: projectId === undefined ? 'c' : undefined,
      keywords: keywords.newProject,
     
      run: () => show({ kind: 'project.new' }),
    });
  }

  const here: Command[] = [];
  if (project !== undefined && projectId !== undefined) {
    const print = (item?: string) => void navigate({ to: '/p/$projectId/print', params: { projectId }, search: item === undefined ? {} : { item } });
    if (itemId !== undefined) {
      here.push(
        { id: 'pane.other', group: 'view', title: name.otherPane, keys: 'F6', run: () => void import('./panes').then(({ otherPane }) => otherPane()) },
        { id: 'item.export', group: 'change', title: name.exportItem, keywords: keywords.export, run: () => show({ kind: 'export', project: projectId, item: itemId }) },
        { id: 'item.print', group: 'change', title: name.printItem, keywords: keywords.print, run: () => print(itemId) },
      );
    }
    here.push(
      { id: 'project.export', group: 'change', title: name.exportProject, keywords: keywords.export, run: () => show({ kind: 'export', project: projectId }) },
      { id: 'project.print', group: 'change', title: name.printProject, keywords: keywords.print, run: () => print() },
    );
    if (project.abilities.edit) {
      here.push(
        {
          id: 'project.import',
          group: 'create',
          title: name.importInto,
          keywords: keywords.import,
         
          run: () => void navigate({ to: '/p/$projectId/import', params: { projectId } }),
        },
        { id: 'project.edit', group: 'change', title: name.editProject, keywords: keywords.editProject, run: () => show({ kind: 'project.edit', project }) },
      );
    }
    if (project.abilities.delete) {
      here.push({ id: 'project.delete', group: 'change', title: name.deleteProject, keywords: keywords.delete, run: () => show({ kind: 'project.delete', project }) });
    }
  }
  useCommands(everywhere);
  useCommands(here);
  return null;
}

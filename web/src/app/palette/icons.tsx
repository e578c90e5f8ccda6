/** Icons of the commands that are offered everywhere. Here and not with them: the first screen doesn't show them. */
import { CircleHelp, Columns2, Command as CommandIcon, Download, FolderTree, Link as LinkIcon, LogOut, Monitor, Moon, PanelLeft, Pencil, Plus, Printer, Search, Sun, Trash2, Upload, User as UserIcon, Users } from 'lucide-react';
import type { ReactNode } from 'react';

export const icons: Readonly<Record<string, ReactNode>> = {
  'palette': <CommandIcon aria-hidden />,
  'go.search': <Search aria-hidden />,
  'go.projects': <FolderTree aria-hidden />,
  'go.people': <Users aria-hidden />,
  'go.account': <UserIcon aria-hidden />,
  'theme.light': <Sun aria-hidden />,
  'theme.dark': <Moon aria-hidden />,
  'theme.system': <Monitor aria-hidden />,
  'sidebar.toggle': <PanelLeft aria-hidden />,
  'copy.link': <LinkIcon aria-hidden />,
  'shortcuts': <CircleHelp aria-hidden />,
  'signOut': <LogOut aria-hidden />,
  'project.create': <Plus aria-hidden />,
  'pane.other': <Columns2 aria-hidden />,
  'item.export': <Download aria-hidden />,
  'item.print': <Printer aria-hidden />,
  'project.export': <Download aria-hidden />,
  'project.print': <Printer aria-hidden />,
  'project.import': <Upload aria-hidden />,
  'project.edit': <Pencil aria-hidden />,
  'project.delete': <Trash2 aria-hidden />,
};

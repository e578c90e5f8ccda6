import { plural } from '../plural';

export const projects = {
  title: 'Projects',
  new: 'New project',
  emptyTitle: 'A project holds one spec',
  emptyText: 'Start with the product or release you want to describe. Break it into epics, features, stories and tasks, and write each one together with others, live.',
  emptySteps: ['Name the project', 'Add the first epic to its tree', 'Invite the people who write with you'],
  emptyViewer: 'There are no projects yet. Somebody who may edit can make the first one.',
  dialogTitle: 'New project',
  dialogText: 'One project is one tree of specs.',
  nameLabel: 'Name',
  namePlaceholder: 'Checkout redesign',
  keyLabel: 'Key',
  keyHelp: 'A short name for links and lists, such as CHK.',
  create: 'Create project',
  creating: 'Creating…',
  created: (date: string) => `Created ${date}`,
  count: (count: number) => plural(count, 'project', 'projects'),
};

import type { ItemType, Priority, Role, Status } from '@/api/client';

export const type: Record<ItemType, string> = { epic: 'Epic', feature: 'Feature', story: 'Story', task: 'Task', diagram: 'Diagram' };
export const status: Record<Status, string> = {
  backlog: 'Backlog',
  todo: 'To do',
  in_progress: 'In progress',
  in_review: 'In review',
  done: 'Done',
  cancelled: 'Cancelled',
};
export const priority: Record<Priority, string> = { none: 'No priority', low: 'Low', medium: 'Medium', high: 'High', urgent: 'Urgent' };
export const role: Record<Role, string> = { viewer: 'Viewer', editor: 'Editor', manager: 'Manager', admin: 'Admin', owner: 'Owner' };
export const roleHelp: Record<Role, string> = {
  viewer: 'Reads everything. Changes nothing.',
  editor: 'Writes items and moves them in the tree.',
  manager: 'Writes, and deletes and restores items.',
  admin: 'Everything, and manages people and settings.',
  owner: 'Everything, and owns the organization.',
};

/** The projects that were opened last on this device, the latest first: where the app starts, and what is kept for offline. */
const MOST = 5;
const keyOf = (user: string) => `canopy:${user}:recent`;

export function recentProjects(user: string): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(keyOf(user)) ?? '[]');
    return Array.isArray(stored) ? stored.filter((one): one is string => typeof one === 'string').slice(0, MOST) : [];
  } catch {
    return [];
  }
}

export function noteProject(user: string, project: string): void {
  const now = recentProjects(user);
  if (now[0] === project) return;
  try {
    localStorage.setItem(keyOf(user), JSON.stringify([project, ...now.filter((one) => one !== project)].slice(0, MOST)));
  } catch {
    // Only a convenience.
  }
}

export const nav = {
  label: 'Main',
  projects: 'Projects',
  people: 'People',
  account: 'Account',
  openSidebar: 'Open navigation',
  closeSidebar: 'Close navigation',
  signOut: 'Sign out',
  theme: 'Appearance',
  themes: { system: 'System', light: 'Light', dark: 'Dark' },
  accountMenu: 'account menu',
  organizationMenu: 'Switch organization',
};

export const device = {
  updateReady: 'A new version of Canopy is ready.',
  reload: 'Reload',
  install: 'Install Canopy as an app',
  installWords: 'desktop home screen pwa offline',
};

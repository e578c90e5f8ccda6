// Sets the theme before the first paint. A file of its own, because the content security policy allows no inline script.
(function () {
  var chosen = null;
  try {
    chosen = localStorage.getItem('canopy:theme');
  } catch {
    // Storage may be blocked; the system's preference applies.
  }
  if (chosen !== 'light' && chosen !== 'dark') {
    chosen = window.matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  }
  document.documentElement.dataset.theme = chosen;
  // The ground of the page in both themes, for the bar of the browser or the window around it.
  document.querySelector('meta[name=theme-color]').content = chosen === 'dark' ? '#141716' : '#ffffff';
})();

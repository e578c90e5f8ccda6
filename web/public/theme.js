// Before the first paint; a file, because the content security policy allows no inline script. See src/app/theme.ts.
{
  let theme = null;
  try {
    theme = localStorage.getItem('canopy:theme');
  } catch {}
  if (theme !== 'light' && theme !== 'dark') theme = matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light';
  document.documentElement.dataset.theme = theme;
  document.querySelector('meta[name=theme-color]').content = theme === 'dark' ? '#141716' : '#ffffff';
}

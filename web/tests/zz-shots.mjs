import { Canopy, PASSWORD } from './support/server.mjs';
import { Person } from './browser/person.mjs';
const want = process.argv.slice(2);
const server = await Canopy.start({ demo: true });
const [account] = await server.accounts();
const api = await server.api.signIn(account.email, account.password);
const org = await api.organization();
const { projects } = await api.get(`/organizations/${org.id}/projects`);
const project = projects[0];
const items = await api.items(project.id);
export const intercept = async (page) => {
  const json = (route, body, status = 200) => route.fulfill({ status, contentType: 'application/json', body: JSON.stringify(body) });
  let prefs = {};
  await page.route('**/api/v1/me/preferences', async (route) => { if (route.request().method() === 'PATCH') Object.assign(prefs, route.request().postDataJSON()); await json(route, prefs); });
  await page.route('**/api/v1/me/tokens', (route) => json(route, route.request().method() === 'POST' ? { id: 'x', token: 'canopy_pat_abcdefghijklmnopqrstuvwxyz0123456789' } : { tokens: [{ id: 'a', name: 'Nightly report', scopes: ['read'], created_at: '2026-10-01T00:00:00Z', expires_at: '2027-01-01T00:00:00Z', last_used_at: '2026-11-21T08:00:00Z' }] }));
  await page.route('**/api/v1/search?**', (route) => {
    const q = new URL(route.request().url()).searchParams.get('q').toLowerCase();
    const hits = items.filter((item) => item.title.toLowerCase().includes(q)).slice(0, 20).map((item) => { const at = item.title.toLowerCase().indexOf(q); return { item, project, path: items.filter((other) => other.id === item.parent).map(({ title }) => title), title: { text: item.title, marks: q ? [[at, at + q.length]] : [] }, snippet: q ? { text: `… the person sees ${q} on the way to the shop and goes on without a word …`, marks: [[17, 17 + q.length]] } : null }; });
    return json(route, { hits, next_cursor: null });
  });
  let imp = { id: 'imp1', name: 'shop.csv', format: 'csv', state: 'preview', columns: [{ name: 'Summary', samples: ['Pay by card', 'Pay by invoice'] }, { name: 'Kind', samples: ['Epic', 'Story'] }, { name: 'Reporter', samples: [] }], mapping: { Summary: 'title', Kind: 'type' }, sample: [{ title: 'Checkout', type: 'epic', status: 'todo', children: [{ title: 'Pay by card', type: 'feature', status: 'in_progress', children: [{ title: 'Remember the card', type: 'story', status: 'done', children: [] }] }] }, { title: 'Returns', type: 'epic', children: [] }], counts: { items: 4, by_type: { epic: 2, feature: 1, story: 1 } }, report: [{ level: 'warning', code: 'parent', message: 'The parent “SHOP-12” is not in the file; the item stands at the top.', line: 14, count: 3 }, { level: 'info', code: 'col', message: 'The column “Reporter” has no place here and was left out.', count: 1 }], done: 0, total: 4, created_by: account.id, created_at: '2026-11-21T08:00:00Z' };
  await page.route('**/api/v1/projects/*/imports**', (route) => json(route, route.request().method() === 'POST' ? imp : { imports: [imp, { ...imp, id: 'imp2', name: 'old.md', state: 'done' }] }));
  await page.route('**/api/v1/imports/**', (route) => { const url = route.request().url(); if (url.endsWith('/run')) imp = { ...imp, state: 'running', done: 2 }; return json(route, url.includes('imp2') ? { ...imp, id: 'imp2', state: 'done', done: 4 } : imp); });
  await page.route('**/api/v1/projects/*/export?**', (route) => json(route, { items: items.slice(0, 8).map((item) => ({ ...item, description: { type: 'doc', content: [{ type: 'heading', attrs: { level: 2 }, content: [{ type: 'text', text: 'Why' }] }, { type: 'paragraph', content: [{ type: 'text', text: 'Because ' }, { type: 'text', text: 'people', marks: [{ type: 'bold' }] }, { type: 'text', text: ' asked for it.' }] }, { type: 'callout', attrs: { kind: 'warning' }, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'Mind the gap.' }] }] }, { type: 'taskList', content: [{ type: 'taskItem', attrs: { checked: true }, content: [{ type: 'paragraph', content: [{ type: 'text', text: 'One thing' }] }] }] }] }, criteria: [{ text: 'It works', done: true }, { text: 'It is fast', done: false }] })) }));
};
const views = {
  home: async (p) => { await p.go('/'); await p.page.getByText('Go on where').waitFor().catch(() => {}); },
  palette: async (p) => { await p.go(`/p/${project.id}`); await p.page.getByRole('tree').waitFor(); await p.press('Control+k'); await p.page.getByRole('dialog').getByRole('combobox').waitFor(); await p.page.waitForTimeout(200); },
  palette2: async (p) => { await p.go(`/p/${project.id}`); await p.page.getByRole('tree').waitFor(); await p.press('Control+k'); await p.page.getByRole('dialog').getByRole('combobox').waitFor(); await p.type('board'); await p.page.waitForTimeout(500); },
  shortcuts: async (p) => { await p.go('/'); await p.page.getByRole('heading', { level: 1 }).waitFor(); await p.press('?'); await p.page.getByRole('dialog').waitFor(); await p.page.waitForTimeout(200); },
  search: async (p) => { await p.go('/search?q=board'); await p.page.getByRole('option').first().waitFor(); },
  search0: async (p) => { await p.go('/search'); await p.page.waitForTimeout(300); },
  searchNone: async (p) => { await p.go('/search?q=zzzzz&type=epic,story'); await p.page.waitForTimeout(600); },
  account: async (p) => { await p.go('/account'); await p.page.getByText('Nightly').waitFor(); await p.page.waitForTimeout(200); },
  account2: async (p) => { await p.go('/account'); await p.page.getByText('Nightly').waitFor(); await p.page.getByText('Nightly').scrollIntoViewIfNeeded(); },
  token: async (p) => { await p.go('/account'); await p.button('New token').click(); await p.page.waitForTimeout(300); },
  import0: async (p) => { await p.go(`/p/${project.id}/import`); await p.page.getByText('Earlier').waitFor(); },
  import1: async (p) => { await p.go(`/p/${project.id}/import?id=imp1`); await p.page.getByText('Columns').waitFor(); await p.page.waitForTimeout(200); },
  import2: async (p) => { await p.go(`/p/${project.id}/import?id=imp2`); await p.page.getByText('Imported').waitFor(); },
  export: async (p) => { await p.go(`/p/${project.id}/${items[2].id}`); await p.page.getByRole('tree').waitFor(); await p.press('Escape'); await p.press('Control+k'); await p.page.getByRole('dialog').getByRole('combobox').waitFor(); await p.type('export this item'); await p.page.waitForTimeout(200); await p.press('Enter'); await p.page.getByText('whole project').waitFor(); await p.page.waitForTimeout(200); },
  print: async (p) => { await p.go(`/p/${project.id}/print`); await p.page.getByText('It works').first().waitFor(); },
  people: async (p) => { await p.go('/people'); await p.page.waitForTimeout(500); },
  menu: async (p) => { await p.go('/'); await p.button(/Actions for/).first().click(); await p.page.waitForTimeout(300); },
  slim: async (p) => { await p.go('/'); await p.page.getByRole('heading', { level: 1 }).waitFor(); await p.press('['); await p.page.waitForTimeout(300); },
  drawer: async (p) => { await p.go('/'); await p.page.getByRole('button', { name: 'Open navigation' }).click({ timeout: 800 }).catch(() => {}); await p.page.waitForTimeout(200); },
};
const sizes = { w: [1440, 900], l: [1024, 768], p: [390, 844] };
for (const theme of (process.env.THEMES ?? 'light,dark').split(',')) {
  for (const size of (process.env.SIZES ?? 'w').split(',')) {
    const [width, height] = sizes[size];
    const person = await Person.open(server.url, { theme, width, height });
    await person.signIn(account.email, account.password);
    await intercept(person.page);
    await person.go(`/p/${project.id}/${items[1].id}`); await person.page.waitForTimeout(600);
    for (const [name, show] of Object.entries(views)) {
      if (want.length && !want.includes(name)) continue;
      try {
        await show(person);
        await person.page.screenshot({ path: `/tmp/shots/${name}-${size}-${theme}.png` });
        if (!process.env.NOAXE) await person.accessible(name).catch((error) => console.log(`AXE ${name}-${size}-${theme}: ${error.message.slice(0, 900)}`));
        if (person.errors.length) { console.log(name, person.errors.splice(0)); }
      } catch (error) { console.log(`FAIL ${name}-${size}-${theme}: ${error.message.slice(0, 400)}`); await person.page.screenshot({ path: `/tmp/shots/${name}-${size}-${theme}-FAIL.png` }); }
    }
    await person.leave();
  }
}
await server.end();
process.exit(0);

// Every screen and what opens over it, each shown by a few steps: for pictures, for axe, for whoever looks at all of it.
import { gallery } from './gallery.mjs';
import { PASSWORD } from './server.mjs';

/** What an editor holds at most: every kind of block. */
const EVERYTHING = `## Why

A returning customer who reaches the till has **already** told us how they pay. Asking *again* costs us ==one in nine== of them; see [the study](https://example.com/study) and \`checkout.retry\`.

### What has to hold

- The card is offered, not assumed
  - with its brand and last four digits
- Nothing is charged before the last step

1. Choose a card
2. Confirm with the bank

- [x] Measure today's drop-out
- [ ] Write to the bank about exemptions

> “I thought that it had forgotten me.” (a customer, in March)

> [!NOTE]
> Cards that were saved before 2024 have no token yet.

> [!WARNING]
> A saved card is personal data. It leaves with the account.

> [!TIP]
> Try it with the card 4242.

\`\`\`typescript
export function offer(cards: Card[], now: Date): Card | null {
  // The newest that still works.
  return cards.filter((card) => card.until > now).at(-1) ?? null;
}
\`\`\`

| Country | Share | Exempt |
|---|---|---|
| Sweden | 41 % | yes |
| Portugal | 8 % | no |

---

Continued in `;

export async function prepare(server) {
  const [{ email, password }] = await server.accounts();
  const api = await server.api.signIn(email, password);
  const org = (await api.organization()).id;
  const project = (await api.get(`/organizations/${org}/projects`)).projects[0];
  const items = await api.items(project.id);
  const story = items.filter((item) => item.type === 'story').sort((a, b) => b.criteria_total - a.criteria_total)[0];
  const epic = items.find((item) => item.type === 'epic');
  const empty = await api.post(`/organizations/${org}/projects`, { name: 'Loyalty' });
  const rich = await api.post(`/projects/${empty.id}/items`, { title: 'Pay again with a card that we know', type: 'story' });
  const target = await api.post(`/projects/${empty.id}/items`, { title: 'Refund to the saved card', type: 'story', status: 'in_progress' });
  const blank = await api.post(`/organizations/${org}/projects`, { name: 'Returns desk' });
  const drawn = items.find((item) => item.type === 'diagram');
  const shapes = await api.post(`/projects/${empty.id}/items`, { title: 'Every shape there is', type: 'diagram' });
  const clear = await api.post(`/projects/${empty.id}/items`, { title: 'How money comes back', type: 'diagram' });
  const { link } = await api.post(`/organizations/${org}/invitations`, { role: 'editor' });
  const reader = { name: 'Vera Viewer', email: 'vera@example.com', password: PASSWORD };
  await api.invite('viewer', reader);
  return { email, password, api, org, project, items, story, epic, other: empty, rich, target, blank, drawn, shapes, clear, invitation: new URL(link).pathname, reader };
}

/** Fills the item that shows every kind of block, once. */
export async function fill(person, stage) {
  const { page } = person;
  await person.go(`/p/${stage.other.id}/${stage.rich.id}`);
  await person.description.waitFor();
  await person.says('Saved');
  await person.description.click();
  await person.description.evaluate((shown, text) => {
    const transfer = new DataTransfer();
    transfer.setData('text/plain', text);
    shown.dispatchEvent(new ClipboardEvent('paste', { clipboardData: transfer, bubbles: true, cancelable: true }));
  }, EVERYTHING);
  await person.description.locator('table').waitFor();
  await person.press('Control+End');
  await person.type(' #refund');
  await page.getByRole('option', { name: /Refund to the saved card/ }).waitFor();
  await person.press('Enter');
  await person.button('Add criterion').click();
  await person.type('Given a saved card, when I reach the till, then it is offered first');
  await person.press('Enter');
  await person.type('A card that has run out is never offered');
  await person.press('Enter');
  await person.type('The security code is asked for above 50 €, and whenever the address is new, however small the amount is');
  await page.getByRole('checkbox', { name: 'Criterion 2 done' }).check();
  await person.says('Saved');

  await draw(person, stage.other.id, stage.shapes.id);
  await paste(person, JSON.stringify(gallery([stage.rich, stage.target])));
  await person.says('Saved');
}

const canvas = (person) => person.page.getByRole('application', { name: 'Canvas' });

/** Opens a diagram, with the keys on its canvas. */
async function draw(person, project, id) {
  await person.go(`/p/${project}/${id}`);
  await canvas(person).waitFor();
  await person.pill.filter({ hasText: /^(Saved|Read only)$/ }).waitFor();
  await canvas(person).focus();
}

function paste(person, text) {
  return canvas(person).evaluate((stage, given) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', given);
    stage.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, text);
}

/** Chooses the shape that says `text`, wherever it is. */
async function choose(person, text) {
  const box = await canvas(person).locator('.react-flow__node', { hasText: text }).first().boundingBox();
  await person.page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
}

/** Shows the project's list as a tree, a board or a table: a choice that is remembered. */
const view = (person, name) => person.page.getByRole('radio', { name, exact: true }).or(person.button(name, { exact: true })).first().click();

const dialog = (person) => person.page.getByRole('dialog');
const menu = (person) => person.page.getByRole('menu').or(person.page.getByRole('listbox')).first();

/** A screen: who sees it, how it is reached, and what has to show before anybody looks. */
const SCREENS = [
  // Before signing in.
  ['setup', 'first', async (p, s) => { await p.page.goto(s.setup); await p.page.getByLabel('Organization').waitFor(); }],
  ['setup-refused', 'first', async (p) => { await p.page.getByLabel('Organization').fill('Northwind'); await p.page.getByLabel('Your name').fill('Ada'); await p.page.getByLabel('E-mail').fill('ada@example'); await p.page.getByLabel('Password', { exact: true }).fill('short'); await p.page.getByRole('main').getByRole('button').last().click(); await p.page.waitForTimeout(400); }],
  ['login', 'nobody', async (p) => { await p.go('/login'); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],
  ['login-wrong', 'nobody', async (p) => {
    await p.page.getByLabel('E-mail').fill('ada@example.com');
    await p.page.getByLabel('Password', { exact: true }).fill('not this one');
    await p.button('Sign in').click();
    await p.page.getByRole('alert').waitFor();
  }],
  ['forgot', 'nobody', async (p) => { await p.go('/forgot'); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],
  ['forgot-sent', 'nobody', async (p) => {
    await p.page.getByLabel('E-mail').fill('ada@example.com');
    await p.page.getByRole('main').getByRole('button').first().click();
    await p.page.getByRole('status').first().waitFor();
  }],
  ['reset', 'nobody', async (p) => { await p.go('/reset?token=x'); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],
  ['reset-bare', 'nobody', async (p) => { await p.go('/reset'); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],
  ['verify', 'nobody', async (p) => { await p.go('/verify?token=x'); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],
  ['setup-used', 'nobody', async (p) => { await p.go('/setup?token=x'); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],
  ['join', 'nobody', async (p, s) => { await p.go(s.invitation); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],
  ['join-gone', 'nobody', async (p) => { await p.go('/invite/nothing'); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],

  // Signed in.
  ['home', 'owner', async (p) => { await p.go('/'); await p.page.getByRole('main').getByRole('link').first().waitFor(); }],
  ['home-menu', 'owner', async (p, s) => { await p.page.getByRole('main').getByRole('button', { name: `Actions for ${s.project.name}` }).first().click(); await menu(p).waitFor(); }],
  ['project-new', 'owner', async (p) => { await p.press('Escape'); await p.button('New project').first().click(); await dialog(p).waitFor(); }],
  ['project-edit', 'owner', async (p, s) => {
    await p.press('Escape');
    await p.page.getByRole('main').getByRole('button', { name: `Actions for ${s.project.name}` }).first().click();
    await p.page.getByRole('menuitem', { name: 'Rename…' }).click();
    await dialog(p).waitFor();
  }],
  ['project-delete', 'owner', async (p, s) => {
    await p.press('Escape');
    await p.page.getByRole('main').getByRole('button', { name: `Actions for ${s.project.name}` }).first().click();
    await p.page.getByRole('menuitem', { name: 'Delete…' }).click();
    await p.page.getByRole('dialog').or(p.page.getByRole('alertdialog')).waitFor();
  }],
  ['account-menu', 'owner', async (p) => { await p.press('Escape'); await p.button(/account menu/).click(); await p.page.getByRole('menu').waitFor(); }, { wide: true }],
  ['sign-out', 'owner', async (p) => { await p.page.getByRole('menuitem', { name: 'Sign out' }).click(); await p.page.getByRole('alertdialog').waitFor(); }, { wide: true }],
  ['people', 'owner', async (p, s) => { await p.go('/people'); await p.page.getByRole('main').getByText(s.email).waitFor(); }],
  ['people-role', 'owner', async (p) => { await p.page.getByRole('combobox', { name: /^Role of Vera/ }).click(); await p.page.getByRole('option').first().waitFor(); }],
  ['people-remove', 'owner', async (p) => { await p.press('Escape'); await p.button(/^Remove Vera/).click(); await p.page.getByRole('alertdialog').waitFor(); }],
  ['invite', 'owner', async (p) => { await p.press('Escape'); await p.button('Invite people').click(); await dialog(p).waitFor(); }],
  ['invite-link', 'owner', async (p) => { await dialog(p).getByRole('button', { name: 'Create link' }).click(); await p.page.getByLabel('Invitation link').waitFor(); }],
  ['account', 'owner', async (p) => { await p.go('/account'); await p.page.getByRole('heading', { name: 'Access tokens' }).waitFor(); }],
  ['account-token', 'owner', async (p) => { await p.button('New token').click(); await dialog(p).waitFor(); }],
  ['account-token-made', 'owner', async (p) => { await dialog(p).getByLabel('Name').fill(`Nightly report ${Date.now() % 1000}`); await dialog(p).getByRole('button', { name: 'Create token' }).click(); await p.page.getByLabel('Token', { exact: true }).waitFor(); }],
  ['account-tokens', 'owner', async (p) => { await p.button('I have it').click(); await p.button(/^Revoke/).first().waitFor(); await p.button(/^Revoke/).first().scrollIntoViewIfNeeded(); }],
  ['account-email', 'owner', async (p) => { await p.press('Escape'); await p.button('Change e-mail').click(); await p.page.getByLabel('New e-mail').waitFor(); }],

  // The list of a project.
  ['tree', 'owner', async (p, s) => { await p.go(`/p/${s.project.id}`); await p.row(/./).first().waitFor(); }],
  ['tree-menu', 'owner', async (p) => { await p.row(/./).nth(3).click({ button: 'right' }); await menu(p).waitFor(); }],
  ['tree-status', 'owner', async (p) => { await p.press('Escape'); await p.row(/./).nth(3).getByRole('button', { name: /^Status of/ }).click(); await p.page.getByRole('option').first().waitFor(); }],
  ['tree-draft', 'owner', async (p) => { await p.press('Escape'); await p.page.getByRole('tree').focus(); await p.press('Home'); await p.press('Control+Enter'); await p.type('Refund to the card'); }],
  ['tree-rename', 'owner', async (p) => { await p.press('Escape'); await p.page.getByRole('tree').focus(); await p.press('Home'); await p.press('F2'); }],
  ['tree-selection', 'owner', async (p) => { await p.press('Escape'); await p.page.getByRole('tree').focus(); await p.press('Home'); await p.press('Space'); await p.press('Shift+ArrowDown'); await p.press('Shift+ArrowDown'); await p.page.getByText('3 selected').waitFor(); }],
  ['tree-move', 'owner', async (p) => { await p.page.getByRole('toolbar', { name: 'Selected items' }).getByRole('button', { name: 'Move to…' }).click(); await dialog(p).waitFor(); }],
  ['tree-assign', 'owner', async (p) => { await p.press('Escape'); await p.page.getByRole('toolbar', { name: 'Selected items' }).getByRole('button', { name: /Assign/ }).click(); await p.page.getByRole('option').first().waitFor(); }],
  ['tree-drag', 'owner', async (p, s) => {
    await p.go(`/p/${s.project.id}`);
    const row = p.row(/./).nth(5);
    await row.waitFor();
    const box = await row.boundingBox();
    await p.page.mouse.move(box.x + 120, box.y + 10);
    await p.page.mouse.down();
    await p.page.mouse.move(box.x + 150, box.y - 60, { steps: 6 });
    await p.page.getByTestId('drop-line').waitFor();
  }, { wide: true }],
  ['tree-display', 'owner', async (p) => { await p.press('Escape'); await p.page.mouse.up(); await p.button('Display').click(); await p.page.getByRole('menu').waitFor(); }],
  ['tree-filter-menu', 'owner', async (p) => { await p.press('Escape'); await p.button('Filter', { exact: true }).first().click(); await menu(p).waitFor(); }],
  ['tree-filter', 'owner', async (p, s) => {
    await p.press('Escape');
    await p.page.locator('#project-filter').fill(s.story.title.split(' ').at(-1));
  }],
  ['tree-nothing', 'owner', async (p) => { await p.press('Escape'); await p.page.locator('#project-filter').fill('zzzzzz'); await p.page.getByText('No item fits').waitFor(); }],
  ['bin', 'owner', async (p, s) => {
    if (s.binned === undefined) {
      s.binned = await s.api.post(`/projects/${s.project.id}/items`, { title: 'Gift cards by post', type: 'feature' });
      await s.api.post(`/projects/${s.project.id}/items`, { title: 'Choose a picture for the card', type: 'story', parent: s.binned.id });
      await s.api.delete(`/items/${s.binned.id}`);
    }
    await p.page.locator('#project-filter').fill('');
    await p.button('Bin').click();
    await dialog(p).getByText('Gift cards by post').waitFor();
  }],
  ['export', 'owner', async (p, s) => { await p.press('Escape'); await p.button(`Actions for ${s.project.name}`).first().click(); await p.page.getByRole('menuitem', { name: 'Export…' }).click(); await dialog(p).waitFor(); }],
  ['bin-empty', 'owner', async (p, s) => { await p.go(`/p/${s.blank.id}`); await p.button('Bin').click(); await dialog(p).getByText('The bin is empty.').waitFor(); }],
  ['tree-empty', 'owner', async (p, s) => { await p.go(`/p/${s.blank.id}`); await p.page.getByText('Start the tree').waitFor(); }],
  ['board-empty', 'owner', async (p) => { await view(p, 'Board'); await p.page.waitForTimeout(300); }],
  ['table-empty', 'owner', async (p) => { await view(p, 'Table'); await p.page.waitForTimeout(300); }],
  ['board', 'owner', async (p, s) => { await p.go(`/p/${s.project.id}`); await p.row(/./).first().waitFor(); await view(p, 'Board'); await p.page.getByRole('listbox').first().or(p.page.getByRole('grid').first()).or(p.page.getByRole('region', { name: /Board/ }).first()).first().waitFor(); }],
  ['board-draft', 'owner', async (p) => { await p.button(/^Add to /).nth(1).click(); await p.type('Ask the bank'); }],
  ['table', 'owner', async (p) => { await p.press('Escape'); await view(p, 'Table'); await p.page.getByRole('grid').waitFor(); }],
  ['table-columns', 'owner', async (p) => { await p.button('Columns').click(); await p.page.getByRole('menu').waitFor(); }],
  ['table-header', 'owner', async (p) => { await p.press('Escape'); await p.page.getByRole('columnheader', { name: /Status/ }).getByRole('button').first().click(); await p.page.waitForTimeout(200); }],
  ['table-selection', 'owner', async (p) => {
    await p.press('Escape');
    await p.page.getByRole('grid').getByRole('checkbox').nth(2).check();
    await p.page.getByRole('grid').getByRole('checkbox').nth(3).check();
  }],

  // An item.
  ['item', 'owner', async (p, s) => {
    await view(p, 'Tree').catch(() => undefined);
    await p.go(`/p/${s.project.id}/${s.story.id}`);
    await p.description.waitFor();
    await p.says('Saved');
  }],
  ['item-pill', 'owner', async (p) => { await p.pill.click(); await dialog(p).waitFor(); }],
  ['item-status', 'owner', async (p) => { await p.press('Escape'); await p.page.getByRole('combobox', { name: /^Status/ }).or(p.button(/^Status:/)).first().click(); await p.page.getByRole('option').first().waitFor(); }],
  ['item-assign', 'owner', async (p) => { await p.press('Escape'); await p.button(/^Assign people/).click(); await p.page.getByRole('option').first().waitFor(); }],
  ['item-labels', 'owner', async (p) => { await p.press('Escape'); await p.page.getByRole('region', { name: 'Properties' }).getByRole('button', { name: /^Labels/ }).first().click(); await p.page.getByPlaceholder('Find or add a label').fill('new one'); }],
  ['item-parent', 'owner', async (p) => { await p.press('Escape'); await p.button(/^Parent/).click(); await p.page.getByPlaceholder('Find an item').waitFor(); }],
  ['item-fields', 'owner', async (p) => { await p.press('Escape'); await p.button('Manage fields').or(p.button('Add field')).first().click(); await dialog(p).waitFor(); }],
  ['rich', 'owner', async (p, s) => { await p.go(`/p/${s.other.id}/${s.rich.id}`); await p.description.locator('table').waitFor(); await p.says('Saved'); }],
  ['rich-2', 'owner', async (p) => { await p.description.locator('.callout').first().evaluate((it) => it.scrollIntoView({ block: 'start' })); }],
  ['rich-3', 'owner', async (p) => { await p.description.locator('table').evaluate((it) => it.scrollIntoView({ block: 'start' })); await p.description.locator('td').first().click(); }],
  ['rich-4', 'owner', async (p) => { await p.button('Add criterion').scrollIntoViewIfNeeded(); }],
  ['rich-bubble', 'owner', async (p) => { await p.description.getByText('A returning customer').dblclick({ position: { x: 30, y: 8 } }); await p.page.waitForTimeout(400); }],
  ['rich-link', 'owner', async (p) => { await p.description.getByText('the study').click(); await p.page.waitForTimeout(500); }],
  ['rich-slash', 'owner', async (p) => {
    // Beside what it names: a chip is followed.
    await p.description.locator('p').last().click({ position: { x: 2, y: 8 } });
    await p.press('End');
    await p.press('Enter');
    await p.type('/');
    await p.page.getByRole('listbox', { name: 'Insert' }).waitFor();
  }],
  ['rich-mention', 'owner', async (p) => { await p.press('Escape'); await p.press('Backspace'); await p.type('@'); await p.page.getByRole('listbox', { name: 'Mention somebody' }).waitFor(); }],
  ['rich-itemlink', 'owner', async (p) => { await p.press('Escape'); await p.press('Backspace'); await p.type('#'); await p.page.getByRole('listbox', { name: 'Link an item' }).waitFor(); }],
  ['rich-callout', 'owner', async (p) => { await p.press('Escape'); await p.press('Backspace'); await p.press('Backspace'); await p.button(/Change the kind/).first().click(); await p.page.getByRole('menu').waitFor(); }],
  ['rich-more', 'owner', async (p) => { await p.press('Escape'); await p.button('Turn into').first().click().catch(() => undefined); await p.page.waitForTimeout(300); }],
  ['rich-block', 'owner', async (p) => {
    await p.press('Escape');
    await p.description.getByText('A returning customer').hover();
    await p.button(/^Block: drag/).click();
    await p.page.getByRole('menu').waitFor();
  }, { wide: true }],
  ['rich-hover', 'owner', async (p, s) => {
    await p.go(`/p/${s.other.id}/${s.rich.id}`);
    await p.description.getByText('Refund to the saved card').hover();
    await p.page.getByText('Refund to the saved card').nth(2).waitFor();
  }, { wide: true }],
  ['backlinks', 'owner', async (p, s) => { await p.go(`/p/${s.other.id}/${s.target.id}`); await p.page.getByRole('heading', { name: 'Mentioned in' }).waitFor(); await p.page.getByRole('heading', { name: 'Mentioned in' }).scrollIntoViewIfNeeded(); }],
  ['toast', 'owner', async (p, s) => {
    await p.go(`/p/${s.other.id}`);
    await p.row(/Refund to the saved/).waitFor();
    await p.page.getByRole('tree').focus();
    await p.press('End');
    await p.press('Alt+ArrowUp');
    await p.page.locator('[data-sonner-toast]').first().waitFor();
  }],
  ['split', 'owner', async (p, s) => {
    await p.go(`/p/${s.project.id}/${s.story.id}?beside=${s.epic.id}`);
    await p.page.getByRole('textbox', { name: 'Description' }).nth(1).waitFor();
    await p.page.waitForTimeout(500);
  }, { least: 1_100 }],
  ['item-gone', 'owner', async (p, s) => { await p.go(`/p/${s.project.id}/${s.binned?.id ?? s.project.id}`); await p.page.waitForTimeout(800); }],

  // Diagrams.
  ['diagram', 'owner', async (p, s) => { await view(p, 'Tree').catch(() => undefined); await draw(p, s.project.id, s.drawn.id); await canvas(p).getByText('Customer portal').first().waitFor(); }],
  ['diagram-card', 'owner', async (p) => { await choose(p, 'Export to accounting'); await p.page.getByRole('region', { name: 'Style' }).or(p.button('Style')).first().waitFor(); }],
  ['diagram-style', 'owner', async (p) => { await choose(p, 'Customer portal'); const style = p.button('Style', { exact: true }); if (await style.isVisible()) await style.click(); await p.page.getByRole('region', { name: 'Style' }).waitFor(); }],
  ['diagram-many', 'owner', async (p) => { await canvas(p).focus(); await p.press('Control+a'); await p.page.waitForTimeout(200); }],
  ['diagram-menu', 'owner', async (p) => { await p.press('Shift+F10'); await p.page.getByRole('menu').waitFor(); }],
  ['diagram-empty-menu', 'owner', async (p) => { await p.press('Escape'); await p.press('Escape'); await p.press('Shift+F10'); await p.page.getByRole('menu').waitFor(); }],
  ['diagram-library', 'owner', async (p) => { await p.press('Escape'); await p.press('m'); await p.page.getByRole('region', { name: 'Shapes' }).waitFor(); }],
  ['diagram-list', 'owner', async (p) => { await p.press('Escape'); await canvas(p).focus(); await p.press('Shift+L'); await p.page.getByRole('region', { name: 'Elements' }).waitFor(); }],
  ['diagram-pick', 'owner', async (p) => { await canvas(p).focus(); await p.press('Shift+L'); await p.press('k'); await p.page.getByRole('option').first().waitFor(); }],
  ['diagram-zoom', 'owner', async (p) => { await p.press('Escape'); await p.button(/^Zoom: /).click(); await p.page.getByRole('menu').waitFor(); }],
  ['diagram-more', 'owner', async (p) => { await p.press('Escape'); await p.page.getByRole('group', { name: 'View' }).getByRole('button', { name: 'More' }).click(); await p.page.getByRole('menu', { name: 'More' }).waitFor(); }],
  ['diagram-shortcuts', 'owner', async (p) => { await p.press('Escape'); await canvas(p).focus(); await p.press('?'); await dialog(p).waitFor(); }],
  ['diagram-write', 'owner', async (p) => { await p.press('Escape'); await dialog(p).waitFor({ state: 'detached' }); await choose(p, 'Scheduling'); await p.press('Enter'); await p.page.getByRole('textbox', { name: /^Text of/ }).waitFor(); }],
  ['diagram-report', 'owner', async (p) => {
    await p.press('Escape');
    await dialog(p).waitFor({ state: 'detached' });
    await canvas(p).focus();
    await paste(p, 'flowchart LR\n  a["**Shop**"] --> b{{Paid?}}\n  click a call tell()\n  style a font-family:serif');
    await dialog(p).waitFor();
  }],
  ['diagram-all', 'owner', async (p, s) => { await p.press('Escape'); await dialog(p).waitFor({ state: 'detached' }); await p.press('Control+z'); await draw(p, s.other.id, s.shapes.id); await canvas(p).getByText('subroutine').first().waitFor(); }],
  ['diagram-connector', 'owner', async (p) => { await p.press('Shift+!'); await choose(p, 'orthogonal'); await p.page.waitForTimeout(300); }],
  ['diagram-empty', 'owner', async (p, s) => { await draw(p, s.other.id, s.clear.id); await p.page.getByText('Draw the first shape').waitFor(); }],
  ['stands-in', 'owner', async (p, s) => { await p.go(`/p/${s.other.id}/${s.target.id}`); await p.page.getByRole('link', { name: /Every shape/ }).first().waitFor(); await p.page.getByRole('link', { name: /Every shape/ }).last().scrollIntoViewIfNeeded(); }],

  // Palette, shortcuts, search.
  ['palette', 'owner', async (p, s) => { await view(p, 'Tree').catch(() => undefined); await p.go(`/p/${s.project.id}`); await p.row(/./).first().waitFor(); await p.press('Control+k'); await dialog(p).getByRole('combobox').waitFor(); await dialog(p).getByRole('option').first().waitFor(); }],
  ['palette-results', 'owner', async (p, s) => { await p.type(s.story.title.split(' ').at(-1).slice(0, 5)); await p.page.waitForTimeout(900); }],
  ['palette-nothing', 'owner', async (p) => { await p.press('Control+a'); await p.type('zzqqxx'); await p.page.waitForTimeout(900); }],
  ['shortcuts', 'owner', async (p) => { await p.press('Escape'); await dialog(p).waitFor({ state: 'detached' }); await p.page.getByRole('tree').focus(); await p.press('?'); await dialog(p).waitFor(); }],
  ['search', 'owner', async (p) => { await p.go('/search'); await p.page.getByLabel('Search for').waitFor(); }],
  ['search-results', 'owner', async (p) => { await p.page.getByLabel('Search for').fill('card'); await p.page.getByRole('option').first().waitFor(); }],
  ['search-filter', 'owner', async (p) => { await p.button(/^Status/).or(p.page.getByRole('combobox', { name: /^Status/ })).first().click(); await p.page.getByRole('option', { name: 'Done' }).or(p.page.getByRole('menuitemcheckbox', { name: 'Done' })).first().waitFor(); }],
  ['search-nothing', 'owner', async (p) => { await p.press('Escape'); await p.page.getByLabel('Search for').fill('zzqqxx'); await p.page.getByText('Nothing found').waitFor(); }],

  // In and out.
  ['import', 'owner', async (p, s) => { await p.go(`/p/${s.other.id}/import`); await p.page.getByText('Drop a file here').waitFor(); }],
  ['import-empty', 'owner', async (p) => { await p.page.getByLabel('File to import').setInputFiles({ name: 'nothing.csv', mimeType: 'text/plain', buffer: Buffer.from('') }); await p.page.getByText('This file is empty.').waitFor(); }],
  ['import-preview', 'owner', async (p) => {
    await p.page.getByLabel('File to import').setInputFiles({ name: 'shop.csv', mimeType: 'text/plain', buffer: Buffer.from('Ref,Title,Type,Status,Parent,Who cares\n1,Checkout,Epic,Open,,Sales\n2,Pay by card,Story,Doing,1,Finance\n3,Pay by invoice,Story,Open,1,\n4,Orphan,Task,Open,99,\n') });
    await p.button(/^Import \d+ items$/).waitFor();
  }],
  ['import-column', 'owner', async (p) => { await p.page.getByRole('combobox', { name: /^What the column Ref is/ }).click(); await p.page.getByRole('option').first().waitFor(); }],
  ['import-report', 'owner', async (p) => { await p.press('Escape'); await p.button(/^Import \d+ items$/).click(); await p.page.getByRole('heading', { name: /^Imported/ }).waitFor({ timeout: 30_000 }); }],
  ['print', 'owner', async (p, s) => { await p.go(`/p/${s.other.id}/print`); await p.page.getByRole('heading', { level: 1 }).waitFor(); await p.page.waitForTimeout(800); }],
  ['not-found', 'owner', async (p) => { await p.go('/nowhere'); await p.page.getByRole('heading', { level: 1 }).waitFor(); }],
  ['project-gone', 'owner', async (p) => { await p.go('/p/0197f3a0-0000-7000-8000-000000000000'); await p.page.waitForTimeout(1_000); }],

  // Narrow only.
  ['drawer', 'owner', async (p) => { await p.go('/'); await p.button('Open navigation').click(); await p.page.waitForTimeout(200); }, { narrow: true }],

  // Away from the server.
  ['unreachable', 'nobody', async (p) => {
    await p.page.route('**/api/**', (route) => route.abort());
    await p.go('/');
    await p.page.getByRole('heading', { level: 1 }).waitFor();
    await p.page.unroute('**/api/**');
  }],
  ['offline', 'away', async (p, s) => {
    await p.go(`/p/${s.other.id}/${s.target.id}`);
    await p.description.waitFor();
    await p.says('Saved');
    await p.installed();
    p.network.cut();
    await p.says('Offline');
    await p.append(p.description, 'Written on a train.');
  }],
  ['offline-pill', 'away', async (p) => { await p.pill.click(); await dialog(p).waitFor(); }],
  ['offline-search', 'away', async (p) => { await p.press('Escape'); await p.page.evaluate(() => document.querySelector('a[href="/search"]')?.click()); await p.page.getByLabel('Search for').fill('pay'); await p.page.waitForTimeout(900); }],

  // Who may only read.
  ['read-home', 'reader', async (p) => { await p.go('/'); await p.page.getByRole('main').getByRole('link').first().waitFor(); }],
  ['read-tree-empty', 'reader', async (p, s) => { await p.go(`/p/${s.blank.id}`); await p.page.getByRole('heading').first().waitFor(); await p.page.waitForTimeout(500); }],
  ['read-item', 'reader', async (p, s) => { await p.go(`/p/${s.other.id}/${s.rich.id}`); await p.description.locator('table').waitFor(); await p.page.waitForTimeout(500); }],
  ['read-diagram', 'reader', async (p, s) => { await draw(p, s.project.id, s.drawn.id); await choose(p, 'Customer portal'); }],
  ['read-diagram-menu', 'reader', async (p) => { await p.press('Shift+F10'); await p.page.getByRole('menu').waitFor(); }],
  ['read-people', 'reader', async (p, s) => { await p.go('/people'); await p.page.getByRole('main').getByText(s.email).waitFor(); }],
];

/** Of these, axe sees nothing that others don't show it. */
const ALIKE = new Set([
  ...['reset-bare', 'verify', 'setup-used', 'project-edit', 'people-remove', 'invite-link', 'account-token-made', 'account-tokens', 'tree-rename', 'tree-assign', 'tree-drag', 'tree-filter'],
  ...['bin-empty', 'board-empty', 'table-empty', 'table-header', 'item-labels', 'item-parent', 'rich-2', 'rich-3', 'rich-4', 'rich-mention', 'rich-itemlink', 'toast', 'diagram-card', 'diagram-empty-menu', 'diagram-zoom', 'diagram-write', 'import-empty', 'read-home', 'read-people', 'unreachable'],
]);

export const screens = SCREENS.map(([name, who, show, { wide, narrow, least } = {}]) => ({ name, who, show, wide, narrow, least, alike: ALIKE.has(name) }));

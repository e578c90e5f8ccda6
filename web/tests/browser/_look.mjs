import { Person } from './person.mjs';
import { Canopy } from '../support/server.mjs';
import { mkdirSync, readFileSync } from 'node:fs';
const out = '/tmp/look/'; mkdirSync(out, { recursive: true });
const server = await Canopy.start();
const api = server.api.as((await server.setUp()).access_token);
await api.invite('editor', { name: 'Ben Okafor', email: 'ben@example.com', password: 'quiet harbour lantern 47' });
const org = await api.organization();
const project = await api.post(`/organizations/${org.id}/projects`, { name: 'Checkout' });
const item = await api.post(`/projects/${project.id}/items`, { title: 'Pay with a card', type: 'story' });
const other = await api.post(`/projects/${project.id}/items`, { title: 'Refund a payment in two taps', type: 'epic' });
const me = (await api.get('/me')).user;
const md = `# Heading one

A paragraph with **bold**, *italic*, <u>underline</u>, ~~struck~~, ==highlighted== words, \`inline code\` and [a link](https://example.com/docs). Ask [@Ada Lindqvist](user:${me.id}) about [#Refund](item:${other.id}).

> [!NOTE]
> Callouts have five kinds. This one informs.

> [!WARNING]
> Never store a card number.
>
> - not in logs
> - not in mails

## Lists

- one
- two
  - nested
    - deeper
1. first
2. second

- [ ] open task
- [x] finished task
  - [ ] nested task

### Code

\`\`\`rust
fn main() {
    // says hello
    let name = "world";
    println!("Hello, {name}: {}", 42);
}
\`\`\`

| Field | Meaning | Required |
| --- | --- | --- |
| amount | In the smallest unit | yes |
| currency | ISO 4217 | yes |

> A quotation, as somebody said it.

---

[Plan.pdf](file:01890a5d-ac96-774b-bcce-b302099a8057?size=48213&type=application/pdf)

![Elsewhere](https://example.com/pic.png)
`;
export async function paste(person, text, html) {
  await person.description.evaluate((el, [text, html]) => {
    const data = new DataTransfer();
    data.setData('text/plain', text);
    if (html) data.setData('text/html', html);
    el.dispatchEvent(new ClipboardEvent('paste', { clipboardData: data, bubbles: true, cancelable: true }));
  }, [text, html]);
}
const only = process.argv[2];
try {
  let first = true;
  for (const theme of ['light', 'dark'])
    for (const [size, box] of Object.entries({ wide: { width: 1440, height: 1000 }, phone: { width: 390, height: 844 } })) {
      const p = await Person.open(server.url, { theme, ...box });
      await p.signIn('ada@example.com');
      await p.go(`/p/${project.id}/${item.id}`);
      await p.description.waitFor().catch(async (e) => { await p.page.screenshot({ path: out + 'fail.png' }); console.log(p.errors); throw e; });
      await p.says('Saved');
      if (first) { await p.description.click(); await paste(p, md); await p.page.waitForTimeout(1200); await p.says('Saved'); first = false; }
      await p.page.waitForTimeout(900);
      const shot = async (name) => { await p.page.waitForTimeout(350); await p.page.screenshot({ path: `${out}${name}-${size}-${theme}.png` }); };
      await shot('top');
      await p.page.locator('.tableWrapper').scrollIntoViewIfNeeded();
      await p.description.getByText('In the smallest unit').click();
      await shot('table');
      if (theme === 'light' || size === 'wide') {
        await p.press('Control+Home'); await p.press('Control+End'); await p.press('Enter');
        await p.type('/'); await shot('slash'); await p.press('Escape');
        await p.press('Backspace'); await p.type('@'); await shot('people'); await p.press('Escape'); await p.press('Backspace');
        await p.type('#ref'); await shot('items'); await p.press('Escape'); for (let i = 0; i < 4; i++) await p.press('Backspace'); 
        if (size === 'wide') {
          await p.page.locator('.chip-itemLink').hover(); await p.page.waitForTimeout(500); await shot('hover-item');
          await p.page.locator('.chip-mention').hover(); await p.page.waitForTimeout(500); await shot('hover-person');
          await p.description.getByText('a link').click(); await shot('link');
          await p.description.getByText('bold').first().dblclick(); await shot('bubble');
          await p.description.getByText('says hello').hover(); await p.page.waitForTimeout(200); await shot('handle');
          await p.button('Block: drag').click(); await shot('block-menu'); await p.press('Escape');
        }
      }
      for (const error of p.errors) console.log(size, theme, error);
      await p.leave();
    }
} finally { await server.end(); }

import { Person } from './person.mjs';
import { Canopy } from '../support/server.mjs';
const server = await Canopy.start();
const api = server.api.as((await server.setUp()).access_token);
const org = await api.organization();
const project = await api.post(`/organizations/${org.id}/projects`, { name: 'Checkout' });
const item = await api.post(`/projects/${project.id}/items`, { title: 'Pay with a card', type: 'story' });
const a = await Person.open(server.url, {});
try {
  await a.signIn('ada@example.com');
  await a.go(`/p/${project.id}/${item.id}`); await a.description.waitFor(); await a.says('Saved');
  await a.description.click(); await a.type(process.argv[2] ?? 'hello world'); await a.page.waitForTimeout(500); await a.says('Saved');
  console.log('a:', await a.text());
  const b = await Person.open(server.url, {});
  await b.signIn('ada@example.com');
  await b.go(`/p/${project.id}/${item.id}`); await b.description.waitFor(); await b.page.waitForTimeout(1000);
  console.log('b:', await b.text(), b.errors);
  console.log('a:', await a.text(), a.errors);
  await b.page.reload(); await b.description.waitFor(); await b.page.waitForTimeout(1000);
  console.log('b2:', await b.text(), b.errors);
  await b.leave();
} finally { await a.leave(); await server.end(); }

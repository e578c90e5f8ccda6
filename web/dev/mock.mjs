// A stand-in for the server, for developing and looking at the client alone: the API, events and documents in memory, and the
// built client with the content security policy. Not a model of how the server works.
import { createServer } from 'node:http';
import { readFile } from 'node:fs/promises';
import { extname, join, normalize } from 'node:path';
import { fileURLToPath } from 'node:url';
import { randomUUID } from 'node:crypto';
import * as Y from 'yjs';
import { WebSocketServer } from 'ws';
import * as encoding from 'lib0/encoding';
import * as decoding from 'lib0/decoding';
import * as awarenessProtocol from 'y-protocols/awareness';
import { generateKeyBetween } from 'fractional-indexing';

const port = Number(process.env.PORT ?? 4610);
const dist = fileURLToPath(new URL('../dist', import.meta.url));
const CSP =
  "default-src 'self'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; font-src 'self'; object-src 'none'; base-uri 'none'; frame-ancestors 'none'; form-action 'self'";
const colours = ['#2f855a', '#b7791f', '#2b6cb0', '#b83280', '#6b46c1', '#c05621', '#2c7a7b'];
const all = (role) => ({
  view: true,
  edit: role !== 'viewer',
  delete: ['manager', 'admin', 'owner'].includes(role),
  admin: ['admin', 'owner'].includes(role),
  billing: role === 'owner',
});

const users = new Map();
const orgs = new Map();
const members = new Map(); // org -> Map(user -> role)
const projects = new Map();
const items = new Map();
const docs = new Map();
const sessions = new Map();
const tokens = new Map(); // access token -> session id
const cookies = new Map(); // refresh cookie -> session id
const invitations = new Map();
const streams = new Set();
const history = [];
const sockets = new Set();
let setupNeeded = process.argv.includes('--empty');
let down = false;
let holdAcks = false;
let seq = 0;
const now = () => new Date().toISOString();

function addUser(name, email, password) {
  const user = { id: randomUUID(), name, email, colour: colours[users.size % colours.length], email_verified: users.size % 2 === 0, password };
  users.set(user.id, user);
  return user;
}
const shownUser = ({ id, name, email, colour, email_verified }) => ({ id, name, email, colour, email_verified });

function emit(org, type, data, project_id) {
  const event = { id: ++seq, org, type, data: { type, organization_id: org, project_id, ...data } };
  history.push(event);
  for (const stream of streams) if (stream.org === org) stream.send(event);
}

// ---- documents
function docOf(id) {
  if (!docs.has(id)) {
    const doc = new Y.Doc();
    const entry = { id, doc, awareness: new awarenessProtocol.Awareness(doc), peers: new Set(), timer: null };
    entry.awareness.setLocalState(null);
    doc.on('update', (update, origin) => {
      for (const peer of entry.peers) if (peer !== origin) peer.send(id, 0, (e) => (encoding.writeVarUint(e, 2), encoding.writeVarUint8Array(e, update)));
      clearTimeout(entry.timer);
      entry.timer = setTimeout(() => project(id), 200);
    });
    docs.set(id, entry);
  }
  return docs.get(id);
}

function project(id) {
  const entry = docs.get(id);
  const item = items.get(id);
  if (item !== undefined) {
    const fields = entry.doc.getMap('fields');
    const criteria = entry.doc.getArray('acceptanceCriteria').toArray();
    Object.assign(item, {
      title: entry.doc.getText('title').toString(),
      type: fields.get('type') ?? item.type,
      status: fields.get('status') ?? item.status,
      priority: fields.get('priority') ?? item.priority,
      assignees: fields.get('assignees') ?? [],
      labels: fields.get('labels') ?? [],
      criteria_total: criteria.length,
      criteria_done: criteria.filter((one) => one.get('done') === true).length,
      updated_at: now(),
    });
    emit(projects.get(item.project_id).org_id, 'item.changed', { item }, item.project_id);
  } else if (projects.has(id)) {
    entry.doc.getMap('nodes').forEach((node, key) => {
      const placed = items.get(key);
      if (placed !== undefined) Object.assign(placed, { parent: node.get('parent'), rank: node.get('rank') });
    });
  }
}

function makeItem(projectId, { id = randomUUID(), title, type, status = 'backlog', parent = null, after, criteria = [], text = [] }) {
  const outline = docOf(projectId).doc.getMap('nodes');
  const siblings = [...outline.entries()]
    .filter(([key, node]) => node.get('parent') === parent && !items.get(key)?.deleted_at)
    .map(([key, node]) => ({ key, rank: node.get('rank') }))
    .sort((a, b) => (a.rank < b.rank ? -1 : 1));
  const index = after === undefined ? siblings.length : siblings.findIndex(({ key }) => key === after) + 1;
  const rank = generateKeyBetween(siblings[index - 1]?.rank ?? null, siblings[index]?.rank ?? null);
  items.set(id, {
    id, project_id: projectId, title, type, status, priority: 'none', assignees: [], labels: [],
    criteria_total: criteria.length, criteria_done: criteria.filter(([, done]) => done).length, parent, rank, deleted_at: null, updated_at: now(),
  });
  const { doc } = docOf(id);
  doc.transact(() => {
    doc.getText('title').insert(0, title);
    const fields = doc.getMap('fields');
    for (const [key, value] of Object.entries({ type, status, priority: 'none', assignees: [], labels: [] })) fields.set(key, value);
    doc.getArray('acceptanceCriteria').push(
      criteria.map(([content, done]) => {
        const map = new Y.Map();
        map.set('id', randomUUID());
        map.set('text', new Y.Text(content));
        map.set('done', done ?? false);
        return map;
      }),
    );
    const fragment = doc.getXmlFragment('description');
    for (const [name, content] of text) {
      const element = new Y.XmlElement(name === 'h2' ? 'heading' : 'paragraph');
      if (name === 'h2') element.setAttribute('level', 2);
      element.insert(0, [new Y.XmlText(content)]);
      fragment.push([element]);
    }
  });
  const node = new Y.Map();
  node.set('kind', 'item');
  node.set('parent', parent);
  node.set('rank', rank);
  outline.set(id, node);
  return items.get(id);
}

function subtree(id) {
  const found = [id];
  for (let at = 0; at < found.length; at += 1) for (const item of items.values()) if (item.parent === found[at] && !found.includes(item.id)) found.push(item.id);
  return found;
}

// ---- seed
if (!setupNeeded) {
  const ada = addUser('Ada Lindqvist', 'ada@example.com', 'correct horse battery');
  const ben = addUser('Ben Okafor', 'ben@example.com', 'correct horse battery');
  const vera = addUser('Vera Nowak', 'vera@example.com', 'correct horse battery');
  const org = { id: randomUUID(), name: 'Northwind', slug: 'northwind' };
  orgs.set(org.id, org);
  members.set(org.id, new Map([[ada.id, 'owner'], [ben.id, 'editor'], [vera.id, 'viewer']]));
  const invitation = { id: randomUUID(), token: 'demo-invite', org: org.id, role: 'editor', email: null, inviter: ada.name, expires_at: new Date(Date.now() + 6 * 864e5).toISOString() };
  invitations.set(invitation.id, invitation);
  if (!process.argv.includes('--no-projects')) {
    const made = { id: randomUUID(), org_id: org.id, name: 'Checkout redesign', key: 'CHK', description: 'One page, three steps, no account needed.', created_at: now() };
    projects.set(made.id, made);
    const other = { id: randomUUID(), org_id: org.id, name: 'Warehouse app', key: 'WH', description: null, created_at: now() };
    projects.set(other.id, other);
    const spec = [
      ['epic', 'Pay in one page', 'in_progress', [
        ['feature', 'Address with lookup', 'in_review', [
          ['story', 'Suggest addresses while typing', 'done', [['task', 'Debounce lookups to 150 ms', 'done'], ['task', 'Cache answers for a session', 'done']]],
          ['story', 'Enter an address by hand when lookup fails', 'in_progress', []],
        ]],
        ['feature', 'Card and wallet payment', 'in_progress', [
          ['story', 'Pay with a saved card in two taps', 'todo', [['task', 'Tokenise at the provider'], ['task', 'Show the last four digits']]],
          ['story', 'Apple Pay and Google Pay', 'backlog', []],
          ['story', 'A declined card keeps what was typed', 'todo', []],
        ]],
        ['feature', 'Order summary that stays in view', 'todo', []],
      ]],
      ['epic', 'Guest checkout', 'todo', [
        ['feature', 'Order without an account', 'todo', [['story', 'Offer an account after the order, not before'], ['story', 'Find an order by e-mail and number']]],
        ['feature', 'Turn a guest order into an account', 'cancelled', []],
      ]],
      ['epic', 'Measure and learn', 'backlog', [['feature', 'Funnel by step'], ['feature', 'Abandoned baskets, with consent']]],
    ];
    const grow = (nodes, parent) => {
      for (const [type, title, status = 'backlog', below = []] of nodes) {
        const rich = title.startsWith('Pay with a saved card');
        const item = makeItem(made.id, {
          title, type, status, parent,
          criteria: rich
            ? [['Given a saved card, when I open payment, then it is selected', true], ['The amount and currency show on the button', true], ['A second tap within 2 s does nothing'], ['Works with a screen reader from start to end']]
            : type === 'story' ? [['Described with the support team'], ['Works on a phone with one hand', status === 'done']] : [],
          text: rich
            ? [['p', 'Returning customers have paid with us before. Asking for sixteen digits again costs us one in nine of them.'], ['h2', 'What we build'], ['p', 'The saved card is preselected. One tap opens the confirmation with amount, address and card; the second pays.'], ['h2', 'Out of scope'], ['p', 'Editing saved cards: that lives in the account.']]
            : [['p', `${title}: why it matters and for whom.`]],
        });
        grow(below, item.id);
      }
    };
    grow(spec, null);
    const many = Number(process.env.MANY ?? 0);
    for (let i = 0; i < many; i += 1) makeItem(other.id, { title: `Item ${i + 1}`, type: 'task' });
  }
}

// ---- HTTP
const json = (res, status, body, headers = {}) => {
  res.writeHead(status, { 'content-type': status >= 400 ? 'application/problem+json' : 'application/json', ...headers });
  res.end(body === undefined ? undefined : JSON.stringify(body));
};
const fail = (res, status, code, detail, errors) => json(res, status, { type: 'about:blank', title: code, status, code, detail, errors });

function signIn(res, user, agent, status = 200) {
  const session = { id: randomUUID(), user: user.id, created_at: now(), last_seen_at: now(), agent: agent ?? null, ip: '192.0.2.7' };
  sessions.set(session.id, session);
  issue(res, session, status);
}
function issue(res, session, status = 200) {
  const access = `t.${randomUUID()}`;
  const refresh = randomUUID();
  tokens.set(access, session.id);
  cookies.set(refresh, session.id);
  json(
    res, status,
    { access_token: access, expires_in: 900, user: shownUser(users.get(session.user)), session_id: session.id },
    { 'set-cookie': `canopy_refresh=${refresh}; Path=/api/v1/auth; HttpOnly; SameSite=Strict` },
  );
}
const sessionOf = (req) => sessions.get(tokens.get((req.headers.authorization ?? '').replace('Bearer ', '')));
const shownOrg = (org, role) => ({ ...org, role, abilities: all(role) });
const shownProject = (made, role) => ({ ...made, abilities: all(role) });

async function api(req, res, path, query) {
  const chunks = [];
  for await (const chunk of req) chunks.push(chunk);
  const body = chunks.length > 0 ? JSON.parse(Buffer.concat(chunks).toString()) : {};
  const at = `${req.method} ${path.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/g, ':id')}`;
  const ids = path.match(/[0-9a-f]{8}-[0-9a-f-]{27}/g) ?? [];
  const agent = req.headers['user-agent'];

  if (at === 'GET /setup') return json(res, 200, { needed: setupNeeded });
  if (at === 'POST /setup') {
    if (body.password.length < 12) return fail(res, 422, 'validation', 'Check the fields.', [{ field: 'password', message: 'Use at least 12 characters.' }]);
    setupNeeded = false;
    const user = addUser(body.name, body.email, body.password);
    const org = { id: randomUUID(), name: body.organization, slug: 'org' };
    orgs.set(org.id, org);
    members.set(org.id, new Map([[user.id, 'owner']]));
    return signIn(res, user, agent);
  }
  if (at === 'POST /auth/login') {
    const user = [...users.values()].find((one) => one.email === body.email && one.password === body.password);
    return user ? signIn(res, user, agent) : fail(res, 401, 'invalid_credentials', 'wrong');
  }
  if (at === 'POST /auth/refresh') {
    const cookie = /canopy_refresh=([^;]+)/.exec(req.headers.cookie ?? '')?.[1];
    const session = sessions.get(cookies.get(cookie));
    cookies.delete(cookie);
    return session ? issue(res, session) : fail(res, 401, 'no_session');
  }
  if (at === 'POST /auth/logout') {
    const session = sessionOf(req);
    if (session) sessions.delete(session.id);
    return json(res, 204);
  }
  if (at === 'POST /auth/password/forgot' || at === 'POST /auth/email/verify/resend') return json(res, 202);
  if (at === 'POST /auth/password/reset') return json(res, 204);
  if (at === 'POST /auth/email/verify') return body.token === 'bad' ? fail(res, 400, 'bad_token', 'This link has expired. Ask for a new one in your account.') : json(res, 204);
  const invite = /^\/invitations\/([^/]+)(\/accept)?$/.exec(path);
  if (invite) {
    const found = [...invitations.values()].find((one) => one.token === invite[1]);
    if (!found) return fail(res, 404, 'not_found');
    if (!invite[2]) return json(res, 200, { organization: { name: orgs.get(found.org).name }, role: found.role, inviter: { name: found.inviter }, email: found.email });
    const session = sessionOf(req);
    const user = session ? users.get(session.user) : addUser(body.name, body.email, body.password);
    members.get(found.org).set(user.id, found.role);
    invitations.delete(found.id);
    emit(found.org, 'member.changed', { user_id: user.id, role: found.role });
    return signIn(res, user, agent);
  }

  const session = sessionOf(req);
  if (!session) return fail(res, 401, 'unauthenticated');
  const user = users.get(session.user);
  const roleIn = (org) => members.get(org)?.get(user.id);
  switch (at) {
    case 'GET /me':
      return json(res, 200, { user: shownUser(user), organizations: [...orgs.values()].filter((org) => roleIn(org.id)).map((org) => shownOrg(org, roleIn(org.id))) });
    case 'PATCH /me':
      Object.assign(user, body);
      return json(res, 200, shownUser(user));
    case 'PUT /me/password':
      if (body.current !== user.password) return fail(res, 422, 'validation', 'Check the fields.', [{ field: 'current', message: 'This is not your current password.' }]);
      user.password = body.new;
      return json(res, 204);
    case 'GET /me/sessions':
      return json(res, 200, { sessions: [...sessions.values()].filter((one) => one.user === user.id).map(({ user: _u, ...one }) => ({ ...one, current: one.id === session.id })) });
    case 'DELETE /me/sessions/:id':
      sessions.delete(ids[0]);
      return json(res, 204);
    case 'GET /organizations/:id/members':
      return json(res, 200, { members: [...members.get(ids[0])].map(([id, role]) => ({ user: shownUser(users.get(id)), role, abilities: all(role) })) });
    case 'PATCH /organizations/:id/members/:id':
      members.get(ids[0]).set(ids[1], body.role);
      emit(ids[0], 'member.changed', { user_id: ids[1], role: body.role });
      for (const socket of sockets) socket.recheck(ids[1]);
      return json(res, 200, { user: shownUser(users.get(ids[1])), role: body.role });
    case 'DELETE /organizations/:id/members/:id':
      members.get(ids[0]).delete(ids[1]);
      return json(res, 204);
    case 'GET /organizations/:id/invitations':
      return json(res, 200, { invitations: [...invitations.values()].filter((one) => one.org === ids[0]).map(({ token: _t, org: _o, inviter: _i, ...one }) => one) });
    case 'POST /organizations/:id/invitations': {
      const made = { id: randomUUID(), token: randomUUID().slice(0, 13), org: ids[0], role: body.role, email: body.email ?? null, inviter: user.name, expires_at: new Date(Date.now() + 7 * 864e5).toISOString() };
      invitations.set(made.id, made);
      return json(res, 201, { id: made.id, link: `http://${req.headers.host}/invite/${made.token}`, role: made.role, expires_at: made.expires_at });
    }
    case 'DELETE /organizations/:id/invitations/:id':
      invitations.delete(ids[1]);
      return json(res, 204);
    case 'GET /organizations/:id/projects':
      return json(res, 200, { projects: [...projects.values()].filter((one) => one.org_id === ids[0]).map((one) => shownProject(one, roleIn(ids[0]))), next_cursor: null });
    case 'POST /organizations/:id/projects': {
      const made = { id: randomUUID(), org_id: ids[0], name: body.name, key: body.key ?? body.name.slice(0, 3).toUpperCase(), description: null, created_at: now() };
      projects.set(made.id, made);
      return json(res, 201, shownProject(made, roleIn(ids[0])));
    }
    case 'GET /events':
      return;
  }
  const made = projects.get(ids[0]) ?? projects.get(items.get(ids[0])?.project_id);
  if (!made || !roleIn(made.org_id)) return fail(res, 404, 'not_found');
  const role = roleIn(made.org_id);
  switch (at) {
    case 'GET /projects/:id':
      return json(res, 200, shownProject(made, role));
    case 'GET /projects/:id/items': {
      const deleted = query.get('deleted') === 'true';
      return json(res, 200, { items: [...items.values()].filter((item) => item.project_id === made.id && (item.deleted_at !== null) === deleted), next_cursor: null });
    }
    case 'POST /projects/:id/items': {
      const item = items.get(body.id) ?? makeItem(made.id, body);
      emit(made.org_id, 'item.changed', { item }, made.id);
      return json(res, 201, item);
    }
    case 'PATCH /items/:id': {
      const { doc } = docOf(ids[0]);
      doc.transact(() => {
        if (body.title !== undefined) {
          const text = doc.getText('title');
          text.delete(0, text.length);
          text.insert(0, body.title);
        }
        for (const key of ['status', 'type', 'priority']) if (body[key] !== undefined) doc.getMap('fields').set(key, body[key]);
      });
      return json(res, 200, { ...items.get(ids[0]), ...body });
    }
    case 'DELETE /items/:id': {
      const gone = subtree(ids[0]).filter((id) => items.get(id).deleted_at === null);
      const when = now();
      for (const id of gone) items.get(id).deleted_at = when;
      emit(made.org_id, 'item.deleted', { ids: gone }, made.id);
      for (const socket of sockets) for (const id of gone) socket.refuse(id, '4404:deleted');
      return json(res, 204);
    }
    case 'POST /items/:id/restore': {
      const item = items.get(ids[0]);
      const when = item.deleted_at;
      const back = subtree(ids[0]).filter((id) => items.get(id).deleted_at === when);
      for (const id of back) items.get(id).deleted_at = null;
      emit(made.org_id, 'item.restored', { ids: back }, made.id);
      return json(res, 200, item);
    }
  }
  return fail(res, 404, 'not_found');
}

function events(req, res, query) {
  if (!sessionOf(req)) return fail(res, 401, 'unauthenticated');
  res.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  const stream = {
    org: query.get('organization'),
    send: ({ id, type, data }) => res.write(`id: ${id}\nevent: ${type}\ndata: ${JSON.stringify(data)}\n\n`),
  };
  res.write(': hello\n\n');
  const last = Number(req.headers['last-event-id'] ?? seq);
  for (const event of history) if (event.id > last && event.org === stream.org) stream.send(event);
  streams.add(stream);
  stream.end = () => res.destroy();
  res.on('close', () => streams.delete(stream));
}

const types = { '.html': 'text/html; charset=utf-8', '.js': 'text/javascript', '.css': 'text/css', '.svg': 'image/svg+xml' };
async function file(res, path) {
  const wanted = normalize(path).replace(/^(\.\.[/\\])+/, '');
  const found = await readFile(join(dist, wanted)).catch(() => null);
  const body = found ?? (await readFile(join(dist, 'index.html')));
  res.writeHead(200, { 'content-type': types[found ? extname(wanted) : '.html'] ?? 'application/octet-stream', 'content-security-policy': CSP });
  res.end(body);
}

const server = createServer((req, res) => {
  const url = new URL(req.url, 'http://mock');
  const done = async () => {
    // Switches for the smoke test: /__mock/down, /up, /hold, /release, /refuse?document=…&reason=…
    if (url.pathname.startsWith('/__mock/')) {
      const what = url.pathname.slice(8);
      if (what === 'down') {
        down = true;
        for (const socket of sockets) socket.ws.terminate();
        for (const stream of streams) stream.end();
      } else if (what === 'up') down = false;
      else if (what === 'hold') holdAcks = true;
      else if (what === 'release') {
        holdAcks = false;
        for (const socket of sockets) socket.flush();
      } else if (what === 'refuse') for (const socket of sockets) socket.refuse(url.searchParams.get('document'), url.searchParams.get('reason'));
      else if (what === 'doc') {
        const { doc } = docOf(url.searchParams.get('document'));
        const text = { title: doc.getText('title').toString(), description: doc.getXmlFragment('description').toString(), criteria: doc.getArray('acceptanceCriteria').toJSON(), fields: doc.getMap('fields').toJSON(), nodes: doc.getMap('nodes').toJSON() };
        return json(res, 200, text);
      }
      return json(res, 204);
    }
    if (down) return req.socket.destroy();
    if (url.pathname === '/api/v1/events') return events(req, res, url.searchParams);
    if (url.pathname.startsWith('/api/v1')) return api(req, res, url.pathname.slice(7), url.searchParams);
    return file(res, url.pathname === '/' ? '/index.html' : url.pathname);
  };
  done().catch((error) => {
    console.error(error);
    if (!res.headersSent) fail(res, 500, 'internal');
  });
});

// ---- the socket
const wss = new WebSocketServer({ noServer: true });
server.on('upgrade', (req, socket, head) => {
  if (down || !req.url.startsWith('/collab')) return socket.destroy();
  wss.handleUpgrade(req, socket, head, (ws) => connect(ws));
});

function connect(ws) {
  const joined = new Map(); // document -> {user, write, clients}
  const held = [];
  const peer = {
    ws,
    send(document, type, write) {
      const e = encoding.createEncoder();
      encoding.writeVarString(e, document);
      encoding.writeVarUint(e, type);
      write(e);
      if (ws.readyState === 1) ws.send(encoding.toUint8Array(e));
    },
    refuse(document, reason) {
      if (!joined.has(document)) return;
      peer.send(document, 7, (e) => encoding.writeVarString(e, reason));
      leave(document);
    },
    recheck(user) {
      for (const [document, pass] of joined) if (pass.user.id === user && pass.write !== mayWrite(document, pass.user)) peer.refuse(document, '4403:read-only');
    },
    flush() {
      for (const ack of held.splice(0)) ack();
    },
  };
  sockets.add(peer);
  const ping = setInterval(() => ws.readyState === 1 && ws.send(new Uint8Array([9])), 10_000);
  const ack = (document) => {
    const act = () => peer.send(document, 8, (e) => encoding.writeVarInt(e, 1));
    if (holdAcks) held.push(act);
    else setTimeout(act, 5);
  };
  const spread = (entry, clients) => {
    const update = awarenessProtocol.encodeAwarenessUpdate(entry.awareness, clients);
    for (const other of entry.peers) other.send(entry.id, 1, (e) => encoding.writeVarUint8Array(e, update));
  };
  const leave = (document) => {
    const pass = joined.get(document);
    if (pass === undefined) return;
    joined.delete(document);
    const entry = docOf(document);
    entry.peers.delete(peer);
    const clients = [...pass.clients].filter((client) => entry.awareness.getStates().has(client));
    if (clients.length > 0) {
      awarenessProtocol.removeAwarenessStates(entry.awareness, clients, null);
      spread(entry, clients);
    }
  };
  const mayWrite = (document, user) => {
    const made = projects.get(document) ?? projects.get(items.get(document)?.project_id);
    return all(members.get(made.org_id).get(user.id) ?? 'viewer').edit;
  };
  ws.on('message', (data) => {
    const d = decoding.createDecoder(new Uint8Array(data));
    if (data.length < 2) return;
    const document = decoding.readVarString(d);
    const type = decoding.readVarUint(d);
    if (type === 2) {
      decoding.readVarUint(d);
      const [token] = decoding.readVarString(d).split('#');
      const session = sessions.get(tokens.get(token));
      const deny = (reason) => peer.send(document, 2, (e) => (encoding.writeVarUint(e, 1), encoding.writeVarString(e, reason)));
      if (!session) return deny('4401:session-ended');
      const item = items.get(document);
      if ((!item && !projects.has(document)) || item?.deleted_at) return deny('4404:deleted');
      const user = users.get(session.user);
      const write = mayWrite(document, user);
      joined.set(document, { user, write, clients: new Set() });
      peer.send(document, 2, (e) => (encoding.writeVarUint(e, 2), encoding.writeVarString(e, write ? 'read-write' : 'readonly')));
      const entry = docOf(document);
      entry.peers.add(peer);
      const clients = [...entry.awareness.getStates().keys()];
      if (clients.length > 0) peer.send(document, 1, (e) => encoding.writeVarUint8Array(e, awarenessProtocol.encodeAwarenessUpdate(entry.awareness, clients)));
      return;
    }
    const pass = joined.get(document);
    if (pass === undefined) return;
    const entry = docOf(document);
    if (type === 0) {
      const sync = decoding.readVarUint(d);
      const payload = decoding.readVarUint8Array(d);
      if (sync === 0) {
        peer.send(document, 0, (e) => (encoding.writeVarUint(e, 1), encoding.writeVarUint8Array(e, Y.encodeStateAsUpdate(entry.doc, payload))));
        peer.send(document, 0, (e) => (encoding.writeVarUint(e, 0), encoding.writeVarUint8Array(e, Y.encodeStateVector(entry.doc))));
        return;
      }
      const before = Y.encodeStateVector(entry.doc);
      if (!pass.write && Y.diffUpdate(payload, before).length > 2 && sync === 2) return peer.refuse(document, '4403:read-only');
      Y.applyUpdate(entry.doc, payload, peer);
      ack(document);
    } else if (type === 1) {
      const update = decoding.readVarUint8Array(d);
      const changed = [];
      const inner = decoding.createDecoder(update);
      const count = decoding.readVarUint(inner);
      for (let i = 0; i < count; i += 1) {
        const client = decoding.readVarUint(inner);
        decoding.readVarUint(inner);
        const state = JSON.parse(decoding.readVarString(inner));
        pass.clients.add(client);
        if (state !== null) state.user = { id: pass.user.id, name: pass.user.name, colour: pass.user.colour };
        const meta = entry.awareness.meta.get(client);
        entry.awareness.meta.set(client, { clock: (meta?.clock ?? 0) + 1, lastUpdated: Date.now() });
        if (state === null) entry.awareness.states.delete(client);
        else entry.awareness.states.set(client, state);
        changed.push(client);
      }
      const bytes = awarenessProtocol.encodeAwarenessUpdate(entry.awareness, changed);
      for (const other of entry.peers) if (other !== peer) other.send(document, 1, (e) => encoding.writeVarUint8Array(e, bytes));
    } else if (type === 7) leave(document);
  });
  ws.on('close', () => {
    clearInterval(ping);
    for (const document of [...joined.keys()]) leave(document);
    sockets.delete(peer);
  });
}

server.listen(port, '127.0.0.1', () => console.log(`listening on http://127.0.0.1:${server.address().port}`));

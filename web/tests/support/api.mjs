// The HTTP API, for what a test has to prepare and to look up.

export class Api {
  constructor(url, token = null) {
    this.url = url;
    this.token = token;
  }

  as(token) {
    return new Api(this.url, token);
  }

  async call(method, path, body) {
    const response = await fetch(`${this.url}/api/v1${path}`, {
      method,
      headers: {
        ...(this.token === null ? {} : { Authorization: `Bearer ${this.token}` }),
        ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      },
      body: body === undefined ? undefined : JSON.stringify(body),
      signal: AbortSignal.timeout(10_000),
    });
    const text = await response.text();
    if (!response.ok) throw Object.assign(new Error(`${method} ${path} answered ${response.status}: ${text}`), { status: response.status });
    return text === '' ? null : JSON.parse(text);
  }

  get = (path) => this.call('GET', path);
  post = (path, body) => this.call('POST', path, body);
  patch = (path, body) => this.call('PATCH', path, body);
  delete = (path) => this.call('DELETE', path);

  /** Signs in; gives an API of that person. */
  async signIn(email, password) {
    return this.as((await this.post('/auth/login', { email, password })).access_token);
  }

  /** The person's only organization. */
  async organization() {
    return (await this.get('/me')).organizations[0];
  }

  /** Makes an account that joins by an invitation; gives what the server answers. */
  async invite(role, { name, email, password }) {
    const { id } = await this.organization();
    const { link } = await this.post(`/organizations/${id}/invitations`, { role });
    return this.as(null).post(`/invitations/${link.split('/').at(-1)}/accept`, { name, email, password });
  }

  /** Every item of a project. */
  async items(project, deleted = false) {
    const all = [];
    for (let cursor = ''; ; ) {
      const page = await this.get(`/projects/${project}/items?deleted=${deleted}${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`);
      all.push(...page.items);
      if (page.next_cursor == null) return all;
      cursor = page.next_cursor;
    }
  }
}

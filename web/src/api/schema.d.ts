/**
 * The HTTP API as types, in the shape that openapi-typescript writes, so that the generated file can take this one's place.
 */

type Json<T> = { content: { 'application/json': T } };
type Fail = { content: { 'application/problem+json': components['schemas']['Problem'] } };
type Empty = { content?: never };
type RequestBody<Body> = [Body] extends [undefined] ? { requestBody?: never } : { requestBody: { content: { 'application/json': Body } } };
type Op<Path, Query, Body, Responses, Header = never> = {
  parameters: {
    query?: Query;
    header?: Header;
    path: Path;
    cookie?: never;
  };
  responses: Responses & { default: Fail };
} & RequestBody<Body>;
type Bare<Body, Responses> = {
  parameters: { query?: never; header?: never; path?: never; cookie?: never };
  responses: Responses & { default: Fail };
} & RequestBody<Body>;
type S = components['schemas'];

export interface paths {
  '/setup': {
    get: Bare<undefined, { 200: Json<{ needed: boolean }> }>;
    post: Bare<{ token: string; email: string; name: string; password: string; organization: string }, { 200: Json<S['Auth']> }>;
  };
  '/auth/login': { post: Bare<{ email: string; password: string }, { 200: Json<S['Auth']> }> };
  '/auth/refresh': { post: Bare<undefined, { 200: Json<S['Auth']> }> };
  '/auth/logout': { post: Bare<undefined, { 204: Empty }> };
  '/auth/password/forgot': { post: Bare<{ email: string }, { 202: Empty }> };
  '/auth/password/reset': { post: Bare<{ token: string; password: string }, { 204: Empty }> };
  '/auth/email/verify': { post: Bare<{ token: string }, { 204: Empty }> };
  '/auth/email/verify/resend': { post: Bare<undefined, { 202: Empty }> };
  '/me': {
    get: Bare<undefined, { 200: Json<S['Me']> }>;
    patch: Bare<{ name?: string }, { 200: Json<S['User']> }>;
  };
  '/me/password': { put: Bare<{ current: string; new: string }, { 204: Empty }> };
  '/me/sessions': { get: Bare<undefined, { 200: Json<{ sessions: S['Session'][] }> }> };
  '/me/sessions/{id}': { delete: Op<{ id: string }, never, undefined, { 204: Empty }> };
  '/organizations/{org}': {
    get: Op<{ org: string }, never, undefined, { 200: Json<S['Organization']> }>;
    patch: Op<{ org: string }, never, { name?: string }, { 200: Json<S['Organization']> }>;
  };
  '/organizations/{org}/members': {
    get: Op<{ org: string }, never, undefined, { 200: Json<{ members: S['Member'][] }> }>;
  };
  '/organizations/{org}/members/{user}': {
    patch: Op<{ org: string; user: string }, never, { role: S['Role'] }, { 200: Json<S['Member']> }>;
    delete: Op<{ org: string; user: string }, never, undefined, { 204: Empty }>;
  };
  '/organizations/{org}/invitations': {
    get: Op<{ org: string }, never, undefined, { 200: Json<{ invitations: S['Invitation'][] }> }>;
    post: Op<{ org: string }, never, { role: S['Role']; email?: string }, { 201: Json<S['NewInvitation']> }>;
  };
  '/organizations/{org}/invitations/{id}': {
    delete: Op<{ org: string; id: string }, never, undefined, { 204: Empty }>;
  };
  '/invitations/{token}': {
    get: Op<{ token: string }, never, undefined, { 200: Json<S['InvitationPreview']> }>;
  };
  '/invitations/{token}/accept': {
    post: Op<{ token: string }, never, { name?: string; email?: string; password?: string }, { 200: Json<S['Auth']> }>;
  };
  '/organizations/{org}/projects': {
    get: Op<{ org: string }, { cursor?: string }, undefined, { 200: Json<{ projects: S['Project'][]; next_cursor: string | null }> }>;
    post: Op<{ org: string }, never, { name: string; key?: string; description?: string }, { 201: Json<S['Project']> }, { 'Idempotency-Key'?: string }>;
  };
  '/projects/{project}': {
    get: Op<{ project: string }, never, undefined, { 200: Json<S['Project']> }>;
    patch: Op<{ project: string }, never, { name?: string; description?: string }, { 200: Json<S['Project']> }>;
    delete: Op<{ project: string }, never, undefined, { 204: Empty }>;
  };
  '/projects/{project}/items': {
    get: Op<{ project: string }, { deleted?: boolean; cursor?: string }, undefined, { 200: Json<{ items: S['Item'][]; next_cursor: string | null }> }>;
    post: Op<{ project: string }, never, S['NewItem'], { 201: Json<S['Item']> }>;
  };
  '/items/{item}': {
    get: Op<{ item: string }, never, undefined, { 200: Json<S['Item']> }>;
    patch: Op<{ item: string }, never, S['ItemPatch'], { 200: Json<S['Item']> }>;
    delete: Op<{ item: string }, never, undefined, { 204: Empty }>;
  };
  '/items/{item}/restore': { post: Op<{ item: string }, never, undefined, { 200: Json<S['Item']> }> };
}

export interface components {
  schemas: {
    Problem: {
      type: string;
      title: string;
      status: number;
      detail?: string;
      code: string;
      errors?: { field: string; message: string }[];
    };
    Role: 'viewer' | 'editor' | 'manager' | 'admin' | 'owner';
    Abilities: { view: boolean; edit: boolean; delete: boolean; admin: boolean; billing: boolean };
    User: { id: string; name: string; email: string; colour: string; email_verified: boolean };
    Auth: { access_token: string; expires_in: number; user: S['User']; session_id: string };
    Me: { user: S['User']; organizations: S['Organization'][] };
    Organization: { id: string; name: string; slug: string; role: S['Role']; abilities: S['Abilities'] };
    Session: {
      id: string;
      created_at: string;
      last_seen_at: string;
      agent: string | null;
      ip: string | null;
      current: boolean;
    };
    Member: {
      user: { id: string; name: string; email: string; colour: string };
      role: S['Role'];
      abilities?: S['Abilities'];
    };
    Invitation: {
      id: string;
      role: S['Role'];
      email?: string | null;
      created_at?: string;
      expires_at: string;
    };
    NewInvitation: { id: string; link: string; role: S['Role']; expires_at: string };
    InvitationPreview: { organization: { name: string } | string; role: S['Role']; inviter: { name: string } | string | null; email?: string | null };
    Project: {
      id: string;
      org_id: string;
      name: string;
      key: string;
      description?: string | null;
      created_at: string;
      updated_at?: string;
      abilities: S['Abilities'];
    };
    ItemType: 'epic' | 'feature' | 'story' | 'task';
    Status: 'backlog' | 'todo' | 'in_progress' | 'in_review' | 'done' | 'cancelled';
    Priority: 'none' | 'low' | 'medium' | 'high' | 'urgent';
    Item: {
      id: string;
      project_id: string;
      title: string;
      type: S['ItemType'];
      status: S['Status'];
      priority: S['Priority'];
      assignees: string[];
      labels: string[];
      criteria_total: number;
      criteria_done: number;
      parent: string | null;
      rank: string;
      deleted_at: string | null;
      updated_at: string;
    };
    NewItem: {
      id?: string;
      title: string;
      type: S['ItemType'];
      status?: S['Status'];
      parent?: string | null;
      after?: string | null;
      before?: string | null;
    };
    ItemPatch: { title?: string; status?: S['Status']; type?: S['ItemType']; priority?: S['Priority'] };
  };
}

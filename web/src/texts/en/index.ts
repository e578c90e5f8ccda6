import { common } from './common';
import { errors } from './errors';
import { keys } from './keys';
import { nav } from './nav';
import { signOut } from './signOut';
import { palette } from './palette';
import { search } from './search';
import { projects } from './projects';
import { people } from './people';
import { tree } from './tree';
import { fields } from './fields';
import { item } from './item';
import { editor } from './editor';
import { state } from './state';
import { work } from './work';
import { board } from './board';
import { table } from './table';
import { presence } from './presence';
import { operations } from './operations';
import { device } from './device';
import { type, status, priority } from './kinds';

import type { account } from './account';
import type { auth } from './auth';
import type { diagram } from './diagram';
import type { exporting } from './export';
import type { formats } from './formats';
import type { importing } from './import';

/** Texts that only come with the screens that show them: those files add themselves. */
interface Late {
  account: typeof account;
  auth: typeof auth;
  diagram: typeof diagram;
  exporting: typeof exporting;
  formats: typeof formats;
  importing: typeof importing;
}

const first = {
  product: 'Canopy',
  skip: 'Skip to content',
  kinds: { type, status, priority },
  common,
  errors,
  keys,
  nav,
  signOut,
  palette,
  search,
  projects,
  people,
  tree,
  fields,
  work,
  board,
  table,
  item,
  editor,
  state,
  presence,
  operations,
  device,
};

export const en = first as typeof first & Late;

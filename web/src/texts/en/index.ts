import { common } from './common';
import { errors } from './errors';
import { auth } from './auth';
import { keys } from './keys';
import { nav } from './nav';
import { signOut } from './signOut';
import { palette } from './palette';
import { search } from './search';
import { exporting } from './export';
import { importing } from './import';
import { projects } from './projects';
import { people } from './people';
import { account } from './account';
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

export const en = {
  product: 'Canopy',
  skip: 'Skip to content',
  kinds: { type, status, priority },
  common,
  errors,
  auth,
  keys,
  nav,
  signOut,
  palette,
  search,
  exporting,
  importing,
  projects,
  people,
  account,
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

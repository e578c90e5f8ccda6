import { common } from './common';
import { errors } from './errors';
import { auth } from './auth';
import { keys } from './keys';
import { nav } from './nav';
import { signOut } from './signOut';
import { projects } from './projects';
import { people } from './people';
import { account } from './account';
import { tree } from './tree';
import { fields } from './fields';
import { item } from './item';
import { editor } from './editor';
import { state } from './state';
import { presence } from './presence';
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
  projects,
  people,
  account,
  tree,
  fields,
  item,
  editor,
  state,
  presence,
};

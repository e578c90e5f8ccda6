import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import * as Y from 'yjs';
import { settleFresh } from './fresh';
import { itemRoots } from './schema';

const REMOTE = Symbol('the server');

/** What the server writes when it creates an item. */
function initial(title: string, type = 'story', status = 'backlog'): Y.Doc {
  const doc = new Y.Doc();
  const { title: text, fields } = itemRoots(doc);
  doc.transact(() => {
    fields.set('type', type as 'story');
    fields.set('status', status as 'backlog');
    fields.set('priority', 'none');
    if (title !== '') text.insert(0, title);
  });
  return doc;
}

/** The document as opening an item makes it that the server may not have. */
function opened(title: string): Y.Doc {
  const doc = new Y.Doc();
  const { title: text, fields } = itemRoots(doc);
  doc.transact(() => {
    text.insert(0, title);
    fields.set('type', 'story');
    fields.set('status', 'backlog');
  });
  return doc;
}

/** Both get all that the other has; `mine` first hears of the server, as at its first sync. */
function meet(mine: Y.Doc, server: Y.Doc, sent: string | null): void {
  let done = 0;
  settleFresh(mine, (origin) => origin === REMOTE, { sent, type: 'story', status: 'backlog' }, () => (done += 1));
  Y.applyUpdate(mine, Y.encodeStateAsUpdate(server), REMOTE);
  Y.applyUpdate(server, Y.encodeStateAsUpdate(mine));
  expect(done).toBe(1);
  expect(server.getText('title').toString()).toBe(mine.getText('title').toString());
  expect(server.getMap('fields').toJSON()).toEqual(mine.getMap('fields').toJSON());
}

describe('an item that was opened before the server had it', () => {
  it('has its title once, when the creation carried none', () => {
    for (let run = 0; run < 50; run += 1) {
      const [mine, server] = [opened('Pay'), initial('')];
      mine.getText('title').insert(3, ' fast');
      meet(mine, server, null);
      expect(mine.getText('title').toString()).toBe('Pay fast');
    }
  });

  it('has its title once, when an attempt whose answer was lost had carried it', () => {
    for (let run = 0; run < 50; run += 1) {
      const [mine, server] = [opened('Pay'), initial('Pay')];
      mine.getText('title').insert(3, ' fast');
      meet(mine, server, 'Pay');
      expect(mine.getText('title').toString()).toBe('Pay fast');
    }
  });

  it('keeps what somebody else has written into the title meanwhile', () => {
    for (let run = 0; run < 50; run += 1) {
      const [mine, server] = [opened('Pay'), initial('Pay')];
      server.getText('title').insert(3, ' now');
      mine.getText('title').insert(0, 'Please ');
      meet(mine, server, 'Pay');
      const title = mine.getText('title').toString();
      expect(title.match(/Pay/g)).toHaveLength(1);
      expect(title).toContain('Please');
      expect(title).toContain(' now');
    }
  });

  it('keeps the fields that were set here, whoever’s client number is larger', () => {
    for (let run = 0; run < 50; run += 1) {
      const [mine, server] = [opened('Pay'), initial('')];
      mine.getMap('fields').set('status', 'done');
      mine.getMap('fields').set('estimate', 3);
      meet(mine, server, null);
      expect(mine.getMap('fields').toJSON()).toEqual({ type: 'story', status: 'done', priority: 'none', estimate: 3 });
    }
  });

  it('leaves alone what was not chosen here', () => {
    const [mine, server] = [opened('Pay'), initial('')];
    server.getMap('fields').set('priority', 'high');
    meet(mine, server, null);
    expect(mine.getMap('fields').get('priority')).toBe('high');
  });
});

import { beforeEach, describe, expect, it } from 'vitest';
import type { Item } from '@/api/client';
import { applySet } from '@/collab/overlay';
import { effect, History, type Change, type Place, type Port } from './history';

const blank = (id: string): Item => ({ id, title: id, type: 'task', status: 'todo', priority: 'none', assignees: [], labels: [], custom: {} }) as unknown as Item;

/** A project of plain values: what undoing does to it is seen at once. */
class Project implements Port {
  items = new Map<string, Item>(['a', 'b', 'c'].map((id) => [id, blank(id)]));
  gone = new Map<string, Item>();
  places = new Map<string, Place>(['a', 'b', 'c'].map((id, n) => [id, { parent: null, rank: `a${n}` }]));
  calls: string[] = [];
  item = (id: string) => this.items.get(id);
  subtree = (id: string): string[] => [id, ...[...this.places].filter(([child, { parent }]) => parent === id && this.items.has(child)).flatMap(([child]) => this.subtree(child))];
  place = (id: string) => (this.items.has(id) ? (this.places.get(id) ?? null) : null);
  setPlaces: Port['setPlaces'] = (places) => places.forEach(({ id, place }) => this.places.set(id, place));
  bulk: Port['bulk'] = (ids, set) => {
    this.calls.push(`${ids.join('')}:${JSON.stringify(set)}`);
    for (const id of ids) this.items.set(id, applySet(this.items.get(id) as Item, set));
  };
  patch: Port['patch'] = (id, patch) => void this.items.set(id, { ...(this.items.get(id) as Item), ...(patch as Partial<Item>) });
  remove: Port['remove'] = (ids) => {
    for (const id of ids.flatMap(this.subtree)) {
      this.gone.set(id, this.items.get(id) as Item);
      this.items.delete(id);
    }
  };
  restore: Port['restore'] = (ids) => ids.forEach((id) => this.items.set(id, this.gone.get(id) as Item));
}

let project: Project;
let history: History;
beforeEach(() => {
  project = new Project();
  history = new History();
});

/** Does a change and remembers it. */
function set(ids: string[], change: Parameters<Port['bulk']>[1]): Change {
  const items = ids.flatMap((id) => {
    const made = effect(project.item(id) as Item, change);
    return made === null ? [] : [{ id, ...made }];
  });
  project.bulk(items.map(({ id }) => id), change);
  return history.add({ type: 'set', items }, 'set');
}

function move(id: string, to: Place): void {
  const from = project.place(id);
  project.setPlaces([{ id, place: to }]);
  history.add({ type: 'moved', places: [{ id, from, to }] }, `moved ${id}`);
}

describe('values', () => {
  it('go back and forth', () => {
    set(['a', 'b'], { status: 'done' });
    expect(history.undo(project)).toBe('set');
    expect(project.item('a')?.status).toBe('todo');
    expect(history.redo(project)).toBe('set');
    expect(project.item('b')?.status).toBe('done');
    expect(history.redo(project)).toBeNull();
  });

  it('go together when they go to the same', () => {
    project.bulk(['a'], { status: 'backlog' });
    set(['a', 'b', 'c'], { status: 'done' });
    project.calls = [];
    history.undo(project);
    expect(project.calls).toEqual(['a:{"status":"backlog"}', 'bc:{"status":"todo"}']);
  });

  it('that others have changed since stay as they are', () => {
    set(['a', 'b'], { status: 'done' });
    project.bulk(['a'], { status: 'cancelled' });
    history.undo(project);
    expect(project.item('a')?.status).toBe('cancelled');
    expect(project.item('b')?.status).toBe('todo');
  });

  it('of lists lose what was added, and nothing that others added', () => {
    project.bulk(['a'], { labels_add: ['old'] });
    set(['a'], { labels_add: ['mine'], labels_remove: ['old'] });
    project.bulk(['a'], { labels_add: ['theirs'] });
    history.undo(project);
    expect(project.item('a')?.labels).toEqual(['theirs', 'old']);
    history.redo(project);
    expect(project.item('a')?.labels).toEqual(['theirs', 'mine']);
  });

  it('that change nothing have no effect', () => {
    expect(effect(blank('a'), { status: 'todo', labels_remove: ['x'] })).toBeNull();
  });

  it('of one item alone go back too', () => {
    project.patch('a', { title: 'new', estimate: 3 });
    history.add({ type: 'set', items: [{ id: 'a', from: { title: 'a', estimate: null }, to: { title: 'new', estimate: 3 } }] }, 'edit');
    history.undo(project);
    expect(project.item('a')).toMatchObject({ title: 'a', estimate: null });
  });
});

it('values of a project’s own fields go back one by one', () => {
  project.patch('a', { custom: { f: 'x', g: 1 } });
  history.add({ type: 'set', items: [{ id: 'a', from: { custom: { f: null, g: null } }, to: { custom: { f: 'x', g: 1 } } }] }, 'edit');
  project.patch('a', { custom: { f: 'theirs', g: 1 } });
  history.undo(project);
  expect(project.item('a')?.custom).toEqual({ g: null });
});

describe('places', () => {
  it('go back and forth, step by step', () => {
    move('a', { parent: 'b', rank: 'a0' });
    move('a', { parent: 'c', rank: 'a5' });
    history.undo(project);
    expect(project.place('a')).toEqual({ parent: 'b', rank: 'a0' });
    history.undo(project);
    expect(project.place('a')).toEqual({ parent: null, rank: 'a0' });
    history.redo(project);
    expect(project.place('a')).toEqual({ parent: 'b', rank: 'a0' });
  });

  it('that others have chosen since stay, and the step before is undone instead', () => {
    move('a', { parent: 'b', rank: 'a0' });
    move('b', { parent: 'c', rank: 'a0' });
    project.setPlaces([{ id: 'b', place: { parent: null, rank: 'a9' } }]);
    expect(history.undo(project)).toBe('moved a');
    expect(project.place('b')).toEqual({ parent: null, rank: 'a9' });
    expect(project.place('a')).toEqual({ parent: null, rank: 'a0' });
    expect(history.undo(project)).toBeNull();
  });

  it('can be undone one by one, in any order', () => {
    move('a', { parent: 'b', rank: 'a0' });
    const second = history.add({ type: 'moved', places: [{ id: 'c', from: { parent: null, rank: 'a2' }, to: { parent: null, rank: 'a8' } }] }, 'c');
    project.setPlaces([{ id: 'c', place: { parent: null, rank: 'a8' } }]);
    expect(history.undoOne(second, project)).toBe(true);
    expect(project.place('c')?.rank).toBe('a2');
    expect(history.undoOne(second, project)).toBe(false);
    expect(history.undo(project)).toBe('moved a');
  });
});

describe('what was made and deleted', () => {
  it('is deleted and comes back', () => {
    history.add({ type: 'made', roots: ['c'], ids: ['c'] }, 'made');
    history.undo(project);
    expect(project.item('c')).toBeUndefined();
    history.redo(project);
    expect(project.item('c')).toBeDefined();
    project.remove(['a']);
    history.add({ type: 'deleted', roots: ['a'] }, 'deleted');
    history.undo(project);
    expect(project.item('a')).toBeDefined();
    history.redo(project);
    expect(project.item('a')).toBeUndefined();
  });

  it('stays when somebody has put something of theirs inside', () => {
    history.add({ type: 'made', roots: ['c'], ids: ['c'] }, 'made');
    project.setPlaces([{ id: 'b', place: { parent: 'c', rank: 'a0' } }]);
    expect(history.undo(project)).toBeNull();
    expect(project.item('c')).toBeDefined();
  });

  it('forgets what was undone when something new is done', () => {
    set(['a'], { status: 'done' });
    history.undo(project);
    set(['b'], { status: 'done' });
    expect(history.redo(project)).toBeNull();
  });
});

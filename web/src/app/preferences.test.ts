import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Preferences, Refused, type PreferenceServer } from './preferences';

class Account implements PreferenceServer {
  values: Record<string, unknown> = {};
  saved: Record<string, unknown>[] = [];
  away = false;
  refuses = false;
  load = async () => {
    if (this.away) throw new Error('away');
    return { ...this.values };
  };
  save = async (change: Readonly<Record<string, unknown>>) => {
    if (this.away) throw new Error('away');
    if (this.refuses) throw new Refused('no');
    this.saved.push(change);
    for (const [key, value] of Object.entries(change)) {
      if (value === null) delete this.values[key];
      else this.values[key] = value;
    }
  };
}

class Disk {
  kept = new Map<string, string>();
  getItem = (key: string) => this.kept.get(key) ?? null;
  setItem = (key: string, value: string) => void this.kept.set(key, value);
}

describe('Preferences', () => {
  let account: Account;
  let disk: Disk;
  const device = (over = disk) => {
    const preferences = new Preferences(account, over);
    preferences.own('ada');
    return preferences;
  };
  const values = (preferences: Preferences) => preferences.store.getState();

  beforeEach(() => {
    vi.useFakeTimers();
    account = new Account();
    disk = new Disk();
  });
  afterEach(() => vi.useRealTimers());

  it('is there at once, and in the account a moment later, in one request', async () => {
    const here = device();
    here.set('theme', 'dark');
    here.set('width', 1);
    here.set('width', 2);
    expect(values(here)).toEqual({ theme: 'dark', width: 2 });
    await vi.runAllTimersAsync();
    expect(account.saved).toEqual([{ theme: 'dark', width: 2 }]);
    expect(values(device())).toEqual({ theme: 'dark', width: 2 });
  });

  it('works offline, survives a closed browser, and is sent when the server is back', async () => {
    account.values = { theme: 'light', view: 'board' };
    account.away = true;
    const before = device();
    before.set('theme', 'dark');
    await expect(before.sync()).rejects.toThrow('away');
    const after = device();
    expect(values(after)).toEqual({ theme: 'dark' });
    account.away = false;
    await after.sync();
    expect(values(after)).toEqual({ theme: 'dark', view: 'board' });
    expect(account.values).toEqual({ theme: 'dark', view: 'board' });
  });

  it('tries again by itself', async () => {
    account.away = true;
    const here = device();
    here.set('theme', 'dark');
    await vi.advanceTimersByTimeAsync(5_000);
    expect(account.values).toEqual({});
    account.away = false;
    await vi.advanceTimersByTimeAsync(120_000);
    expect(account.values).toEqual({ theme: 'dark' });
  });

  it('lets the last one who writes win, key by key', async () => {
    const here = device();
    const there = device(new Disk());
    here.set('theme', 'dark');
    await vi.runAllTimersAsync();
    there.set('theme', 'light');
    there.set('width', 3);
    await vi.runAllTimersAsync();
    await here.sync();
    expect(values(here)).toEqual({ theme: 'light', width: 3 });
  });

  it('sends what changed while something was on its way', async () => {
    const here = device();
    const save = account.save;
    account.save = async (change) => {
      if (account.saved.length === 0) here.set('width', 9);
      await save(change);
    };
    here.set('width', 1);
    await vi.runAllTimersAsync();
    expect(account.values).toEqual({ width: 9 });
  });

  it('removes what is set to nothing', async () => {
    account.values = { filter: { text: 'x' } };
    const here = device();
    await here.sync();
    here.set('filter', null);
    expect(values(here)).toEqual({});
    await vi.runAllTimersAsync();
    expect(account.values).toEqual({});
    await here.sync();
    expect(values(here)).toEqual({});
  });

  it('does not insist where the server refuses', async () => {
    account.refuses = true;
    const here = device();
    here.set('theme', 'dark');
    await vi.advanceTimersByTimeAsync(300_000);
    expect(vi.getTimerCount()).toBe(0);
    expect(values(here)).toEqual({ theme: 'dark' });
  });

  it('keeps a value the same object while it is equal', async () => {
    account.values = { filter: { types: ['epic'] } };
    const here = device();
    await here.sync();
    const filter = values(here).filter;
    await here.sync();
    expect(values(here).filter).toBe(filter);
  });

  it('keeps people apart, and changes nothing of the next person', async () => {
    const here = device();
    here.set('theme', 'dark');
    here.own('ben');
    expect(values(here)).toEqual({});
    await vi.runAllTimersAsync();
    expect(account.saved).toEqual([]);
    here.own('ada');
    expect(values(here)).toEqual({ theme: 'dark' });
  });

  it('takes over what another tab has written', () => {
    const one = device();
    const two = device();
    one.set('theme', 'dark');
    two.reread();
    expect(values(two)).toEqual({ theme: 'dark' });
  });
});

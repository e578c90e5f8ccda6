/** What a person can do on the present screen: the palette lists it, the shortcut help explains it, keys and menus run it. */
import { useEffect, useMemo, useRef, type ReactNode } from 'react';
import { createStore } from 'zustand';

export interface Command {
  /** Stable: `item.create`, `theme.dark`. Of two with one id, the one mounted last counts. */
  id: string;
  title: string;
  group: 'go' | 'create' | 'change' | 'view' | 'help';
  /** As pressed: `mod+k`, `shift+?`, `alt+ArrowUp`; `g p` is one after the other. `mod` is Command on a Mac, Control elsewhere. */
  keys?: string;
  icon?: ReactNode;
  /** Other words that find it. */
  keywords?: string;
  /** The keys belong to a widget that handles them itself, such as the tree: they are shown, not bound. */
  local?: boolean;
  run: () => void;
}

type Registered = ReadonlyMap<symbol, readonly Command[]>;

export const commandStore = createStore<Registered>(() => new Map());

/** Offers commands for as long as the component is mounted. `run` is always the latest one. */
export function useCommands(commands: readonly Command[]): void {
  const latest = useRef(commands);
  latest.current = commands;
  const key = useMemo(() => Symbol('commands'), []);
  const shape = JSON.stringify(commands.map(({ id, title, group, keys, keywords }) => [id, title, group, keys, keywords]));
  useEffect(() => {
    const offered = latest.current.map((command) => ({
      ...command,
      run: () => latest.current.find(({ id }) => id === command.id)?.run(),
    }));
    commandStore.setState((now) => new Map(now).set(key, offered), true);
    return () => {
      commandStore.setState((now) => {
        const next = new Map(now);
        next.delete(key);
        return next;
      }, true);
    };
  }, [key, shape]);
}

/** Each command once. */
export function commandsOf(registered: Registered): Command[] {
  const byId = new Map<string, Command>();
  for (const commands of registered.values()) for (const command of commands) byId.set(command.id, command);
  return [...byId.values()];
}

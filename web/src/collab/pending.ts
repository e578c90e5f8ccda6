/** What waits for the server, in the order in which it was asked for. */
import { createStore } from 'zustand/vanilla';
import type { Operation } from './overlay';

export interface Waiting {
  /** Orders all operations of a person on this device. */
  seq: number;
  op: Operation;
  /** How often it was sent without an answer: the server may have done it. */
  tries: number;
}

export const pending = createStore<readonly Waiting[]>(() => []);

export const pendingOf = (project: string): readonly Waiting[] => pending.getState().filter(({ op }) => op.project === project);

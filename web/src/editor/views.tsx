/**
 * Parts of the document that React draws. A node view makes plain DOM at once, so the document never waits, and React fills the
 * host in it. Only a view whose own node changed renders again.
 */
import type { Editor, NodeViewRenderer } from '@tiptap/core';
import type { Node } from '@tiptap/pm/model';
import type { NodeView, ViewMutationRecord } from '@tiptap/pm/view';
import { memo, useSyncExternalStore, type ComponentType } from 'react';
import { createPortal } from 'react-dom';
import { createStore, type StoreApi } from 'zustand/vanilla';

export interface ViewState {
  node: Node;
  selected: boolean;
}

export interface ViewProps extends ViewState {
  editor: Editor;
  /** Writes attributes of the node, in a step of undo of its own. */
  update: (attrs: Record<string, unknown>) => void;
  getPos: () => number | undefined;
}

type Entry = { key: number; host: HTMLElement; Component: ComponentType<ViewProps>; store: StoreApi<ViewState>; props: Omit<ViewProps, keyof ViewState> };
type Entries = ReadonlyMap<number, Entry>;

const stores = new WeakMap<Editor, StoreApi<{ entries: Entries }>>();
let keys = 0;

function storeOf(editor: Editor): StoreApi<{ entries: Entries }> {
  let store = stores.get(editor);
  if (store === undefined) {
    store = createStore(() => ({ entries: new Map() as Entries }));
    stores.set(editor, store);
  }
  return store;
}

type Shape = {
  /** The outer element; React fills `host`, the editor fills `content`. */
  dom: HTMLElement;
  host: HTMLElement;
  content?: HTMLElement;
  /** Sets what the outer element itself says of the node. */
  paint?: (node: Node) => void;
};

/** A node view whose `host` is drawn by `Component`. */
export function reactView(Component: ComponentType<ViewProps>, build: (node: Node) => Shape): NodeViewRenderer {
  return ({ node, editor, getPos }) => {
    const { dom, host, content, paint } = build(node);
    const store = createStore<ViewState>(() => ({ node, selected: false }));
    const key = (keys += 1);
    const list = storeOf(editor);
    const update = (attrs: Record<string, unknown>) => {
      const pos = getPos();
      if (pos === undefined || !editor.isEditable) return;
      const { tr, doc } = editor.state;
      const now = doc.nodeAt(pos);
      if (now?.type === store.getState().node.type) editor.view.dispatch(tr.setNodeMarkup(pos, undefined, { ...now.attrs, ...attrs }));
    };
    const entry: Entry = { key, host, Component, store, props: { editor, update, getPos: () => getPos() } };
    list.setState(({ entries }) => ({ entries: new Map(entries).set(key, entry) }));
    paint?.(node);
    if (content !== undefined) host.contentEditable = 'false';
    const view: NodeView = {
      dom,
      contentDOM: content ?? null,
      update: (next) => {
        const now = store.getState().node;
        if (next.type !== now.type) return false;
        if (next.attrs !== now.attrs || next.content !== now.content) {
          // What stands in the node is the editor's matter unless a view shows it.
          if (content === undefined || !same(next.attrs, now.attrs)) store.setState({ node: next });
          paint?.(next);
        }
        return true;
      },
      selectNode: () => {
        dom.classList.add('ProseMirror-selectednode');
        store.setState({ selected: true });
      },
      deselectNode: () => {
        dom.classList.remove('ProseMirror-selectednode');
        store.setState({ selected: false });
      },
      stopEvent: (event) => {
        const target = event.target as HTMLElement;
        if (event.type.startsWith('drag') || event.type === 'drop') return false;
        return host.contains(target) && target.closest?.('button, input, textarea, select, [role=slider]') !== null;
      },
      ignoreMutation: (mutation: ViewMutationRecord) => {
        if (mutation.type === 'selection') return host.contains(mutation.target) && content !== undefined;
        return content === undefined || !content.contains(mutation.target);
      },
      destroy: () => {
        list.setState(({ entries }) => {
          const next = new Map(entries);
          next.delete(key);
          return { entries: next };
        });
      },
    };
    return view;
  };
}

const same = (a: Record<string, unknown>, b: Record<string, unknown>) => {
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => a[key] === b[key]);
};

const View = memo(function View({ entry: { Component, store, props } }: { entry: Entry }) {
  const state = useSyncExternalStore(store.subscribe, store.getState);
  return <Component {...state} {...props} />;
});

/** Draws every view of the editor; stands once inside the contexts that they use. */
export function Views({ editor }: { editor: Editor }) {
  const store = storeOf(editor);
  const { entries } = useSyncExternalStore(store.subscribe, store.getState);
  return [...entries.values()].map((entry) => createPortal(<View entry={entry} />, entry.host, String(entry.key)));
}

/** An element with a class, for {@link reactView}. */
export function element<K extends keyof HTMLElementTagNameMap>(tag: K, className: string): HTMLElementTagNameMap[K] {
  const made = document.createElement(tag);
  made.className = className;
  return made;
}

/** Whom and what the lists offer: from memory, so that they work without the network. */
import type { Editor } from '@tiptap/core';
import {
  CodeXml, Heading1, Heading2, Heading3, Image, List, ListOrdered, ListTodo, Minus, Paperclip, Pilcrow, Quote, Table2, AtSign, Hash,
} from 'lucide-react';
import type { ReactNode } from 'react';
import type { Item } from '@/api/client';
import { projectInMemory } from '@/app/memory';
import { membersQuery, queryClient } from '@/app/query';
import { quickSearch } from '@/features/search/api';
import { useLiveItems } from '@/features/tree/context';
import { t } from '@/texts';
import { Avatar } from '@/ui/avatar';
import { StatusIcon, TypeIcon } from '@/ui/kinds';
import { newStep, turnInto, type Form } from '../blocks';
import { itemLists, type Member } from '../lookup';
import { CalloutIcon, CALLOUTS } from '../nodes/callout';
import { chooseFiles, insertFiles } from '../uploads';
import { best } from './match';
import type { Further, Source } from './extension';
import type { Choice } from './store';

const LIMIT = 8;
const RECENT = 'canopy:slash-recent';

export interface Command {
  id: string;
  label: string;
  group: string;
  keywords: string;
  hint?: string;
  icon: ReactNode;
  run: (editor: Editor) => void;
}

const texts = t.editor.slash;

/** Everything that can be put into a description. */
export function insertable(project: string): Command[] {
  const turn = (form: Form, icon: ReactNode, keywords: string, hint?: string): Command => ({
    id: form, label: t.editor.forms[form], group: texts.basic, keywords, hint, icon, run: (editor) => void turnInto(editor, form),
  });
  const files = (accept: string) => (editor: Editor) => chooseFiles(accept, (chosen) => insertFiles(editor, project, chosen));
  return [
    turn('paragraph', <Pilcrow aria-hidden />, 'text plain'),
    turn('heading1', <Heading1 aria-hidden />, 'h1 title', '#'),
    turn('heading2', <Heading2 aria-hidden />, 'h2', '##'),
    turn('heading3', <Heading3 aria-hidden />, 'h3', '###'),
    turn('bulletList', <List aria-hidden />, 'ul unordered point', '-'),
    turn('orderedList', <ListOrdered aria-hidden />, 'ol ordered', '1.'),
    turn('taskList', <ListTodo aria-hidden />, 'todo check checkbox', '[]'),
    turn('blockquote', <Quote aria-hidden />, 'cite', '>'),
    turn('codeBlock', <CodeXml aria-hidden />, 'pre snippet', '```'),
    { id: 'rule', label: texts.rule, group: texts.basic, keywords: 'divider line hr', hint: '---', icon: <Minus aria-hidden />, run: (editor) => void editor.chain().focus().setHorizontalRule().run() },
    ...CALLOUTS.map(
      (kind): Command => ({
        id: `callout-${kind}`, label: t.editor.callouts[kind], group: texts.callouts, keywords: `callout alert panel ${kind === 'note' ? 'info' : ''}`,
        icon: <CalloutIcon kind={kind} className={`callout-${kind}`} />, run: (editor) => void editor.chain().focus().toggleCallout(kind).run(),
      }),
    ),
    { id: 'table', label: texts.table, group: texts.insert, keywords: 'grid rows columns', icon: <Table2 aria-hidden />, run: (editor) => void editor.chain().focus().insertTable({ rows: 3, cols: 3, withHeaderRow: true }).run() },
    { id: 'image', label: texts.image, group: texts.insert, keywords: 'picture photo screenshot upload', icon: <Image aria-hidden />, run: files('image/png,image/jpeg,image/gif,image/webp,image/avif') },
    { id: 'file', label: texts.file, group: texts.insert, keywords: 'attachment upload pdf', icon: <Paperclip aria-hidden />, run: files('') },
    { id: 'mention', label: texts.person, group: texts.insert, keywords: 'mention user assignee', hint: '@', icon: <AtSign aria-hidden />, run: (editor) => void editor.chain().focus().insertContent('@').run() },
    { id: 'item', label: texts.item, group: texts.insert, keywords: 'link issue story epic reference', hint: '#', icon: <Hash aria-hidden />, run: (editor) => void editor.chain().focus().insertContent('#').run() },
  ];
}

function recent(): string[] {
  try {
    const stored: unknown = JSON.parse(localStorage.getItem(RECENT) ?? '[]');
    return Array.isArray(stored) ? stored.filter((one) => typeof one === 'string') : [];
  } catch {
    return [];
  }
}

function remember(id: string): void {
  try {
    localStorage.setItem(RECENT, JSON.stringify([id, ...recent().filter((one) => one !== id)].slice(0, 3)));
  } catch {
    // Only a convenience.
  }
}

const framed = (icon: ReactNode) => <span className="flex size-7 shrink-0 items-center justify-center rounded-md border border-line bg-bg [&_svg]:size-4">{icon}</span>;

export const slash =
  (project: string): Source =>
  (query, editor, range) => {
    const all = insertable(project).filter(({ id }) => !(editor.isActive('table') && id === 'table'));
    const choice = ({ id, label, group, hint, icon, run }: Command): Choice => ({
      id, label, group, hint, icon: framed(icon),
      choose: () => {
        remember(id);
        newStep(editor.state);
        editor.chain().focus().deleteRange(range).run();
        run(editor);
      },
    });
    if (query.trim() !== '') return best(all, query, ({ label, keywords }) => [label, ...keywords.split(' ')], 12).map((command) => ({ ...choice(command), group: undefined }));
    const lately = recent().flatMap((id) => all.find((command) => command.id === id) ?? []);
    return [...lately.map((command) => ({ ...choice(command), group: texts.recent })), ...all.map(choice)];
  };

const itemChoice = (item: Item, editor: Editor, range: { from: number; to: number }, help?: string): Choice => ({
  id: item.id,
  label: item.title || t.common.untitled,
  help,
  icon: <TypeIcon type={item.type} />,
  trailing: <StatusIcon status={item.status} />,
  choose: () => insertChip(editor, range, 'itemLink', item.id, item.title),
});

const insertChip = (editor: Editor, range: { from: number; to: number }, type: 'mention' | 'itemLink', id: string, label: string) => {
  const after = editor.state.doc.textBetween(range.to, Math.min(range.to + 1, editor.state.doc.content.size));
  editor
    .chain()
    .focus()
    .insertContentAt(range, [{ type, attrs: { id, label } }, ...(/^\s/.test(after) ? [] : [{ type: 'text', text: ' ' }])])
    .run();
};

export const people =
  (org: string): Source =>
  (query, editor, range) =>
    best(queryClient.getQueryData<Member[]>(membersQuery(org).queryKey) ?? [], query, ({ user }) => [user.name, user.email], LIMIT).map(({ user }) => ({
      id: user.id,
      label: user.name,
      help: user.email,
      icon: <Avatar person={user} size={24} />,
      choose: () => insertChip(editor, range, 'mention', user.id, user.name),
    }));

export const items =
  (project: string, own: string): Source =>
  (query, editor, range) => {
    const live = useLiveItems.getState();
    const known = itemLists(project).flatMap((list) => [...list.values()]).filter(({ id }) => id !== own);
    if (query.trim() === '') known.sort((a, b) => Number(b.project_id === project) - Number(a.project_id === project) || (a.updated_at < b.updated_at ? 1 : -1));
    return best(known, query, (item) => [live[item.id]?.title ?? item.title], LIMIT).map((item) =>
      itemChoice({ ...item, ...live[item.id] }, editor, range, item.project_id === project ? undefined : projectInMemory(item.project_id)?.name),
    );
  };

/** Items of all projects whose titles fit. */
export const itemsElsewhere =
  (org: string, project: string, own: string): Further =>
  async (query, editor, range) => {
    const hits = await queryClient.fetchQuery({ ...quickSearch(org, query.trim()), staleTime: 5_000 });
    return hits
      .filter(({ item, title }) => item.id !== own && title.marks.length > 0)
      .map(({ item, project: where }) => itemChoice(item, editor, range, where.id === project ? undefined : where.name));
  };

import type { Editor } from '@tiptap/core';
import { NodeSelection } from '@tiptap/pm/state';
import { useQuery } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { projectInMemory } from '@/app/memory';
import { membersQuery } from '@/app/query';
import { useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { role as roles } from '@/texts/en/kinds';
import { Avatar } from '@/ui/avatar';
import { StatusIcon, TypeIcon } from '@/ui/kinds';
import { findItem, itemQuery, useItem, useMember } from '../lookup';
import { Floating } from '../menus/Floating';

/** How long the pointer rests on a name before its card opens, and how long the card waits for the pointer. In milliseconds. */
const OPEN = 280;
const CLOSE = 180;

type Shown = { element: HTMLElement; type: 'mention' | 'itemLink'; id: string };

/** Cards of the people and items in the text: on hovering, and when the arrow keys stop at one. */
export function HoverCards({ editor }: { editor: Editor }) {
  const { project } = useProject();
  const navigate = useNavigate();
  const [shown, setShown] = useState<Shown | null>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const later = (wait: number, what: Shown | null) => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setShown(what), wait);
  };

  useEffect(() => {
    const { dom } = editor.view;
    const chip = (target: EventTarget | null): Shown | null => {
      const element = target instanceof Element ? target.closest<HTMLElement>('.chip') : null;
      const { type, id } = element?.dataset ?? {};
      return element !== null && (type === 'mention' || type === 'itemLink') && id !== undefined ? { element, type, id } : null;
    };
    const go = (id: string, apart: boolean) => {
      const to = findItem(project.id, id)?.project_id ?? project.id;
      if (apart) window.open(`/p/${to}/${id}`, '_blank', 'noopener');
      else void navigate({ to: '/p/$projectId/$itemId', params: { projectId: to, itemId: id } });
    };
    const over = (event: PointerEvent) => {
      const found = chip(event.target);
      if (found !== null && event.pointerType !== 'touch') later(OPEN, found);
    };
    const out = (event: PointerEvent) => {
      if (chip(event.target) !== null && chip(event.relatedTarget) === null) later(CLOSE, null);
    };
    const click = (event: MouseEvent) => {
      const found = chip(event.target);
      if (found === null) {
        // Links open at once for those who only read, and with Ctrl for all.
        const link = event.target instanceof Element ? event.target.closest<HTMLAnchorElement>('a[href]') : null;
        if (link !== null && dom.contains(link) && (event.ctrlKey || event.metaKey) && editor.isEditable) window.open(link.href, '_blank', 'noopener,noreferrer');
        return;
      }
      event.preventDefault();
      if (found.type === 'itemLink') go(found.id, event.ctrlKey || event.metaKey);
      else later(0, found);
    };
    const key = (event: KeyboardEvent) => {
      const { selection } = editor.state;
      if (event.key === 'Escape') return later(0, null);
      if (event.key !== 'Enter' || !(selection instanceof NodeSelection) || selection.node.type.name !== 'itemLink') return;
      event.preventDefault();
      event.stopPropagation();
      go(String(selection.node.attrs.id), event.ctrlKey || event.metaKey);
    };
    const moved = () => {
      const { selection } = editor.state;
      if (!(selection instanceof NodeSelection)) return setShown((now) => (now?.element.classList.contains('ProseMirror-selectednode') ? null : now));
      const found = chip(editor.view.nodeDOM(selection.from));
      if (found !== null) later(OPEN, found);
    };
    dom.addEventListener('pointerover', over);
    dom.addEventListener('pointerout', out);
    dom.addEventListener('click', click);
    dom.addEventListener('keydown', key, true);
    editor.on('selectionUpdate', moved);
    return () => {
      clearTimeout(timer.current);
      dom.removeEventListener('pointerover', over);
      dom.removeEventListener('pointerout', out);
      dom.removeEventListener('click', click);
      dom.removeEventListener('keydown', key, true);
      editor.off('selectionUpdate', moved);
    };
  }, [editor, navigate, project.id]);

  if (shown === null || !shown.element.isConnected) return null;
  return (
    <Floating anchor={() => (shown.element.isConnected ? shown.element.getBoundingClientRect() : null)} follow={shown.id} context={shown.element} className="w-72 max-w-[calc(100vw-1rem)]">
      <div role="tooltip" className="p-3 text-sm" onPointerEnter={() => clearTimeout(timer.current)} onPointerLeave={() => later(CLOSE, null)}>
        {shown.type === 'mention' ? <PersonCard org={project.org_id} id={shown.id} /> : <ItemCard org={project.org_id} project={project.id} id={shown.id} />}
      </div>
    </Floating>
  );
}

function PersonCard({ org, id }: { org: string; id: string }) {
  const member = useMember(org, id);
  if (member === undefined) return <p className="text-muted">{t.editor.personGone}</p>;
  return (
    <div className="flex items-center gap-3">
      <Avatar person={member.user} size={40} />
      <div className="min-w-0">
        <div className="truncate font-semibold">{member.user.name}</div>
        <a className="block truncate text-muted hover:underline" href={`mailto:${member.user.email}`}>
          {member.user.email}
        </a>
        <div className="text-xs text-muted">{roles[member.role]}</div>
      </div>
    </div>
  );
}

function ItemCard({ org, project, id }: { org: string; project: string; id: string }) {
  const known = useItem(project, id);
  const members = useQuery(membersQuery(org));
  // The excerpt stands only in the answer for one item; without the network the rest shows.
  const asked = useQuery({ ...itemQuery(id), staleTime: 10_000 });
  const item = known ?? asked.data;
  if (item == null)
    return (
      <>
        {item === null && <p className="font-semibold">{t.editor.itemHidden}</p>}
        <p className="text-muted">{asked.isPending ? t.common.loading : item === null ? t.editor.itemGone : t.editor.itemAway}</p>
      </>
    );
  const elsewhere = item.project_id === project ? undefined : projectInMemory(item.project_id)?.name;
  const assigned = members.data?.filter(({ user }) => item.assignees.includes(user.id)) ?? [];
  return (
    <div className="grid gap-2">
      <div className="flex items-center gap-1.5 text-xs text-muted">
        <TypeIcon type={item.type} />
        {t.kinds.type[item.type]}
        <span aria-hidden>·</span>
        <StatusIcon status={item.status} />
        {t.kinds.status[item.status]}
        <span className="flex-1" />
        <span className="flex -space-x-1">
          {assigned.slice(0, 3).map(({ user }) => (
            <Avatar key={user.id} person={user} size={18} />
          ))}
        </span>
      </div>
      <div className="font-semibold">{item.title || t.common.untitled}</div>
      {(item.deleted_at != null || elsewhere !== undefined) && <div className="-mt-1 text-xs text-muted">{item.deleted_at != null ? t.editor.itemDeleted : elsewhere}</div>}
      {asked.data?.excerpt && <p className="line-clamp-4 text-muted">{asked.data.excerpt}</p>}
      {item.criteria_total > 0 && (
        <div className="flex items-center gap-2 text-xs text-muted">
          <span className="h-1 flex-1 overflow-hidden rounded-full bg-hover" aria-hidden>
            <span className="block h-full bg-accent" style={{ width: `${(100 * item.criteria_done) / item.criteria_total}%` }} />
          </span>
          {t.editor.criteria(item.criteria_done, item.criteria_total)}
        </div>
      )}
    </div>
  );
}

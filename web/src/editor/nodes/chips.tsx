/** People and items in a line of text. The label is what was true when it was written; what shows is what is true now. */
import { mergeAttributes, Node, type NodeConfig } from '@tiptap/core';
import { Lock } from 'lucide-react';
import { t } from '@/texts';
import { TypeIcon, StatusIcon } from '@/ui/kinds';
import { useProject } from '@/features/tree/context';
import { useItem, useMember } from '../lookup';
import { element, reactView, type ViewProps } from '../views';

const text = (value: unknown) => (typeof value === 'string' ? value : '');

function Person({ node }: ViewProps) {
  const { project } = useProject();
  const member = useMember(project.org_id, text(node.attrs.id));
  return <>@{member?.user.name ?? (text(node.attrs.label) || t.item.unknownPerson)}</>;
}

function Item({ node }: ViewProps) {
  const { project } = useProject();
  const item = useItem(project.id, text(node.attrs.id));
  // Its name was true for whoever wrote it; who may not see the item isn't told.
  if (item === null)
    return (
      <>
        <Lock aria-hidden />
        <span className="chip-title">{t.editor.itemHidden}</span>
      </>
    );
  const title = item?.title || text(node.attrs.label) || t.common.untitled;
  return (
    <>
      {item === undefined ? <span aria-hidden>#</span> : <TypeIcon type={item.type} />}
      <span className="chip-title" data-done={item?.status === 'done' || item?.status === 'cancelled' || undefined}>
        {title}
      </span>
      {item !== undefined && <StatusIcon status={item.status} />}
    </>
  );
}

const chip = (name: string, sign: string, Component: typeof Person): NodeConfig => ({
  name,
  group: 'inline',
  inline: true,
  atom: true,
  selectable: true,
  draggable: true,
  addAttributes() {
    return {
      id: { default: null, parseHTML: (shown) => shown.dataset.id ?? null, renderHTML: ({ id }) => ({ 'data-id': text(id) }) },
      label: { default: null, parseHTML: (shown) => shown.dataset.label ?? (shown.textContent ?? '').replace(/^[@#]/, ''), renderHTML: ({ label }) => ({ 'data-label': text(label) }) },
    };
  },
  parseHTML() {
    return [{ tag: `span[data-type=${name}]`, priority: 60 }];
  },
  renderHTML({ node, HTMLAttributes }) {
    return ['span', mergeAttributes(HTMLAttributes, { 'data-type': name }), `${sign}${text(node.attrs.label)}`];
  },
  renderText: ({ node }) => `${sign}${text(node.attrs.label)}`,
  addNodeView() {
    return reactView(Component, () => {
      const dom = element('span', `chip chip-${name}`);
      return { dom, host: dom, paint: ({ attrs }) => Object.assign(dom.dataset, { type: name, id: text(attrs.id) }) };
    });
  },
});

export const Mention = Node.create(chip('mention', '@', Person));
export const ItemLink = Node.create(chip('itemLink', '#', Item));

import { useRef, useState } from 'react';
import type { ItemType } from '@/api/client';
import { t } from '@/texts';
import { ALL_TYPES, TypeIcon } from '@/ui/kinds';
import { Menu, MenuChoice } from '@/ui/menu';
import { INDENT } from './measures';

type Props = {
  top: number;
  height: number;
  depth: number;
  type: ItemType;
  onType: (type: ItemType) => void;
  onSubmit: (title: string) => void;
  onCancel: () => void;
};

/** The row in which a new item is typed. Enter adds it and goes on with the next. */
export function DraftRow({ top, height, depth, type, onType, onSubmit, onCancel }: Props) {
  const [title, setTitle] = useState('');
  const input = useRef<HTMLInputElement>(null);
  const box = useRef<HTMLDivElement>(null);
  const [choosing, setChoosing] = useState(false);
  // Giving up moves the focus back to the tree, and that blurs this row.
  const over = useRef(false);
  const kind = t.kinds.type[type];
  const giveUp = () => {
    over.current = true;
    onCancel();
  };
  const add = () => {
    const trimmed = title.trim();
    if (trimmed === '') {
      giveUp();
      return;
    }
    onSubmit(trimmed);
    setTitle('');
  };
  return (
    <div
      ref={box}
      role="treeitem"
      aria-level={depth + 1}
      aria-selected={false}
      className="absolute inset-x-0 flex items-center gap-1.5 bg-accent-soft pr-2"
      style={{ top, height, paddingLeft: 8 + depth * INDENT + 18 }}
      onBlur={(event) => {
        if (over.current || choosing || box.current?.contains(event.relatedTarget)) return;
        // Leaving keeps what was typed: a title is too dear to lose to a click elsewhere.
        if (title.trim() !== '') onSubmit(title.trim());
        giveUp();
      }}
    >
      <Menu
        onOpenChange={(open) => {
          setChoosing(open);
          if (!open) setTimeout(() => input.current?.focus(), 0);
        }}
        trigger={
          <button type="button" aria-label={`${t.tree.typeOfNew}: ${kind}`} title={t.tree.typeOfNew} className="flex size-6 items-center justify-center rounded hover:bg-hover">
            <TypeIcon type={type} />
          </button>
        }
      >
        <MenuChoice
          label={t.tree.typeOfNew}
          value={type}
          options={ALL_TYPES.map((value) => ({ value, label: t.kinds.type[value], icon: <TypeIcon type={value} /> }))}
          onChange={onType}
        />
      </Menu>
      <input
        ref={input}
        autoFocus
        aria-label={t.tree.draftLabel(kind)}
        placeholder={t.tree.draftPlaceholder(kind)}
        value={title}
        maxLength={500}
        className="h-7 min-w-0 flex-1 bg-transparent text-sm outline-none placeholder:text-muted"
        onChange={(event) => setTitle(event.target.value)}
        onKeyDown={(event) => {
          event.stopPropagation();
          if (event.nativeEvent.isComposing) return;
          if (event.key === 'Enter') {
            event.preventDefault();
            add();
          } else if (event.key === 'Escape') {
            event.preventDefault();
            giveUp();
          }
        }}
      />
      <span aria-hidden className="hidden text-xs text-muted sm:inline">
        {t.tree.draftHint}
      </span>
    </div>
  );
}

import './editor.css';
import { Extension, getSchema, type AnyExtension } from '@tiptap/core';
import { Collaboration } from '@tiptap/extension-collaboration';
import { Placeholder } from '@tiptap/extensions';
import { Editor, EditorContent } from '@tiptap/react';
import { useQuery } from '@tanstack/react-query';
import { Fragment, memo, useEffect, useImperativeHandle, useLayoutEffect, useMemo, useRef, useState, type RefObject } from 'react';
import type { Room } from '@/collab/room';
import { membersQuery } from '@/app/query';
import { descriptionOf } from '@/features/item/model';
import { useProject } from '@/features/tree/context';
import { t } from '@/texts';
import { Notice } from '@/ui/field';
import { Blocks } from './blocks';
import { Clipboard } from './clipboard/paste';
import { useEditorCommands } from './commands';
import { schemaExtensions } from './extensions';
import { HoverCards } from './hover/HoverCards';
import { BlockHandle } from './menus/BlockHandle';
import { Bubble } from './menus/Bubble';
import { LinkBubble, openLink } from './menus/LinkBubble';
import { TableMenu } from './menus/TableMenu';
import { Toolbar } from './menus/Toolbar';
import { enableTasks } from './nodes/task';
import { Suggest } from './suggest/extension';
import { Suggestions } from './suggest/Suggestions';
import { items, itemsElsewhere, people, slash } from './suggest/sources';
import { Anchor } from './together/anchor';
import { carets } from './together/carets';
import { isKnown, readable, unbind, watch } from './together/guard';
import { Narrow } from './together/narrow';
import { Views } from './views';

type Props = { room: Room; mayEdit: boolean; handle: RefObject<{ focus: () => void } | null> };

const schema = getSchema(schemaExtensions);

const LinkKey = Extension.create({
  name: 'linkKey',
  addKeyboardShortcuts() {
    return {
      'Mod-Shift-k': () => {
        openLink(this.editor);
        return true;
      },
    };
  },
});

/** Two items can stand side by side, so what has an id has the item's in it. */
const attributes = (item: string) => ({ id: `text-${item}`, class: 'prose-canopy', role: 'textbox', 'aria-multiline': 'true', 'aria-labelledby': `description-${item}` });

/** An editor for as long as the component stands; another one for other extensions. */
function useOwnEditor(item: string, extensions: AnyExtension[], mayEdit: boolean): Editor | null {
  const [own, setOwn] = useState<{ editor: Editor; extensions: AnyExtension[] } | null>(null);
  const first = useRef(mayEdit);
  useLayoutEffect(() => {
    const made = new Editor({
      extensions,
      injectCSS: false,
      editable: first.current,
      editorProps: { attributes: attributes(item) },
      // Text on the clipboard is Markdown, which the extension for the clipboard writes.
      enableCoreExtensions: { clipboardTextSerializer: false },
    });
    setOwn({ editor: made, extensions });
    return () => made.destroy();
  }, [item, extensions]);
  // One that is about to go is no longer given out: its view ends before what shows it looks again.
  return own?.extensions === extensions && !own.editor.isDestroyed ? own.editor : null;
}

const keys = new WeakMap<Editor, string>();
let made = 0;
const keyOf = (editor: Editor): string => {
  if (!keys.has(editor)) keys.set(editor, String((made += 1)));
  return keys.get(editor) as string;
};

/** An item's description: edited together, or only read where the person or this version of the editor may do no more. */
const Description = memo(function Description({ room, mayEdit, handle }: Props) {
  const fragment = descriptionOf(room.doc);
  const [known, setKnown] = useState(() => isKnown(schema, fragment));
  return known ? <Bound room={room} mayEdit={mayEdit} handle={handle} lost={() => setKnown(false)} /> : <Frozen room={room} />;
});

export default Description;

function Bound({ room, mayEdit, handle, lost }: Props & { lost: () => void }) {
  const { project } = useProject();
  // `@` offers whom this knows.
  useQuery(membersQuery(project.org_id));
  const extensions = useMemo(
    () => [
      ...schemaExtensions,
      Placeholder.configure({ placeholder: t.item.descriptionPlaceholder }),
      Collaboration.configure({ fragment: descriptionOf(room.doc) }),
      Narrow,
      Anchor,
      carets(room),
      Blocks,
      LinkKey,
      Suggest.configure({ sources: { slash: slash(project.id), people: people(project.org_id), items: items(project.id, room.id) }, further: { items: itemsElsewhere(project.org_id, project.id, room.id) } }),
      Clipboard.configure({ project: project.id }),
    ],
    [room, project.id, project.org_id],
  );
  const editor = useOwnEditor(room.id, extensions, mayEdit);
  return editor === null ? null : <Surface key={keyOf(editor)} room={room} mayEdit={mayEdit} handle={handle} lost={lost} editor={editor} />;
}

function Surface({ room, mayEdit, handle, lost, editor }: Props & { lost: () => void; editor: Editor }) {
  const { project } = useProject();
  useEffect(
    () =>
      watch(schema, descriptionOf(room.doc), () => {
        unbind(editor);
        editor.setEditable(false, false);
        lost();
      }),
    [editor, room, lost],
  );
  useEffect(() => {
    editor.setEditable(mayEdit, false);
    editor.view.dom.setAttribute('aria-readonly', String(!mayEdit));
    enableTasks(editor);
  }, [editor, mayEdit]);
  useImperativeHandle(handle, () => ({ focus: () => editor.commands.focus('start') }), [editor]);
  useEditorCommands(editor, mayEdit);
  return (
    <div className="relative" data-read-only={!mayEdit || undefined}>
      {mayEdit && <Toolbar editor={editor} project={project.id} controls={`text-${room.id}`} />}
      <EditorContent editor={editor} />
      <Views editor={editor} />
      <HoverCards editor={editor} />
      {mayEdit && <Menus editor={editor} />}
    </div>
  );
}

function Menus({ editor }: { editor: Editor }) {
  return (
    <>
      <BlockHandle editor={editor} />
      <Bubble editor={editor} />
      <LinkBubble editor={editor} />
      <TableMenu editor={editor} />
      <Suggestions editor={editor} />
    </>
  );
}

/** What this editor doesn't know stays as it is: as much as can be is shown, nothing is written. */
function Frozen({ room }: { room: Room }) {
  const fragment = descriptionOf(room.doc);
  const editor = useOwnEditor(room.id, schemaExtensions, false);
  useEffect(() => {
    if (editor === null) return;
    const show = () => editor.view.dispatch(editor.state.tr.replaceWith(0, editor.state.doc.content.size, readable(editor.schema, fragment).content));
    show();
    fragment.observeDeep(show);
    return () => fragment.unobserveDeep(show);
  }, [editor, fragment]);
  return (
    <div className="grid gap-3" data-read-only>
      <Notice kind="info">
        <strong className="block font-semibold">{t.editor.frozenTitle}</strong>
        {t.editor.frozenText}
      </Notice>
      {editor !== null && (
        <Fragment key={keyOf(editor)}>
          <EditorContent editor={editor} />
          <Views editor={editor} />
          <HoverCards editor={editor} />
        </Fragment>
      )}
    </div>
  );
}

/** Other people's carets and selections. Colours are set through the CSSOM, which the content security policy allows. */
import { CollaborationCaret } from '@tiptap/extension-collaboration-caret';
import type { Room } from '@/collab/room';
import { inkOn } from '@/ui/avatar';

type CaretUser = { name?: string; color?: string };

const colourOf = (user: CaretUser) => (/^#[0-9a-f]{6}$/i.test(user.color ?? '') ? (user.color as string) : '#6b7280');

/** A caret is made anew when it moves, so its name shows for a moment and fades; a style sheet does that, and hovering. */
function renderCaret(user: CaretUser): HTMLElement {
  const colour = colourOf(user);
  const caret = document.createElement('span');
  caret.className = 'caret';
  caret.style.borderColor = colour;
  const label = document.createElement('span');
  label.className = 'caret-label';
  label.style.backgroundColor = colour;
  label.style.color = inkOn(colour);
  label.textContent = user.name ?? '';
  caret.append(label);
  return caret;
}

export const carets = (room: Room) =>
  CollaborationCaret.configure({
    provider: room.provider,
    user: room.awareness.getLocalState()?.user as Record<string, unknown>,
    render: renderCaret,
    selectionRender: (user: CaretUser) => ({ nodeName: 'span', class: 'caret-selection', style: `background-color: ${colourOf(user)}40` }),
  });

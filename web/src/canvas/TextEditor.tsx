/** Writing in a shape, where its text stands. Two people may write in one at once. */
import { useEffect, useLayoutEffect, useRef } from 'react';
import { useTheme } from '@/app/theme';
import { useCarets, useOwnCaret } from '@/collab/carets';
import { TextBinding } from '@/editor/textBinding';
import { t } from '@/texts';
import { inkOn } from '@/ui/avatar';
import { useEditor, useElement, useUi, useWay } from './context';
import { roomOf } from './drawing';
import { colourOf, rules } from './rules';
import { textOf } from './scene';
import type { Element } from './schema';
import { ORIGIN } from './undo';
import type * as Y from 'yjs';

export function TextEditor() {
  const editing = useUi((ui) => ui.editing);
  const { scene } = useEditor();
  const card = editing !== null && scene.shape(editing)?.kind === 'card';
  return editing === null || card ? null : <OpenText key={editing} id={editing} />;
}

function OpenText({ id }: { id: string }) {
  const editor = useEditor();
  const element = useElement(id);
  const text = textOf(editor.room.doc, id);
  useEffect(() => {
    if (text === null) editor.set({ editing: null });
  }, [editor, text]);
  return element === undefined || text === null ? null : <Field element={element} text={text} />;
}

const JUSTIFY = { top: 'flex-start', middle: 'center', bottom: 'flex-end' } as const;

function Field({ element, text }: { element: Element; text: Y.Text }) {
  const editor = useEditor();
  const theme = useTheme(({ shown }) => shown);
  const field = useRef<HTMLTextAreaElement>(null);
  const { awareness } = editor.room;
  const name = `text:${element.id}`;
  const carets = useCarets(awareness, text, name);
  useOwnCaret(awareness, field, text, name);
  const { style } = element;
  const way = useWay(element.id);
  const titled = element.type === 'shape' && (element.kind === 'frame' || element.kind === 'entity' || element.kind === 'class');

  useLayoutEffect(() => {
    const area = field.current;
    if (area === null) return;
    const fit = () => {
      area.style.height = '0';
      area.style.height = `${area.scrollHeight}px`;
    };
    const binding = new TextBinding(area, text, { origin: ORIGIN, multiline: true, onChange: fit });
    area.focus({ preventScroll: true });
    area.select();
    return () => {
      binding.destroy();
    };
  }, [text, element.id]);

  const place = (() => {
    if (element.type === 'connector') {
      const [x, y] = way?.middle ?? [0, 0];
      const w = rules.connector.labelWidth;
      return { left: x - w / 2, top: y - 60, width: w, height: 120, justify: 'center', align: 'center' as const };
    }
    if (element.kind === 'frame') return { left: element.at[0], top: element.at[1] - style.fontSize * 1.7, width: Math.max(160, element.size[0]), height: style.fontSize * 1.4, justify: 'flex-start', align: 'left' as const };
    const { x, y, w, h } = titled ? { x: element.at[0] + 8, y: element.at[1] + 4, w: element.size[0] - 16, h: element.size[1] - 8 } : roomOf(element);
    return { left: x, top: y, width: w, height: h, justify: titled ? 'flex-start' : JUSTIFY[style.valign], align: style.align };
  })();
  const kind = element.type === 'shape' ? (t.diagram.kinds[element.kind] ?? element.kind) : '';
  return (
    <div
      data-own
      className="pointer-events-none absolute flex flex-col"
      style={{
        left: place.left,
        top: place.top,
        width: place.width,
        height: place.height,
        justifyContent: place.justify,
        transform: element.type === 'shape' && element.angle !== 0 ? `rotate(${element.angle}deg)` : undefined,
        transformOrigin: element.type === 'shape' ? `${element.at[0] + element.size[0] / 2 - place.left}px ${element.at[1] + element.size[1] / 2 - place.top}px` : undefined,
      }}
    >
      <div className="pointer-events-auto relative">
        <textarea
          ref={field}
          rows={1}
          aria-label={element.type === 'connector' ? t.diagram.connectorText : t.diagram.writing(kind)}
          className="block w-full resize-none overflow-hidden rounded-xs bg-transparent p-0 outline-none"
          style={{
            fontFamily: rules.font.family,
            fontSize: style.fontSize,
            lineHeight: rules.font.lineHeight,
            fontWeight: style.bold ? 700 : 400,
            textAlign: place.align,
            color: colourOf(style.color, theme, 'text'),
            backgroundColor: element.type === 'connector' ? rules.page[theme].label : undefined,
            caretColor: colourOf(style.color, theme, 'text'),
          }}
          onPointerDown={(event) => event.stopPropagation()}
          onBlur={() => {
            if (editor.state.editing === element.id) editor.written();
          }}
          onKeyDown={(event) => {
            event.stopPropagation();
            const mod = event.ctrlKey || event.metaKey;
            if (event.nativeEvent.isComposing) return;
            if (event.key === 'Escape' || (event.key === 'Enter' && mod) || event.key === 'Tab') {
              event.preventDefault();
              editor.written();
              editor.focus();
            } else if (mod && event.key.toLowerCase() === 'z') {
              event.preventDefault();
              if (event.shiftKey) editor.undo.redo();
              else editor.undo.undo();
            } else if (mod && event.key.toLowerCase() === 'y') {
              event.preventDefault();
              editor.undo.redo();
            }
          }}
        />
        {carets.length > 0 && (
          <div aria-hidden className="pointer-events-none absolute inset-0 break-words whitespace-pre-wrap text-transparent select-none" style={{ fontFamily: rules.font.family, fontSize: style.fontSize, lineHeight: rules.font.lineHeight, textAlign: place.align }}>
            {carets.map(({ client, person, index }, at) => (
              <span key={client}>
                {text.toString().slice(carets[at - 1]?.index ?? 0, index)}
                <span className="remote-caret" style={{ borderColor: person.colour }}>
                  <span key={index} className="remote-caret-name" style={{ backgroundColor: person.colour, color: inkOn(person.colour) }}>
                    {person.name}
                  </span>
                </span>
              </span>
            ))}
            {text.toString().slice(carets.at(-1)?.index ?? 0)}
          </div>
        )}
      </div>
    </div>
  );
}

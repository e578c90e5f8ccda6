/** Descriptions as plain elements: for paper, where no editor is needed. Nodes and marks are those of the content schema. */
import { createContext, Fragment, useContext, useEffect, useMemo, type ReactNode } from 'react';
import { t } from '@/texts';
import { Notice } from '@/ui/field';

export interface RichNode {
  type: string;
  text?: string;
  attrs?: Record<string, unknown>;
  marks?: readonly { type: string; attrs?: Record<string, unknown> }[];
  content?: readonly RichNode[];
}

const word = (value: unknown): string => (typeof value === 'string' ? value : '');
const count = (value: unknown): number | undefined => (typeof value === 'number' && value > 1 ? value : undefined);

/** An address that is safe to follow; anything else is only text. */
const safe = (href: unknown): string | undefined => (/^(https?:|mailto:|\/(?!\/))/i.test(word(href)) ? word(href) : undefined);

/** The same with its headings in levels that follow one another: an outline has no gaps, whatever a text begins with. */
export function levelled(doc: RichNode): RichNode {
  let before = 0;
  let last = 0;
  return {
    ...doc,
    content: doc.content?.map((node) => {
      if (node.type !== 'heading') return node;
      const level = Number(node.attrs?.level ?? 1);
      last = level > before ? Math.min(level, last + 1) : level === before ? last : Math.min(level, last);
      before = level;
      return { ...node, attrs: { ...node.attrs, level: Math.max(1, last) } };
    }),
  };
}

export function Rich({ node }: { node: RichNode }): ReactNode {
  const inner = node.content?.map((child, index) => <Rich key={index} node={child} />);
  const { attrs = {} } = node;
  switch (node.type) {
    case 'text':
      return marked(node);
    case 'paragraph':
      return <p>{inner}</p>;
    case 'heading': {
      // The item's own title is a heading; what it contains stands below.
      const Heading = ({ 1: 'h3', 2: 'h4', 3: 'h5' } as const)[attrs.level as 1] ?? 'h5';
      return <Heading>{inner}</Heading>;
    }
    case 'bulletList':
      return <ul>{inner}</ul>;
    case 'orderedList':
      return <ol start={count(attrs.start)}>{inner}</ol>;
    case 'listItem':
      return <li>{inner}</li>;
    case 'taskList':
      return <ul className="print-tasks">{inner}</ul>;
    case 'taskItem':
      return (
        <li>
          <Box done={attrs.checked === true} />
          <div>{inner}</div>
        </li>
      );
    case 'blockquote':
      return <blockquote>{inner}</blockquote>;
    case 'codeBlock':
      return (
        <pre>
          <code>{inner}</code>
        </pre>
      );
    case 'horizontalRule':
      return <hr />;
    case 'hardBreak':
      return <br />;
    case 'table':
      return (
        <table>
          <tbody>{inner}</tbody>
        </table>
      );
    case 'tableRow':
      return <tr>{inner}</tr>;
    case 'tableHeader':
      return (
        <th colSpan={count(attrs.colspan)} rowSpan={count(attrs.rowspan)}>
          {inner}
        </th>
      );
    case 'tableCell':
      return (
        <td colSpan={count(attrs.colspan)} rowSpan={count(attrs.rowspan)}>
          {inner}
        </td>
      );
    case 'callout':
      return (
        <aside data-kind={word(attrs.kind)}>
          <strong>{t.exporting.print.callouts[attrs.kind as 'note'] ?? t.exporting.print.callouts.note}</strong>
          {inner}
        </aside>
      );
    case 'image':
      return <Picture file={word(attrs.file)} src={word(attrs.src)} alt={word(attrs.alt)} width={count(attrs.width)} />;
    case 'file':
      return <p className="print-file">{word(attrs.name)}</p>;
    case 'mention':
      return <span>@{word(attrs.label)}</span>;
    case 'itemLink':
      return <span>#{word(attrs.label)}</span>;
    default:
      // Of a newer schema: its text, at least.
      return <Fragment>{inner ?? node.text}</Fragment>;
  }
}

function marked({ text = '', marks = [] }: RichNode): ReactNode {
  return marks.reduce<ReactNode>((inner, { type, attrs }) => {
    switch (type) {
      case 'bold':
        return <strong>{inner}</strong>;
      case 'italic':
        return <em>{inner}</em>;
      case 'strike':
        return <s>{inner}</s>;
      case 'code':
        return <code>{inner}</code>;
      case 'underline':
        return <u>{inner}</u>;
      case 'highlight':
        return <mark>{inner}</mark>;
      case 'link':
        return <a href={safe(attrs?.href)}>{inner}</a>;
      default:
        return inner;
    }
  }, text);
}

export function Box({ done }: { done: boolean }) {
  return (
    <span role="img" aria-label={done ? t.exporting.print.done : t.exporting.print.open} className="print-box">
      {done ? '☑' : '☐'}
    </span>
  );
}

/** The files that came with the text, by what it calls them. */
export const Files = createContext<ReadonlyMap<string, { name: string; data: string }>>(new Map());

/** A picture that came with the text; one from elsewhere stays a link, since no other site is told what is read here. */
function Picture({ file, src, alt, width }: { file: string; src: string; alt: string; width: number | undefined }) {
  const stored = useContext(Files).get(file.replace(/^file:/, ''));
  const url = useMemo(() => {
    if (stored === undefined) return null;
    const bytes = Uint8Array.from(atob(stored.data), (char) => char.charCodeAt(0));
    // The browser looks at the bytes; in an <img>, nothing else than a picture comes of them.
    return URL.createObjectURL(new Blob([bytes], { type: /\.svg$/i.test(stored.name) ? 'image/svg+xml' : '' }));
  }, [stored]);
  useEffect(() => () => void (url !== null && URL.revokeObjectURL(url)), [url]);
  if (url !== null) return <img src={url} alt={alt} width={width} />;
  if (file !== '') return <Notice kind="info">{t.exporting.print.missing(alt)}</Notice>;
  return <p className="print-file">{safe(src) === undefined ? alt : <a href={src}>{alt || src}</a>}</p>;
}

import { getMarkRange, mergeAttributes } from '@tiptap/core';
import { Code as BaseCode } from '@tiptap/extension-code';
import { Link as BaseLink } from '@tiptap/extension-link';
import type { EditorState } from '@tiptap/pm/state';
import { safeHref } from '../urls';

/** Inline code may be bold, struck or a link, as in Markdown. */
export const Code = BaseCode.extend({ excludes: 'code', parseHTML: () => ['code', 'kbd', 'samp', 'tt'].map((tag) => ({ tag })) });

export const Link = BaseLink.extend({
  inclusive: false,
  addAttributes() {
    return { href: { default: null, parseHTML: (shown) => safeHref(shown.getAttribute('href')) } };
  },
  parseHTML() {
    return [{ tag: 'a[href]', getAttrs: (shown) => (safeHref(shown.getAttribute('href')) === null ? false : null) }];
  },
  renderHTML({ HTMLAttributes }) {
    const href = safeHref(HTMLAttributes.href);
    // An address that may not be followed: the text stays, and leads nowhere.
    if (href === null) return ['span', { class: 'link-refused' }, 0];
    return ['a', mergeAttributes({ href, rel: 'noopener noreferrer nofollow', target: '_blank' }), 0];
  },
}).configure({
  openOnClick: false,
  autolink: true,
  linkOnPaste: true,
  markdownLinks: true,
  defaultProtocol: 'https',
  isAllowedUri: (href) => safeHref(href) !== null,
  shouldAutoLink: (text) => /^(https?:\/\/|www\.)/i.test(text) || /^[^/\s]+\.(com|org|net|io|dev|app|eu|de|uk|co|ai|gov|edu)(\/|$)/i.test(text),
});

/** Where the link around `pos` begins and ends. */
export function linkAt(state: EditorState, pos: number): { from: number; to: number; href: string } | null {
  const type = state.schema.marks.link;
  if (type === undefined) return null;
  const range = getMarkRange(state.doc.resolve(pos), type);
  if (range === undefined) return null;
  const mark = state.doc.resolve(range.from).nodeAfter?.marks.find((one) => one.type === type);
  return mark === undefined ? null : { ...range, href: String(mark.attrs.href ?? '') };
}

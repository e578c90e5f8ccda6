/** Which addresses a document may lead to. Judged when content comes in and again when it is shown: others write documents, too. */

const LINKS = new Set(['http:', 'https:', 'mailto:', 'tel:', 'ftp:', 'sftp:', 'ssh:', 'slack:', 'vscode:']);
const IMAGES = new Set(['http:', 'https:']);

function allowed(value: unknown, protocols: ReadonlySet<string>): string | null {
  if (typeof value !== 'string') return null;
  const address = value.trim();
  if (address === '' || address.length > 8_192) return null;
  try {
    // The parser sees through tabs, line breaks and letters of either case, as the browser would.
    const { protocol } = new URL(address, 'https://relative.invalid/');
    return protocols.has(protocol) ? address : null;
  } catch {
    return null;
  }
}

/** The address of a link, or null for one that may not be followed (`javascript:`, `data:`, …). */
export const safeHref = (value: unknown): string | null => allowed(value, LINKS);

/** The address of an image elsewhere, or null. */
export const safeImage = (value: unknown): string | null => {
  const address = allowed(value, IMAGES);
  return address !== null && /^https?:/i.test(address) ? address : null;
};

/** What somebody typed as an address: `example.com` means https, `ada@example.com` a mail. Null if it can't be one. */
export function typedHref(value: string): string | null {
  const text = value.trim();
  if (text === '') return null;
  if (/^[^\s@/:]+@[^\s@/:]+\.[^\s@/:]+$/.test(text)) return `mailto:${text}`;
  if (/^([a-z][a-z0-9+.-]*:(?!\d)|[/#?])/i.test(text)) return safeHref(text);
  return safeHref(`https://${text}`);
}

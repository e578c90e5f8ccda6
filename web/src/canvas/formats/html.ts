/** HTML, as labels of other programs hold it, to plain text. Nothing is parsed into a document: no tag is ever alive. */
const NAMED: Readonly<Record<string, string>> = {
  amp: '&', lt: '<', gt: '>', quot: '"', apos: "'", nbsp: ' ', copy: '©', reg: '®', trade: '™', hellip: '…', mdash: '—', ndash: '–', bull: '•', middot: '·', laquo: '«', raquo: '»', lsquo: '‘',
  rsquo: '’', ldquo: '“', rdquo: '”', rarr: '→', larr: '←', uarr: '↑', darr: '↓', harr: '↔', times: '×', divide: '÷', deg: '°', plusmn: '±', le: '≤', ge: '≥', ne: '≠', euro: '€', pound: '£',
  infin: '∞', para: '¶', sect: '§', hearts: '♥', check: '✓', auml: 'ä', ouml: 'ö', uuml: 'ü', Auml: 'Ä', Ouml: 'Ö', Uuml: 'Ü', szlig: 'ß', eacute: 'é', egrave: 'è', agrave: 'à', ccedil: 'ç',
};

export function decodeEntities(text: string): string {
  return text.replace(/&(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]\w{0,31}));/g, (whole, decimal?: string, hex?: string, name?: string) => {
    if (name !== undefined) return Object.hasOwn(NAMED, name) ? NAMED[name]! : whole;
    const code = decimal !== undefined ? Number(decimal) : Number.parseInt(hex!, 16);
    const allowed = code === 9 || code === 10 || (code >= 32 && code <= 0x10ffff && !(code >= 0xd800 && code <= 0xdfff));
    return allowed ? String.fromCodePoint(code) : '';
  });
}

const BLOCK = /^(p|div|li|ul|ol|tr|table|h[1-6]|hr|section|header|footer|blockquote|pre)$/;
/** A tag has a name: "a < b" is none. Nothing in it runs past the next "<", so that no text takes longer than it is long. */
const TAG = /<!--[^<>]*-->|<(\/?)([A-Za-z][A-Za-z0-9:-]*)(?:\s[^<>]*)?\/?>/g;

/** Whether there is more in it than words, breaks and blocks. */
export const isRich = (html: string) => /<(b|i|u|s|em|strong|font|span|code|sub|sup|a|h[1-6]|ul|ol|table)[\s>]/i.test(html);

/** The words of it; blocks, items and rows of a table begin a line. */
export function plainText(html: string): string {
  if (!/[<&]/.test(html)) return html;
  let skipped = '';
  let last = 0;
  const parts: string[] = [];
  let started = false;
  const put = (words: string) => {
    if (words === '') return;
    parts.push(words);
    started = /[^ \t\n]/.test(words.slice(words.lastIndexOf('\n') + 1)) || (started && !words.includes('\n'));
  };
  const line = () => {
    if (started) put('\n');
  };
  for (const tag of html.matchAll(TAG)) {
    if (skipped === '') put(html.slice(last, tag.index));
    last = tag.index + tag[0].length;
    const name = (tag[2] ?? '').toLowerCase();
    const closing = tag[1] === '/';
    if (skipped !== '') {
      if (closing && name === skipped) skipped = '';
    } else if ((name === 'script' || name === 'style') && !closing && !tag[0].endsWith('/>')) skipped = name;
    else if (name === 'br') put('\n');
    else if (name === 'hr') {
      line();
      put('---\n');
    } else if (name === 'td' || name === 'th') put(closing ? ' ' : '');
    else if (BLOCK.test(name)) {
      line();
      if (name === 'li' && !closing) put('• ');
    }
  }
  if (skipped === '') put(html.slice(last));
  const lines = decodeEntities(parts.join('')).replace(/\u00a0/g, ' ').split('\n');
  return lines.map((words) => words.trimEnd()).join('\n').replace(/\n{3,}/g, '\n\n').trim();
}

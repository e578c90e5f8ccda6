/**
 * Joins class names; of two that set the same thing, the later one counts. It knows the utilities that primitives set and their
 * callers change, which is all that the client needs of tailwind-merge, at a tenth of its size.
 */
import { clsx, type ClassValue } from 'clsx';

/** A name for what a class sets, and the names of what it sets along with it. */
const groups: [pattern: RegExp, group: string, covers?: string[]][] = [
  [/^(justify-items|justify-self|basis|scroll-pt|rounded-b|overscroll-x|overscroll-y)-/, ''],
  [/^(?:flex|inline-flex|grid|inline-grid|block|inline-block|inline|contents|hidden|table)$/, 'display'],
  [/^(?:static|fixed|absolute|relative|sticky)$/, 'position'],
  [/^size-/, 'size', ['w', 'h']],
  [/^-?p-/, 'p', ['px', 'py', 'pt', 'pr', 'pb', 'pl']],
  [/^-?m-/, 'm', ['mx', 'my', 'mt', 'mr', 'mb', 'ml']],
  [/^-?px-/, 'px', ['pr', 'pl']],
  [/^-?py-/, 'py', ['pt', 'pb']],
  [/^-?mx-/, 'mx', ['mr', 'ml']],
  [/^-?my-/, 'my', ['mt', 'mb']],
  [/^gap-(?![xy]-)/, 'gap', ['gap-x', 'gap-y']],
  [/^-?inset-(?![xy]-)/, 'inset', ['inset-x', 'inset-y', 'top', 'right', 'bottom', 'left']],
  [/^-?inset-x-/, 'inset-x', ['right', 'left']],
  [/^-?inset-y-/, 'inset-y', ['top', 'bottom']],
  [/^-?(w|h|min-w|max-w|min-h|max-h|pt|pr|pb|pl|mt|mr|mb|ml|z|top|right|bottom|left|order|opacity|gap-x|gap-y|justify|items|self|leading|tracking|cursor|whitespace|duration)-/, ''],
  [/^shrink(?:-|$)/, 'shrink'],
  [/^grow(?:-|$)/, 'grow'],
  [/^flex-(?:\d|auto|none|initial|\[)/, 'flex', ['grow', 'shrink']],
  [/^rounded(?:-(?:xs|sm|md|lg|xl|\dxl|full|none|\[.*))?$/, 'rounded'],
  [/^shadow(?:-|$)/, 'shadow'],
  [/^text-(?:xs|sm|base|lg|xl|\dxl|\[\d.*)$/, 'text-size', ['leading']],
  [/^text-(?:left|right|center|start|end|justify)$/, 'text-align'],
  [/^text-(?!wrap|nowrap|balance|pretty|ellipsis|clip)/, 'text-colour'],
  [/^font-(?:thin|light|normal|medium|semibold|bold|black)$/, 'font-weight'],
  [/^bg-(?!clip|origin|none|fixed|local|scroll|cover|contain|auto|center|top|right|bottom|left|repeat|no-repeat|gradient|linear|radial|conic)/, 'bg'],
  [/^break-(?:words|all|normal)$/, 'break'],
  [/^font-(?:sans|mono|serif)$/, 'font-family'],
  [/^line-clamp-/, 'line-clamp', ['display', 'overflow']],
  [/^border(?:-(?:0|2|4|8))?$/, 'border-width', ['border-t', 'border-r', 'border-b', 'border-l', 'border-x', 'border-y', 'border-s', 'border-e']],
  [/^border-(?:solid|dashed|dotted|none)$/, 'border-style'],
  [/^border-(?![trblxyse](?:-|$)|collapse|separate|\d)/, 'border-colour'],
  [/^(border-[trblxyse])$/, ''],
  [/^-?(transition|grid-cols|grid-rows|space-x|space-y|content|outline-offset)(?:-|$)/, ''],
  [/^overflow-(?:auto|hidden|visible|scroll|clip)$/, 'overflow', ['overflow-x', 'overflow-y']],
  [/^(overflow-x|overflow-y)-/, ''],
];

const known = new Map<string, { group: string; covers: readonly string[] } | null>();

function sets(name: string): { group: string; covers: readonly string[] } | null {
  const before = known.get(name);
  if (before !== undefined) return before;
  // `md:hover:` and the like: what is set there is another thing. A colon inside of brackets is a value's.
  const at = name.replace(/\[[^\]]*\]/g, (part) => '_'.repeat(part.length)).lastIndexOf(':') + 1;
  const variant = name.slice(0, at);
  const plain = name.slice(at).replace(/^!|!$/g, '');
  let found: { group: string; covers: readonly string[] } | null = null;
  for (const [pattern, group, covers = []] of groups) {
    const match = pattern.exec(plain);
    if (match === null) continue;
    found = { group: variant + (group || (match[1] as string)), covers: covers.map((one) => variant + one) };
    break;
  }
  known.set(name, found);
  return found;
}

export function cn(...classes: ClassValue[]): string {
  const names = clsx(classes).split(/\s+/).filter(Boolean);
  const taken = new Set<string>();
  const kept: string[] = [];
  for (const name of names.reverse()) {
    const what = sets(name);
    if (what !== null) {
      if (taken.has(what.group)) continue;
      taken.add(what.group);
      for (const one of what.covers) taken.add(one);
    }
    kept.push(name);
  }
  return kept.reverse().join(' ');
}

/** HTML from elsewhere, straightened before the schema reads it. Whatever the schema has no name for stays outside anyway. */

const LIST = /mso-list:\s*l(\d+)\s+level(\d+)/i;

/** Word writes lists as paragraphs with a bullet in front. */
function wordLists(body: ParentNode): void {
  let stack: { list: HTMLElement; level: number }[] = [];
  for (const paragraph of [...body.querySelectorAll<HTMLElement>('p, h1, h2, h3')]) {
    const match = LIST.exec(paragraph.getAttribute('style') ?? '');
    if (match === null) {
      stack = [];
      continue;
    }
    const level = Number(match[2]);
    const bullet = paragraph.querySelector<HTMLElement>('[style*="mso-list:Ignore"], [style*="mso-list: Ignore"]');
    const ordered = /^\s*\(?[0-9a-z]{1,4}[.)]/i.test(bullet?.textContent ?? '');
    bullet?.remove();
    while (stack.length > 0 && (stack.at(-1)?.level ?? 0) > level) stack.pop();
    let top = stack.at(-1);
    if (top === undefined || top.level < level) {
      const list = document.createElement(ordered ? 'ol' : 'ul');
      if (top === undefined) paragraph.before(list);
      else (top.list.lastElementChild ?? top.list).append(list);
      top = { list, level };
      stack.push(top);
    }
    const item = document.createElement('li');
    const text = document.createElement('p');
    text.append(...paragraph.childNodes);
    item.append(text);
    top.list.append(item);
    paragraph.remove();
  }
}

/** Google Docs and mail programs put a line break between blocks, and wrap everything in an element that means nothing. */
function straighten(body: ParentNode): void {
  for (const gone of body.querySelectorAll('script, style, meta, link, title, template, .ak-editor-panel__icon, .code-block-copy')) gone.remove();
  for (const line of body.querySelectorAll('br.Apple-interchange-newline, b[id^="docs-internal-guid"] > br')) line.remove();
  // GitHub and Jira show a task as an item with a box.
  for (const box of body.querySelectorAll<HTMLInputElement>('li > input[type=checkbox], li > p > input[type=checkbox], li > label > input[type=checkbox]')) {
    const item = box.closest('li');
    if (item === null || item.dataset.type !== undefined) continue;
    item.dataset.type = 'taskItem';
    item.dataset.checked = String(box.checked || box.hasAttribute('checked'));
    item.parentElement?.setAttribute('data-type', 'taskList');
    box.remove();
  }
  // A list that holds a list beside its items: the inner one belongs to the item before it.
  for (const inner of body.querySelectorAll('ul > ul, ul > ol, ol > ul, ol > ol')) inner.previousElementSibling?.append(inner);
}

export function cleanHtml(html: string): string {
  // A template's content is inert: no script, no style, no picture of it does anything.
  const template = document.createElement('template');
  // Nothing of it would run, but the browser reports each handler that it meets.
  template.innerHTML = html.replace(/<[a-z][^>]*>/gi, (tag) => tag.replace(/\son[a-z]+\s*=\s*("[^"]*"|'[^']*'|[^\s>]+)/gi, ''));
  const body = template.content;
  // Our own clipboard is in order, and carries what its parts are open to.
  if (body.querySelector('[data-pm-slice]') !== null) return html;
  straighten(body);
  if (/mso-list/i.test(html)) wordLists(body);
  return template.innerHTML;
}

/** Whether the HTML only dresses up plain text, as code editors do. */
export const isPlainDress = (html: string): boolean => !/<(p|h[1-6]|ul|ol|li|table|blockquote|strong|em|b|i|u|s|a|img|code|mark|del)\b/i.test(html);

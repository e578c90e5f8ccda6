/** The two halves of a project's screen: the list of items, in whatever view, and the open item. */

const item = () => document.querySelector<HTMLElement>('#main [data-view="title"] :is(textarea, input)');
const list = () => document.querySelector<HTMLElement>('#main :is([role="tree"], [role="grid"], [role="treegrid"], [role="listbox"])[tabindex="0"], #main [role="tree"]');

/** The way out of a list where Tab means something else: into the open item, else to what stands above the list. */
export function leaveList(): void {
  (item() ?? document.getElementById('tree-exit'))?.focus();
}

/** From one half to the other. */
export function otherPane(): void {
  const title = item();
  const inItem = title?.closest('article')?.contains(document.activeElement) === true;
  ((inItem ? list() : title) ?? list())?.focus();
}

import { Fragment, type ReactElement, type ReactNode } from 'react';
import { lazily, useLazy, type Lazy } from './lazy';
import { usePopup } from './popup';

const parts = lazily(() => import('./menu-parts'));

/** Entries of a menu that are fetched together with what every menu is made of: it never opens empty. */
export const lateEntries = <T,>(load: () => Promise<T>): Lazy<T> => lazily(() => Promise.all([load(), parts.load()]).then(([entries]) => entries));

/** Entries are only rendered in an open menu, whose parts are here by then. */
const here = () => parts.now() as NonNullable<ReturnType<typeof parts.now>>;

type MenuProps = {
  trigger: ReactElement;
  children: ReactNode;
  /** What `children` need before they can be rendered. */
  entries?: Lazy<unknown>;
  align?: 'start' | 'end' | 'center';
  side?: 'top' | 'bottom';
  /** Mounted open: for a menu that is made only when it is needed. */
  open?: boolean;
  onOpenChange?: (open: boolean) => void;
};

export function Menu({ trigger, children, entries, align = 'start', side = 'bottom', open, onOpenChange }: MenuProps) {
  const needs: Lazy<unknown> = entries ?? parts;
  const popup = usePopup({ trigger, popup: 'menu', parts: needs, open, onOpenChange });
  const loaded = useLazy(needs, popup.open || needs.now() !== null) === null ? null : parts.now();
  const named = popup.trigger.props as { 'aria-label'?: string; label?: string };
  const label = named['aria-label'] ?? named.label;
  return (
    <Fragment>
      {popup.trigger}
      {loaded !== null && (
        <loaded.MenuContent open={popup.open} onOpenChange={popup.setOpen} anchor={popup.anchor} label={label} byKeyboard={popup.byKeyboard} align={align} side={side}>
          {children}
        </loaded.MenuContent>
      )}
    </Fragment>
  );
}

export type ItemProps = { icon?: ReactNode; hint?: string; danger?: boolean; disabled?: boolean; onClick: () => void; children: ReactNode };

export function MenuItem(props: ItemProps) {
  const { MenuItem: Item } = here();
  return <Item {...props} />;
}

export function MenuLine() {
  const { MenuLine: Line } = here();
  return <Line />;
}

export type ChoiceProps<T extends string> = {
  label: string;
  value: T;
  options: readonly { value: T; label: string; icon?: ReactNode }[];
  onChange: (value: T) => void;
};

/** One choice among a few, with the present one ticked. */
export function MenuChoice<T extends string>(props: ChoiceProps<T>) {
  const { MenuChoice: Choice } = here();
  return <Choice {...props} />;
}

export function MenuTick(props: { checked: boolean; onChange: (checked: boolean) => void; children: ReactNode }) {
  const { MenuTick: Tick } = here();
  return <Tick {...props} />;
}

export function MenuLabel({ children }: { children: ReactNode }) {
  return <div className="px-2 pt-1.5 pb-1 text-xs font-medium text-muted">{children}</div>;
}

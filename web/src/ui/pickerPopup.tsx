import { Combobox } from '@base-ui/react/combobox';
import { Check, Plus } from 'lucide-react';
import { useMemo, useState, type RefObject } from 'react';
import { cn } from './cn';
import type { Choice, PickerProps } from './picker';

/** How many matches are listed: more is what typing is for. */
const SHOWN = 100;
const MAKE = '\0make';

type Props = PickerProps & { anchor: RefObject<HTMLElement | null>; onClose: () => void };

/** Those whose label or help has every word of `text`, those that begin with it first. */
export function matching(choices: readonly Choice[], text: string): Choice[] {
  const words = text.toLowerCase().split(/\s+/).filter(Boolean);
  const [first] = words;
  if (first === undefined) return [...choices];
  const found = choices.filter(({ label, help }) => {
    const all = `${label} ${help ?? ''}`.toLowerCase();
    return words.every((word) => all.includes(word));
  });
  const rank = ({ label }: Choice) => (label.toLowerCase().startsWith(first) ? 0 : 1);
  return found.sort((a, b) => rank(a) - rank(b));
}

export default function PickerPopup(props: Props) {
  const { label, choices, placeholder, empty, make, anchor, onClose } = props;
  const [text, setText] = useState('');
  const chosen = props.multiple === true ? props.value : props.value === null ? [] : [props.value];
  // What is chosen stands first, as it was when the list opened: rows don't jump under the pointer.
  const [ordered] = useState(() => (props.multiple === true ? [...choices].sort((a, b) => Number(chosen.includes(b.value)) - Number(chosen.includes(a.value))) : choices));
  const known = useMemo(() => {
    const now = new Map(choices.map((choice) => [choice.value, choice]));
    const kept = ordered.map(({ value }) => now.get(value)).filter((choice) => choice !== undefined);
    const before = new Set(ordered.map(({ value }) => value));
    return [...kept, ...choices.filter(({ value }) => !before.has(value))];
  }, [choices, ordered]);
  const typed = text.trim();
  const shown: Choice[] = matching(known, typed).slice(0, SHOWN);
  if (make !== undefined && typed !== '' && !choices.some((choice) => choice.label.toLowerCase() === typed.toLowerCase())) {
    shown.push({ value: MAKE, label: make.label(typed), icon: <Plus aria-hidden /> });
  }
  const pick = (value: string) => {
    if (value === MAKE) {
      make?.run(typed);
      setText('');
      if (props.multiple !== true) onClose();
      return;
    }
    if (props.multiple === true) props.onChange(chosen.includes(value) ? chosen.filter((one) => one !== value) : [...chosen, value]);
    else {
      props.onChange(value);
      onClose();
    }
  };
  return (
    <Combobox.Root
      open
      // What a choice does to the list is `pick`'s to say: of many, it stays open.
      onOpenChange={(open, { reason }) => {
        if (!open && reason !== 'item-press') onClose();
      }}
      items={shown}
      filter={null}
      autoHighlight
      inputValue={text}
      onInputValueChange={(next, { reason }) => {
        if (reason !== 'item-press') setText(next);
      }}
      value={null}
      onValueChange={(choice: Choice | null) => {
        if (choice !== null && choice.disabled !== true) pick(choice.value);
      }}
      itemToStringLabel={(choice: Choice) => choice.label}
      isItemEqualToValue={(a: Choice, b: Choice) => a.value === b.value}
    >
      <Combobox.Portal>
        <Combobox.Positioner anchor={anchor} align="start" sideOffset={4} collisionPadding={8} className="z-50 outline-none">
          <Combobox.Popup
            aria-label={label}
            className="popup flex max-h-[min(22rem,var(--available-height))] w-[max(var(--anchor-width),16rem)] max-w-[calc(100vw-1rem)] flex-col rounded-lg border border-line bg-raised shadow-float outline-none"
          >
            <Combobox.Input
              aria-label={label}
              placeholder={placeholder}
              autoFocus
              maxLength={100}
              className="h-9 shrink-0 border-b border-line bg-transparent px-3 text-sm outline-none pointer-coarse:h-11 pointer-coarse:text-[1rem] placeholder:text-faint"
            />
            {shown.length === 0 && <div className="px-3 py-3 text-sm text-muted">{empty}</div>}
            <Combobox.List aria-multiselectable={props.multiple} className="min-h-0 overflow-y-auto p-1 empty:p-0">
              {(choice: Choice) => {
                const on = chosen.includes(choice.value);
                return (
                  <Combobox.Item
                    key={choice.value}
                    value={choice}
                    disabled={choice.disabled}
                    aria-selected={on}
                    className={cn(
                      'flex cursor-default items-center gap-2 rounded-md px-2 py-1.5 text-sm outline-none select-none data-disabled:opacity-45 data-highlighted:bg-hover pointer-coarse:min-h-10 [&_svg]:size-4 [&_svg]:shrink-0',
                    )}
                  >
                    {choice.icon}
                    <span className="min-w-0 flex-1">
                      <span className="block truncate">{choice.label}</span>
                      {choice.help !== undefined && <span className="block truncate text-xs text-muted">{choice.help}</span>}
                    </span>
                    {on && <Check aria-hidden className="text-accent-text" />}
                  </Combobox.Item>
                );
              }}
            </Combobox.List>
          </Combobox.Popup>
        </Combobox.Positioner>
      </Combobox.Portal>
    </Combobox.Root>
  );
}

import { Search } from 'lucide-react';
import { useState } from 'react';
import { t } from '@/texts';
import { Dialog } from '@/ui/dialog';
import { inputClass } from '@/ui/field';
import { Kbd } from '@/ui/kbd';
import { commandsOf, commandStore, type Command } from '../commands';
import { hide } from '../overlay';
import { score } from './rank';

const GROUPS: readonly Command['group'][] = ['go', 'create', 'change', 'view', 'help'];

/** Every key that works on the present screen. */
export default function Shortcuts() {
  // As they were when it opened: the dialog itself is no screen.
  const [commands] = useState(() => commandsOf(commandStore.getState()).filter(({ keys }) => keys !== undefined));
  const [query, setQuery] = useState('');
  const groups = GROUPS.map((group) => ({
    group,
    commands: commands.filter((command) => command.group === group && (query.trim() === '' || score(query, command.title, command.keywords) > 0)),
  })).filter(({ commands: some }) => some.length > 0);
  return (
    <Dialog open onClose={hide} title={t.palette.shortcuts} text={t.palette.shortcutsText} className="max-w-2xl">
      <div className="relative mb-4">
        <Search aria-hidden className="absolute top-2.5 left-2.5 size-4 text-faint" />
        <input autoFocus className={`${inputClass} pl-8`} aria-label={t.palette.filter} placeholder={t.palette.filter} value={query} onChange={(event) => setQuery(event.target.value)} />
      </div>
      {groups.length === 0 && <p className="py-6 text-center text-sm text-muted">{t.palette.noShortcut}</p>}
      <div className="gap-8 sm:columns-2">
        {groups.map(({ group, commands: some }) => (
          <section key={group} className="mb-5 break-inside-avoid" aria-label={t.palette.groups[group]}>
            <h3 className="mb-1 text-xs font-medium text-muted">{t.palette.groups[group]}</h3>
            <dl>
              {some.map(({ id, title, keys }) => (
                <div key={id} className="flex min-h-8 items-center gap-3 border-b border-line py-1 text-sm last:border-0">
                  <dt className="min-w-0 flex-1">{title}</dt>
                  <dd>
                    <Kbd keys={keys ?? ''} />
                  </dd>
                </div>
              ))}
            </dl>
          </section>
        ))}
      </div>
    </Dialog>
  );
}

import { useState } from 'react';
import { t } from '@/texts';
import { Button } from '@/ui/button';
import { Dialog } from '@/ui/dialog';
import { Field } from '@/ui/field';
import { useFiltering } from './filtering';
import { useSavedFilters } from './settings';

/** Asks for the name under which the present filter is kept. A name that exists is replaced. */
export default function SaveFilter({ project, close }: { project: string; close: () => void }) {
  const { filter } = useFiltering(project);
  const [saved, setSaved] = useSavedFilters(project);
  const [name, setName] = useState('');
  const save = () => {
    const trimmed = name.trim();
    if (trimmed === '') return;
    setSaved([...saved.filter((one) => one.name !== trimmed), { name: trimmed, filter }]);
    close();
  };
  return (
    <Dialog open onClose={close} title={t.work.filter.saveTitle} text={t.work.filter.saveText}>
      <form
        className="grid gap-4"
        onSubmit={(event) => {
          event.preventDefault();
          save();
        }}
      >
        <Field label={t.work.filter.name} value={name} maxLength={60} autoFocus onChange={(event) => setName(event.target.value)} />
        <div className="flex justify-end">
          <Button type="submit" look="primary" disabled={name.trim() === ''}>
            {t.work.filter.saveAction}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

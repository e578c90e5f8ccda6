import { useState, type FormEvent } from 'react';
import { ApiError, explain } from '@/api/client';

/** A form's sending: what is pending, what failed as a whole, and which field failed. */
export function useSubmit(send: (values: Record<string, string>) => Promise<void>) {
  const [busy, setBusy] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const [fields, setFields] = useState<Record<string, string>>({});
  const onSubmit = async (event: FormEvent<HTMLFormElement>) => {
    event.preventDefault();
    if (busy) return;
    const form = event.currentTarget;
    const values = Object.fromEntries([...new FormData(form)].map(([name, value]) => [name, String(value)]));
    setBusy(true);
    setError(null);
    setFields({});
    try {
      await send(values);
    } catch (failure) {
      const byField = failure instanceof ApiError ? failure.fields : {};
      setFields(byField);
      const known = Object.keys(byField).find((name) => form.elements.namedItem(name) instanceof HTMLElement);
      if (known === undefined) setError(explain(failure));
      else (form.elements.namedItem(known) as HTMLElement).focus();
    } finally {
      setBusy(false);
    }
  };
  return { busy, error, fields, onSubmit, setError };
}

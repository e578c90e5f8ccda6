import { Check, Copy } from 'lucide-react';
import { useRef, useState } from 'react';
import { t } from '@/texts';
import { Button } from './button';
import { inputClass } from './field';

/** A text to take along, with a button that copies it. */
export function CopyField({ label, value, copy }: { label: string; value: string; copy: string }) {
  const [copied, setCopied] = useState(false);
  const field = useRef<HTMLInputElement>(null);
  return (
    <div className="flex gap-2">
      <input ref={field} readOnly aria-label={label} value={value} className={inputClass} onFocus={(event) => event.currentTarget.select()} />
      <Button
        className="h-9"
        onClick={() => {
          // The clipboard needs a secure origin; the selected text is the way that always works.
          void (navigator.clipboard?.writeText(value) ?? Promise.reject(new Error('no clipboard'))).then(
            () => setCopied(true),
            () => field.current?.select(),
          );
        }}
      >
        {copied ? <Check className="size-4" aria-hidden /> : <Copy className="size-4" aria-hidden />}
        <span role="status">{copied ? t.common.copied : copy}</span>
      </Button>
    </div>
  );
}

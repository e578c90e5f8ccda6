import { toast } from '@/ui/toast';
import { t } from '@/texts';

/** Copies a text and says so. The clipboard needs a secure origin: elsewhere the text is shown to be copied by hand. */
export function copyText(text: string, done: string): void {
  void (navigator.clipboard?.writeText(text) ?? Promise.reject(new Error('no clipboard'))).then(
    () => toast(done),
    () => toast(t.common.copyByHand, { description: text, duration: 20_000 }),
  );
}

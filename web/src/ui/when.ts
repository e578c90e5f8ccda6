/** Dates, times and numbers as the person's locale writes them. */
import { locale } from '@/texts/locale';

const steps: [Intl.RelativeTimeFormatUnit, number][] = [
  ['year', 31_536_000],
  ['month', 2_592_000],
  ['week', 604_800],
  ['day', 86_400],
  ['hour', 3_600],
  ['minute', 60],
];

/** "3 hours ago", "in 6 days". */
export function ago(time: string, now: number = Date.now()): string {
  const relative = new Intl.RelativeTimeFormat(locale(), { numeric: 'auto' });
  const seconds = (new Date(time).getTime() - now) / 1000;
  for (const [unit, size] of steps) if (Math.abs(seconds) >= size) return relative.format(Math.round(seconds / size), unit);
  return relative.format(0, 'second');
}

export const day = (time: string) => new Date(time).toLocaleDateString(locale(), { day: 'numeric', month: 'short', year: 'numeric' });

/** With the time of day. */
export const moment = (time: string) => new Date(time).toLocaleString(locale(), { dateStyle: 'medium', timeStyle: 'short' });

/** "4.2 MB". */
export function size(bytes: number): string {
  const units = ['byte', 'kilobyte', 'megabyte', 'gigabyte'] as const;
  const step = Math.min(units.length - 1, Math.max(0, Math.floor(Math.log(Math.max(1, bytes)) / Math.log(1_000))));
  return (bytes / 1_000 ** step).toLocaleString(locale(), { style: 'unit', unit: units[step], unitDisplay: step === 0 ? 'long' : 'short', maximumFractionDigits: step === 0 ? 0 : 1 });
}

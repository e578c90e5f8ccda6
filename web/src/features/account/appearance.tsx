import { Monitor, Moon, Sun } from 'lucide-react';
import { usePreference } from '@/app/preferences';
import { useTheme, type Theme } from '@/app/theme';
import { changeLanguage, language, languages, t } from '@/texts';
import { number } from '@/texts/plural';
import { Section } from '@/ui/page';
import { Select, selectClass } from '@/ui/select';
import { moment } from '@/ui/when';
import { card } from './card';

const THEMES = [
  ['system', Monitor],
  ['light', Sun],
  ['dark', Moon],
] as const satisfies readonly (readonly [Theme, unknown])[];

/** A day and a number that show how they are written. */
const EXAMPLE = { time: '2026-11-21T16:30:00', number: 12_345.6 };

export function Appearance() {
  const theme = useTheme();
  const [, setLanguage] = usePreference<string | null>('language', null);
  const offered = Object.entries(languages).filter(([tag, { hidden }]) => hidden !== true || tag === language());
  return (
    <Section title={t.account.appearance}>
      <div className={`${card} grid gap-5`}>
        <fieldset>
          <legend className="mb-1.5 text-sm font-medium">{t.nav.theme}</legend>
          <div className="grid gap-2 sm:grid-cols-3">
            {THEMES.map(([value, Icon]) => (
              <label
                key={value}
                className="flex cursor-pointer items-center gap-2.5 rounded-md border border-line-strong px-3 py-2 text-sm hover:bg-hover has-checked:border-accent has-checked:bg-accent-soft has-focus-visible:outline-2 has-focus-visible:outline-ring"
              >
                <input type="radio" name="theme" value={value} checked={theme.theme === value} onChange={() => theme.set(value)} className="accent-accent" />
                <Icon aria-hidden className="size-4 text-muted" />
                {t.nav.themes[value]}
              </label>
            ))}
          </div>
          <p className="mt-1.5 text-xs text-muted">{t.account.motionHelp}</p>
        </fieldset>
        <div>
          <div className="text-sm font-medium">{t.account.language}</div>
          <Select
            className={`${selectClass} mt-1.5 w-full max-w-xs`}
            label={t.account.language}
            value={language()}
            options={offered.map(([value, { name }]) => ({ value, label: name }))}
            onChange={(tag) => {
              setLanguage(tag);
              changeLanguage(tag);
            }}
          />
          <p className="mt-1.5 text-xs text-muted">{t.account.formats(moment(EXAMPLE.time), number(EXAMPLE.number))}</p>
        </div>
      </div>
    </Section>
  );
}

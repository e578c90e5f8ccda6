/** What an import or export could not take over: one line for each reason, with how often. */
import '@/texts/en/formats';
import { t } from '@/texts';

type Messages = typeof t.formats;
export type ReportCode = keyof Messages['report'];
export type ErrorCode = keyof Messages['errors'];

export interface ReportLine {
  /** `info`: it looks or behaves a little differently; `warning`: something is not there. */
  level: 'info' | 'warning';
  code: ReportCode;
  message: string;
  count: number;
}

/** More kinds of one loss than anybody reads are told as one. */
const MAX_DETAILS = 20;
const MAX_DETAIL = 60;

const wording = (messages: unknown, code: string, detail: string) => (messages as Record<string, (detail: string) => string>)[code]!(detail);

export class Report {
  private readonly found = new Map<string, { level: ReportLine['level']; code: ReportCode; detail: string; count: number }>();
  private readonly kinds = new Map<ReportCode, number>();

  constructor(private readonly before: readonly ReportLine[] = []) {}

  add(level: ReportLine['level'], code: ReportCode, detail: unknown = ''): void {
    let about = typeof detail === 'string' || typeof detail === 'number' ? String(detail).slice(0, MAX_DETAIL) : '';
    if (!this.found.has(`${code} ${about}`)) {
      const kinds = this.kinds.get(code) ?? 0;
      if (kinds >= MAX_DETAILS) about = '…';
      else this.kinds.set(code, kinds + 1);
    }
    const key = `${code} ${about}`;
    const line = this.found.get(key);
    if (line) line.count++;
    else this.found.set(key, { level, code, detail: about, count: 1 });
  }

  info(code: ReportCode, detail?: unknown): void {
    this.add('info', code, detail);
  }

  warn(code: ReportCode, detail?: unknown): void {
    this.add('warning', code, detail);
  }

  /** What is missing first, then what is different; each in the order it was found. */
  lines(): ReportLine[] {
    const lines = [...this.before, ...[...this.found.values()].map(({ level, code, detail, count }) => ({ level, code, message: wording(t.formats.report, code, detail), count }))];
    return [...lines.filter((line) => line.level === 'warning'), ...lines.filter((line) => line.level === 'info')];
  }
}

/** The text can't be read at all. `message` is for people. */
export class FormatError extends Error {
  constructor(readonly code: ErrorCode, detail = '') {
    super(wording(t.formats.errors, code, detail));
    this.name = 'FormatError';
  }
}

/** No more characters than this are read. */
export const MAX_CHARACTERS = 32 * 1024 * 1024;

export function refuseLarge(length: number, limit: number = MAX_CHARACTERS): void {
  if (length > limit) throw new FormatError('too_large', `${limit / 1024 / 1024} MiB`);
}

import type { Verdict } from '../../api/types.ts';
import { startOfDay } from '../../words/time.ts';

const VERDICTS: readonly Verdict[] = ['record', 'offer', 'ignore', 'forbid', 'hold'];

/** What the address bar holds of the journal's filters; days as 2026-11-20. */
export interface CallFilters {
  readonly q?: string;
  readonly verdict?: Verdict;
  readonly from?: string;
  readonly to?: string;
  readonly account?: string;
}

/** Takes what can be read and drops the rest: an address typed by hand never breaks the page. */
export function readCallFilters(search: Record<string, unknown>): CallFilters {
  const verdict = VERDICTS.find((word) => word === search['verdict']);
  return tidy({
    q: textOf(search['q']),
    verdict,
    from: dayOf(search['from']),
    to: dayOf(search['to']),
    account: textOf(search['account']),
  });
}

export function withCallChange(
  filters: CallFilters,
  change: { [F in keyof CallFilters]?: CallFilters[F] | undefined },
): CallFilters {
  return tidy({ ...filters, ...change });
}

function tidy(filters: { [F in keyof CallFilters]: CallFilters[F] | undefined }): CallFilters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined && value !== ''));
}

function textOf(value: unknown): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const text = String(value).slice(0, 200);
  return text.trim() === '' ? undefined : text;
}

function dayOf(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

/** The filters as the API's query; days are those of the browser's zone, the last one included. */
export function callQueryOf(filters: CallFilters) {
  return {
    text: filters.q?.trim(),
    verdict: filters.verdict,
    accountId: filters.account,
    from: filters.from === undefined ? undefined : midnight(filters.from, 0).toISOString(),
    to: filters.to === undefined ? undefined : midnight(filters.to, 1).toISOString(),
  };
}

function midnight(day: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return startOfDay(new Date(year, month - 1, date + later));
}

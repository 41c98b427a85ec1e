import type { Decision, Retention } from '../policy/types.ts';

const HOUR_MS = 3_600_000;

/**
 * Until when a recording that ended then is kept, ms since 1970; null = until somebody deletes it. Months and years are those of the calendar
 * (UTC): what ended on the 31st is kept to the last day of a shorter month.
 */
function retentionEnd(endedAt: number, retention: Retention): number | null {
  if (retention === 'forever') return null;
  const { amount, unit } = retention;
  if (unit === 'hours') return endedAt + amount * HOUR_MS;
  if (unit === 'days') return endedAt + amount * 24 * HOUR_MS;
  return addMonths(endedAt, unit === 'years' ? amount * 12 : amount);
}

function addMonths(at: number, months: number): number {
  const date = new Date(at);
  const day = date.getUTCDate();
  date.setUTCDate(1);
  date.setUTCMonth(date.getUTCMonth() + months);
  const lastDay = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() + 1, 0)).getUTCDate();
  date.setUTCDate(Math.min(day, lastDay));
  return date.getTime();
}

/**
 * The longest that any of the decisions asks for; where none of them says anything, as the platform has it.
 * @param usual what holds when no decision says anything
 */
export function retainUntil(
  decisions: readonly Decision[],
  endedAt: number,
  usual: (endedAt: number) => number | null,
): number | null {
  const ends = decisions.map(({ retention }) =>
    retention === null || retention === undefined ? usual(endedAt) : retentionEnd(endedAt, retention),
  );
  if (ends.length === 0) return usual(endedAt);
  const known = ends.filter((end) => end !== null);
  return known.length < ends.length ? null : bounded(Math.max(...known));
}

/** As far as a date reaches. */
function bounded(at: number): number | null {
  return Number.isNaN(at) || at > 8.64e15 ? null : Math.round(at);
}

import type { Direction } from '../api/types.ts';
import { DIRECTIONS } from '../words/call.ts';
import { startOfDay } from '../words/time.ts';

export const PERIODS = { today: 'Today', '7d': 'Last 7 days', '30d': 'Last 30 days' } as const;
export type Period = keyof typeof PERIODS;

/** What the address bar holds of the list's filters; `from` and `to` are days (2026-11-20), `min` and `max` seconds. */
export interface Filters {
  readonly q?: string;
  readonly period?: Period;
  readonly from?: string;
  readonly to?: string;
  readonly direction?: Direction;
  readonly number?: string;
  readonly min?: number;
  readonly max?: number;
  /** Only those of which nobody is known as the owner (D8). */
  readonly unassigned?: true;
}

let shownLast: Filters = {};

/** The list as it was last seen: the way back from a recording leads there. */
export const lastFilters = (): Filters => shownLast;

export function rememberFilters(filters: Filters): void {
  shownLast = filters;
}

const NUMBER = /^[+*#0-9A-Za-z ()/.-]{1,64}$/;
const LONGEST = 864_000;

/** Takes what can be read and drops the rest: an address typed by hand never breaks the page. */
export function readFilters(search: Record<string, unknown>): Filters {
  const period = Object.keys(PERIODS).find((key): key is Period => key === search['period']);
  const direction = DIRECTIONS.find((word) => word === search['direction']);
  const seconds = (value: unknown): number | undefined => {
    const number = Number(value);
    return value !== '' && Number.isInteger(number) && number >= 0 && number <= LONGEST ? number : undefined;
  };
  return tidy({
    q: text(search['q'], 200),
    period,
    from: period === undefined ? dayText(search['from']) : undefined,
    to: period === undefined ? dayText(search['to']) : undefined,
    direction,
    number: numberText(search['number']),
    min: search['min'] === undefined ? undefined : seconds(search['min']),
    max: search['max'] === undefined ? undefined : seconds(search['max']),
    unassigned: search['unassigned'] === true ? true : undefined,
  });
}

export function isValidNumber(value: string): boolean {
  return value === '' || NUMBER.test(value);
}

/** Filters with one change; an undefined value takes the filter away. */
export function withChange(filters: Filters, change: { [K in keyof Filters]: Filters[K] | undefined }): Filters {
  return tidy({ ...filters, ...change });
}

function tidy(filters: { [K in keyof Filters]: Filters[K] | undefined }): Filters {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value !== undefined && value !== ''));
}

function text(value: unknown, most: number): string | undefined {
  if (typeof value !== 'string' && typeof value !== 'number') return undefined;
  const trimmed = String(value).slice(0, most);
  return trimmed.trim() === '' ? undefined : trimmed;
}

function numberText(value: unknown): string | undefined {
  const number = text(value, 64);
  return number !== undefined && NUMBER.test(number) ? number : undefined;
}

function dayText(value: unknown): string | undefined {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value))
    ? value
    : undefined;
}

/** The filters as the API's query; days are those of the browser's zone. */
export function queryOf(filters: Filters, now = new Date()) {
  const { from, to } = bounds(filters, now);
  return {
    ...(filters.q === undefined ? {} : { q: filters.q.trim() }),
    ...(from === undefined ? {} : { from: from.toISOString() }),
    ...(to === undefined ? {} : { to: to.toISOString() }),
    ...(filters.direction === undefined ? {} : { direction: filters.direction }),
    ...(filters.number === undefined ? {} : { number: filters.number }),
    ...(filters.min === undefined ? {} : { minDuration: filters.min }),
    ...(filters.max === undefined ? {} : { maxDuration: filters.max }),
    ...(filters.unassigned === true ? { unassigned: true } : {}),
  };
}

function bounds(filters: Filters, now: Date): { from?: Date | undefined; to?: Date | undefined } {
  const today = startOfDay(now);
  const daysBack = (days: number): Date => new Date(today.getFullYear(), today.getMonth(), today.getDate() - days);
  if (filters.period === 'today') return { from: today };
  if (filters.period === '7d') return { from: daysBack(6) };
  if (filters.period === '30d') return { from: daysBack(29) };
  return {
    from: filters.from === undefined ? undefined : dayStart(filters.from, 0),
    to: filters.to === undefined ? undefined : dayStart(filters.to, 1),
  };
}

/** Midnight of a day in the browser's zone, `later` days on. */
function dayStart(day: string, later: number): Date {
  const [year = 0, month = 1, date = 1] = day.split('-').map(Number);
  return new Date(year, month - 1, date + later);
}

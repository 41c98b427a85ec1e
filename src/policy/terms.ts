import type { CompiledAccount } from './compile.ts';
import type { Ask, AskingLayer, Handling, Retention, Terms, UserSettings } from './types.ts';

/** Handling of a user and of his group, the nearer first. */
export function handlingOfUser(
  account: CompiledAccount,
  user: UserSettings | undefined,
): readonly (Handling | undefined)[] {
  if (user === undefined) return [];
  return [user.handling, user.groupId === undefined ? undefined : account.groups.get(user.groupId)?.handling];
}

/** Each field from the first level that says something; the account's comes last by itself (S10, K3). */
export function termsOf(account: CompiledAccount, levels: readonly (Handling | undefined)[]): Terms {
  const terms: { -readonly [K in keyof Handling]: Handling[K] } = {};
  for (const level of levels) if (level !== undefined) fillIn(terms, level);
  if (account.settings.handling !== undefined) fillIn(terms, account.settings.handling);
  return {
    longestSeconds: terms.longestSeconds ?? null,
    format: terms.format ?? null,
    storeId: terms.storeId ?? null,
    retention: terms.retention ?? null,
    deliveries: terms.deliveries ?? [],
    announcement: terms.announcement ?? null,
  };
}

/** `null` is a word too: no limit. */
function fillIn(terms: { -readonly [K in keyof Handling]: Handling[K] }, level: Handling): void {
  if (terms.longestSeconds === undefined && level.longestSeconds !== undefined)
    terms.longestSeconds = level.longestSeconds;
  if (terms.format === undefined && level.format !== undefined) terms.format = level.format;
  if (terms.storeId === undefined && level.storeId !== undefined) terms.storeId = level.storeId;
  if (terms.retention === undefined && level.retention !== undefined) terms.retention = level.retention;
  if (terms.deliveries === undefined && level.deliveries !== undefined) terms.deliveries = level.deliveries;
  if (terms.announcement === undefined && level.announcement !== undefined) terms.announcement = level.announcement;
}

/** Where format and store of several layers differ, the nearest to the call's own reason wins. */
const NEARNESS: Readonly<Record<AskingLayer, number>> = {
  rule: 0,
  number: 1,
  queue: 2,
  endpoint: 3,
  flow: 4,
  pilot: 5,
  account: 6,
  override: 7,
};

/** One recording for all: the longest duration and retention, all deliveries, the announcement of anybody who wants one. */
export function uniteTerms(asks: readonly Ask[]): Terms | null {
  if (asks.length === 0) return null;
  const sorted = [...asks].sort(
    (a, b) => NEARNESS[a.layer] - NEARNESS[b.layer] || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0),
  );
  const terms = sorted.map((ask) => ask.terms);
  const limits = terms.map((one) => one.longestSeconds);
  return {
    longestSeconds: limits.some((limit) => limit === null) ? null : Math.max(...limits.map(Number)),
    format: terms.find((one) => one.format !== null)?.format ?? null,
    storeId: terms.find((one) => one.storeId !== null)?.storeId ?? null,
    retention: terms.map((one) => one.retention).reduce((a, b) => (retentionHours(b) > retentionHours(a) ? b : a)),
    deliveries: [...new Set(terms.flatMap((one) => one.deliveries))].sort(),
    announcement: uniteAnnouncements(terms),
  };
}

function uniteAnnouncements(terms: readonly Terms[]): Terms['announcement'] {
  const before = terms.find((one) => one.announcement?.before !== undefined)?.announcement?.before;
  const during = terms.find((one) => one.announcement?.during !== undefined)?.announcement?.during;
  if (before === undefined && during === undefined) return null;
  return { ...(before === undefined ? {} : { before }), ...(during === undefined ? {} : { during }) };
}

const HOURS = { hours: 1, days: 24, months: 24 * 30.44, years: 24 * 365.25 } as const;

/** For comparison only. Where nothing is set the node's own retention holds; it counts as the usual 90 days (P). */
export function retentionHours(retention: Retention | null): number {
  if (retention === null) return 90 * HOURS.days;
  return retention === 'forever' ? Number.POSITIVE_INFINITY : retention.amount * HOURS[retention.unit];
}

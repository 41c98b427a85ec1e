import { EarshotError } from '../base/errors.ts';

export interface Period {
  readonly from?: Date;
  readonly to?: Date;
}

/**
 * A stretch of time out of a query whose texts have the right form already.
 * @throws EarshotError BAD_REQUEST for a leap second, which no clock of ours can hold, and when `from` is later than `to`
 */
export function periodOf(query: { readonly from?: string; readonly to?: string }): Period {
  const period = {
    ...(query.from === undefined ? {} : { from: dateOf(query.from, 'from') }),
    ...(query.to === undefined ? {} : { to: dateOf(query.to, 'to') }),
  };
  if (period.from !== undefined && period.to !== undefined && period.from > period.to) {
    throw new EarshotError('BAD_REQUEST', 'from is later than to.', { key: 'from' });
  }
  return period;
}

function dateOf(text: string, key: string): Date {
  const date = new Date(text);
  if (Number.isNaN(date.getTime())) throw new EarshotError('BAD_REQUEST', `${text} is not a time.`, { key });
  return date;
}

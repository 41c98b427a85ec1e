import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';

/** What forgetting calls asks of the catalogue; `Catalogue` is one. */
export interface ForgetCatalogue {
  /** Days for which each account keeps calls without a recording; null = the usual. */
  notRecordedDays(): Promise<readonly { readonly accountId: string; readonly days: number | null }[]>;
  forgetCalls(request: { accountId: string; before: Date; limit: number }): Promise<number>;
}

export interface ForgetParts {
  readonly catalogue: ForgetCatalogue;
  readonly clock: Clock;
  readonly log: Log;
}

const USUAL_DAYS = 90;
const DAY_MS = 86_400_000;
const BATCH = 500;

/** Takes calls of which there is no recording, or no more, out of the journal when their account's time for that is over. @returns how many */
export async function forgetOldCalls({ catalogue, clock, log }: ForgetParts): Promise<number> {
  let forgotten = 0;
  for (const { accountId, days } of await catalogue.notRecordedDays()) {
    const before = new Date(clock.now() - (days ?? USUAL_DAYS) * DAY_MS);
    for (;;) {
      const gone = await catalogue.forgetCalls({ accountId, before, limit: BATCH });
      forgotten += gone;
      if (gone < BATCH) break;
    }
  }
  if (forgotten > 0) log.info({ forgotten }, 'calls without a recording were forgotten by age');
  return forgotten;
}

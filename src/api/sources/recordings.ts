import { type Catalogue, MAIN_ACCOUNT } from '../../catalogue/catalogue.ts';
import type { RecordingFilter as CatalogueFilter } from '../../catalogue/recordings.ts';
import type { RecordingFilter, RecordingSource } from '../context.ts';

/** The part of the recordings that the catalogue knows; manifest, trace and deletion come from the vault's side. */
export function catalogueRecordings(catalogue: Catalogue): Pick<RecordingSource, 'list' | 'get' | 'conversation'> {
  return {
    list: (filter, cursor, limit) =>
      catalogue.listRecordings(filterOf(filter), { limit, ...(cursor === null ? {} : { cursor }) }),
    async get(id) {
      return (await catalogue.getRecording(MAIN_ACCOUNT, id)) ?? undefined;
    },
    conversation: (accountId, conversationId) => catalogue.recordingsOfConversation(accountId, conversationId),
  };
}

/** There is one account until the directory brings more; "all accounts" is that one. */
function filterOf(filter: RecordingFilter): CatalogueFilter {
  return {
    accountId: filter.accountId ?? MAIN_ACCOUNT,
    from: filter.from,
    to: filter.to,
    direction: filter.direction === undefined ? undefined : [filter.direction],
    party: filter.party,
    number: filter.number,
    text: filter.text,
    durationMinMs: filter.minDurationMs,
    durationMaxMs: filter.maxDurationMs,
    conversationId: filter.conversationId,
  };
}

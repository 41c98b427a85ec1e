import { EarshotError } from '../../base/errors.ts';
import { readCursor, writeCursor } from '../cursor.ts';
import { periodOf } from '../period.ts';
import type { RecordingFilter, RecordingSource, Whose } from '../context.ts';
import type { RecordingQuery, RecordingSummary } from './schema.ts';
import { summaryOf } from './view.ts';

const PAGE = 50;

/** One page of recordings, newest first. @throws EarshotError BAD_REQUEST */
export async function listRecordings(
  source: RecordingSource,
  whose: Whose,
  query: RecordingQuery,
): Promise<{ items: RecordingSummary[]; next: string | null }> {
  const filter = filterOf(query, whose);
  const cursor = query.cursor === undefined ? null : positionOf(query.cursor, query);
  const rows = await source.list(filter, cursor, query.limit ?? PAGE);
  return { items: rows.items.map(summaryOf), next: rows.next === null ? null : writeCursor([rows.next], query) };
}

function filterOf(query: RecordingQuery, whose: Whose): RecordingFilter {
  if (query.minDuration !== undefined && query.maxDuration !== undefined && query.minDuration > query.maxDuration) {
    throw new EarshotError('BAD_REQUEST', 'minDuration is longer than maxDuration.', { key: 'minDuration' });
  }
  return {
    ...whose,
    ...periodOf(query),
    ...(query.direction === undefined ? {} : { direction: query.direction }),
    ...(query.party === undefined ? {} : { party: query.party }),
    ...(query.number === undefined ? {} : { number: query.number }),
    ...(query.q === undefined ? {} : { text: query.q }),
    ...(query.minDuration === undefined ? {} : { minDurationMs: query.minDuration * 1000 }),
    ...(query.maxDuration === undefined ? {} : { maxDurationMs: query.maxDuration * 1000 }),
    ...(query.conversation === undefined ? {} : { conversationId: query.conversation }),
    ...(query.call === undefined ? {} : { callId: query.call }),
    ...(query.unassigned === true ? { unassigned: true } : {}),
  };
}

/** The source's own cursor out of ours, which also knows the filters. */
function positionOf(cursor: string, query: RecordingQuery): string {
  const [position] = readCursor(cursor, query);
  if (typeof position === 'string') return position;
  throw new EarshotError('BAD_REQUEST', 'the cursor cannot be read.', { key: 'cursor' });
}

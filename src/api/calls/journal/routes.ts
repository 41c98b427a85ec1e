import { narrowingOf } from '../../../access/rules.ts';
import { EarshotError } from '../../../base/errors.ts';
import type { App } from '../../app.ts';
import type { ApiContext, CallFilter, Whose } from '../../context.ts';
import { readCursor, writeCursor } from '../../cursor.ts';
import { periodOf } from '../../period.ts';
import { guarded, named } from '../../schema.ts';
import { CallDetail, CallIdParams, CallPage, type CallQuery, CallQuery as CallQuerySchema } from './schema.ts';
import { detailOf, summaryOf } from './view.ts';

const PAGE = 50;

/** The journal of calls (F3, D10). */
export function journalRoutes(app: App, context: ApiContext): void {
  app.get(
    '/calls',
    {
      config: { access: 'calls.list' },
      schema: {
        operationId: 'listCalls',
        tags: ['calls'],
        summary: 'Every call, recorded or not, newest first, with the reason',
        querystring: CallQuerySchema,
        response: { 200: named(CallPage), ...guarded(503) },
      },
    },
    async ({ actor, query }) => {
      const cursor = query.cursor === undefined ? null : positionOf(query.cursor, query);
      const rows = await context.journal.list(filterOf(query, narrowingOf(actor)), cursor, query.limit ?? PAGE);
      return { items: rows.items.map(summaryOf), next: rows.next === null ? null : writeCursor([rows.next], query) };
    },
  );
  app.get(
    '/calls/:callId',
    {
      config: { access: 'calls.list' },
      schema: {
        operationId: 'getCall',
        tags: ['calls'],
        summary: 'One call with its recordings, events, and every decision with the word of each layer',
        params: CallIdParams,
        response: { 200: named(CallDetail), ...guarded(404, 503) },
      },
    },
    async ({ actor, params }) => {
      const call = await context.journal.get(narrowingOf(actor), params.callId);
      if (call === undefined) throw new EarshotError('NOT_FOUND', 'there is no such call.', { key: 'callId' });
      return detailOf(call, actor);
    },
  );
}

function filterOf(query: CallQuery, whose: Whose): CallFilter {
  return {
    ...inAccount(whose, query.accountId),
    ...periodOf(query),
    ...(query.text === undefined ? {} : { text: query.text }),
    ...(query.verdict === undefined ? {} : { verdict: [query.verdict] }),
    ...(query.direction === undefined ? {} : { direction: [query.direction] }),
    ...(query.recorded === undefined ? {} : { recorded: query.recorded }),
    ...(query.conversation === undefined ? {} : { conversationId: query.conversation }),
  };
}

/** One account of those within reach; of an account that is not, there is nothing. */
export function inAccount(whose: Whose, accountId: string | undefined): Whose {
  if (accountId === undefined) return whose;
  const isWithin = whose.accountIds === null || whose.accountIds.includes(accountId);
  return { ...whose, accountIds: isWithin ? [accountId] : [] };
}

function positionOf(cursor: string, query: CallQuery): string {
  const [position] = readCursor(cursor, query);
  if (typeof position === 'string') return position;
  throw new EarshotError('BAD_REQUEST', 'the cursor cannot be read.', { key: 'cursor' });
}

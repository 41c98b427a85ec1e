import { EarshotError } from '../../base/errors.ts';
import { checkRange } from '../../base/settings.ts';
import type { App } from '../app.ts';
import { auditOf } from '../audit/write.ts';
import type { ApiContext } from '../context.ts';
import { reachAccount } from '../directory/reach.ts';
import { AccountParams } from '../directory/schema/shapes.ts';
import { guarded, named } from '../schema.ts';
import { PhoneRanges, PhoneRangesChange } from './schema.ts';

/** Where the account's phones stand that press record by HTTP without a token (S6). */
export function phoneRangeRoutes(app: App, context: ApiContext): void {
  app.get(
    '/accounts/:accountId/phones',
    {
      config: { access: 'directory.read' },
      schema: {
        operationId: 'getPhoneRanges',
        tags: ['directory'],
        summary: 'Addresses from which phones may press record without a token',
        params: AccountParams,
        response: { 200: named(PhoneRanges), ...guarded(404, 503) },
      },
    },
    async (request) => {
      const account = await reachAccount(context, request, request.params.accountId, 'directory.read');
      return viewOf(await context.phones.read(account.id));
    },
  );
  app.put(
    '/accounts/:accountId/phones',
    {
      config: { access: 'directory.change' },
      schema: {
        operationId: 'changePhoneRanges',
        tags: ['directory'],
        summary: 'Set those addresses',
        params: AccountParams,
        body: PhoneRangesChange,
        response: { 200: named(PhoneRanges), ...guarded(404, 409, 413, 415, 503) },
      },
    },
    async (request) => {
      const account = await reachAccount(context, request, request.params.accountId, 'directory.change');
      checkRanges(request.body.ranges);
      const changed = await context.phones.change(account.id, request.body);
      if (changed === null) {
        throw new EarshotError('CONFLICT', 'somebody else has changed the addresses meanwhile.', {
          key: 'revision',
          remedy: 'Load them again and repeat the change.',
        });
      }
      await auditOf(context, request, 'phones.change', 'done', account.id, { ranges: [...changed.ranges] }, account.id);
      return viewOf(changed);
    },
  );
}

/** @throws EarshotError BAD_REQUEST naming the range that cannot be read */
function checkRanges(ranges: readonly string[]): void {
  for (const [index, range] of ranges.entries()) {
    try {
      checkRange(range, `ranges.${index}`);
    } catch (error) {
      throw error instanceof EarshotError
        ? new EarshotError('BAD_REQUEST', error.message, { key: `ranges.${index}` })
        : error;
    }
  }
}

function viewOf({ revision, ranges }: { revision: number; ranges: readonly string[] }) {
  return { revision, ranges: [...ranges] };
}

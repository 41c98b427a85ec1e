import type { Transaction } from 'kysely';
import { announce } from '../../catalogue/changes.ts';
import type { Schema } from '../../catalogue/schema.ts';
import type { Author } from '../values.ts';

/** The account in whose name listeners are told of what belongs to none. */
const PLATFORM = 'main';

/** What is told of a change in the audit log, and the call to whoever listens; in the transaction that makes it. */
export async function record(
  transaction: Transaction<Schema>,
  author: Author,
  change: {
    /** Null: the platform's. */
    readonly accountId: string | null;
    readonly action: string;
    readonly subject: string;
    readonly detail: unknown;
  },
): Promise<void> {
  const { accountId, action, subject, detail } = change;
  await transaction
    .insertInto('audit')
    .values({
      account_id: accountId,
      actor: author.id,
      action,
      subject,
      outcome: 'done',
      name: author.name,
      address: author.address ?? null,
      detail: JSON.stringify(detail),
    })
    .execute();
  await announce(transaction, accountId ?? PLATFORM, 'setting.changed', `${action}/${subject}`);
}

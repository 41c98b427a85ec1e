import { sql, type Kysely, type Transaction } from 'kysely';
import { EarshotError } from '../base/errors.ts';
import type { JsonValue } from '../base/json.ts';
import { announce } from '../catalogue/changes.ts';
import type { Schema } from '../catalogue/schema.ts';
import type { PolicySettings } from '../policy/types.ts';

/** The account that holds what is set for the whole platform. */
const PLATFORM = 'main';
const KEYS = {
  version: 'version',
  retention: 'retention_days',
  notice: 'notice_acknowledged',
  recordAll: 'record_all',
} as const;

/** All that people may set while it runs, as of one version. */
export interface Settings {
  /** Raised by each change; the recorder and other administrators tell by it whether they are up to date. */
  readonly version: number;
  /** Days that a new recording is kept; null = until somebody deletes it. */
  readonly retentionDays: number | null;
  readonly noticeAcknowledged: boolean;
  readonly accounts: readonly { readonly id: string; readonly name: string; readonly recordAll: boolean }[];
}

export interface SettingsChange {
  readonly retentionDays?: number | null;
  readonly noticeAcknowledged?: true;
  readonly accounts?: readonly { readonly id: string; readonly recordAll: boolean }[];
}

/** @param retentionDays what holds until somebody sets it: the node's own setting */
export async function readSettings(db: Kysely<Schema>, retentionDays: number): Promise<Settings> {
  const accounts = await db.selectFrom('accounts').select(['id', 'name']).orderBy('name').execute();
  const rows = await db.selectFrom('settings').select(['account_id', 'key', 'value']).execute();
  const value = (account: string, key: string) =>
    rows.find((row) => row.account_id === account && row.key === key)?.value;
  const retention = value(PLATFORM, KEYS.retention);
  return {
    version: Number(value(PLATFORM, KEYS.version) ?? 1),
    retentionDays: retention === undefined ? retentionDays : typeof retention === 'number' ? retention : null,
    noticeAcknowledged: value(PLATFORM, KEYS.notice) !== undefined,
    accounts: accounts.map((account) => ({ ...account, recordAll: value(account.id, KEYS.recordAll) === true })),
  };
}

/** What the recorder decides by. */
export function compileSnapshot(settings: Settings): PolicySettings {
  return { version: settings.version, accounts: settings.accounts };
}

/**
 * Makes a change if nobody was faster; audited, with the value before.
 * @param version that the change was made from
 * @returns false when `version` is not the newest any more; nothing is changed then
 * @throws EarshotError NOT_FOUND for an unknown account
 */
export async function changeSettings(
  db: Kysely<Schema>,
  version: number,
  change: SettingsChange,
  actor: string,
): Promise<boolean> {
  return db.transaction().execute(async (transaction) => {
    // One change at a time, also the first, for which there is no row to lock.
    await sql`lock table settings in share row exclusive mode`.execute(transaction);
    const current = await readSettings(transaction, 0);
    if (current.version !== version) return false;
    const writer = new SettingsWriter(transaction, actor);
    if (change.retentionDays !== undefined) {
      await writer.set(PLATFORM, KEYS.retention, change.retentionDays ?? 'keep');
    }
    if (change.noticeAcknowledged === true) await writer.set(PLATFORM, KEYS.notice, { by: actor });
    for (const { id, recordAll } of change.accounts ?? []) {
      if (!current.accounts.some((account) => account.id === id)) {
        throw new EarshotError('NOT_FOUND', 'there is no such account.', { key: 'accounts' });
      }
      await writer.set(id, KEYS.recordAll, recordAll ? true : undefined);
    }
    await writer.set(PLATFORM, KEYS.version, version + 1);
    return true;
  });
}

class SettingsWriter {
  readonly #db: Transaction<Schema>;
  readonly #actor: string;

  constructor(db: Transaction<Schema>, actor: string) {
    this.#db = db;
    this.#actor = actor;
  }

  /** `undefined` removes the setting. */
  async set(account: string, key: string, value: JsonValue | undefined): Promise<void> {
    const where = this.#db
      .selectFrom('settings')
      .select('value')
      .where('account_id', '=', account)
      .where('key', '=', key);
    const before = (await where.executeTakeFirst())?.value;
    if (value === undefined) {
      await this.#db.deleteFrom('settings').where('account_id', '=', account).where('key', '=', key).execute();
    } else {
      const row = { account_id: account, key, value: JSON.stringify(value) };
      await this.#db
        .insertInto('settings')
        .values(row)
        .onConflict((conflict) =>
          conflict.columns(['account_id', 'key']).doUpdateSet({ value: row.value, changed_at: sql`now()` }),
        )
        .execute();
    }
    if (key === KEYS.version) return;
    const detail = JSON.stringify({ before: before ?? null, after: value ?? null });
    await this.#db
      .insertInto('audit')
      .values({ account_id: account, actor: this.#actor, action: 'setting.changed', subject: key, detail })
      .execute();
    await announce(this.#db, account, 'setting.changed', key);
  }
}

import type { Kysely, Selectable } from 'kysely';
import { messageOf } from '../base/errors.ts';
import type { TrunkConfig } from '../base/trunks.ts';
import { UNASSIGNED_ACCOUNT } from '../catalogue/catalogue.ts';
import type { AccountTable, Schema } from '../catalogue/schema.ts';
import type { AccountSettings, PolicySettings, TrunkAccounts } from '../policy/types.ts';
import { accountSettings } from './assemble.ts';
import { contentOf } from './content.ts';
import type { PlatformValues } from './port.ts';
import type { SecretBox } from './secret-box.ts';
import { type StoredTrunk, trunkConfig } from './stored-trunk.ts';
import { readVersion } from './version.ts';

/** All that the recorder is told: what it decides by, and the trunks made while it runs. */
export interface Snapshot {
  readonly settings: PolicySettings;
  readonly trunks: readonly TrunkConfig[];
  /** Trunks that cannot be used, as sentences; the others are in force. */
  readonly faults: readonly string[];
}

interface Known {
  readonly contentVersion: number;
  readonly settings: AccountSettings;
}

/** Puts snapshots together; accounts in which nothing changed since the last one are not read again. */
export class SnapshotReader {
  readonly #box: SecretBox;
  readonly #fromFile: ReadonlySet<string>;
  #known = new Map<string, Known>();

  /** @param fromFile names of the trunks of the settings file: of these, only the accounts are ours */
  constructor(box: SecretBox, fromFile: readonly string[]) {
    this.#box = box;
    this.#fromFile = new Set(fromFile);
  }

  /** As of one moment, whatever changes meanwhile; `before` itself when nothing has changed since. */
  async read(db: Kysely<Schema>, before: Snapshot | null): Promise<Snapshot> {
    return db
      .transaction()
      .setIsolationLevel('repeatable read')
      .setAccessMode('read only')
      .execute(async (transaction) => {
        const version = await readVersion(transaction);
        if (before?.settings.version === version) return before;
        const accounts = transaction.selectFrom('accounts').where('id', '!=', UNASSIGNED_ACCOUNT);
        const rows = await accounts.selectAll().orderBy('id').execute();
        const known = new Map<string, Known>();
        for (const row of rows) known.set(row.id, await this.#account(transaction, row));
        const brands = await transaction.selectFrom('brands').select(['id', 'name']).orderBy('id').execute();
        const entries = await transaction.selectFrom('platform_entries').selectAll().orderBy('id').execute();
        const platform = entries.find((entry) => entry.kind === 'platform')?.value as
          Partial<PlatformValues> | undefined;
        const stored = entries
          .filter((entry) => entry.kind === 'trunk')
          .map((entry) => ({ name: entry.id, value: entry.value as unknown as StoredTrunk }));
        this.#known = known;
        const made = this.#trunks(stored.filter(({ name }) => !this.#fromFile.has(name)));
        return {
          settings: {
            ...platform,
            version,
            accounts: [...known.values()].map(({ settings }) => settings),
            brands,
            trunks: stored.flatMap(({ name, value }): TrunkAccounts[] =>
              value.accountIds === undefined ? [] : [{ name, accountIds: value.accountIds }],
            ),
          },
          ...made,
        };
      });
  }

  /** One trunk that cannot be used, for a lost key say, takes nothing from the others. */
  #trunks(stored: readonly { name: string; value: StoredTrunk }[]): Pick<Snapshot, 'trunks' | 'faults'> {
    const trunks: TrunkConfig[] = [];
    const faults: string[] = [];
    for (const { name, value } of stored) {
      try {
        trunks.push(trunkConfig(name, value, this.#box));
      } catch (error) {
        faults.push(`The trunk ${name} cannot be used: ${messageOf(error)}`);
      }
    }
    return { trunks, faults };
  }

  async #account(db: Kysely<Schema>, row: Selectable<AccountTable>): Promise<Known> {
    const known = this.#known.get(row.id);
    if (known?.contentVersion === row.content_version) return known;
    const entries = await contentOf(db, row.id);
    const { id, name, brand_id: brandId, policy } = row;
    const settings = accountSettings({ id, name, brandId, policy, entries });
    return { contentVersion: row.content_version, settings };
  }
}

import { sql } from 'kysely';
import { EarshotError } from '../../base/errors.ts';
import type { JsonValue } from '../../base/json.ts';
import { type Catalogue, MAIN_ACCOUNT } from '../../catalogue/catalogue.ts';
import type { SettingsPatch, SettingsSource, SettingsValues } from '../context.ts';

interface SettingsParts {
  readonly catalogue: Pick<Catalogue, 'db' | 'listSettings' | 'changeSetting'>;
  /** The node's own setting, in force until somebody changes it here. */
  readonly retentionDays: number;
  readonly trunkWarning: string | null;
}

/** Settings as the catalogue keeps them, by account. Retention and the notice are those of the main account. */
export function catalogueSettings({ catalogue, retentionDays, trunkWarning }: SettingsParts): SettingsSource {
  async function read(): Promise<SettingsValues> {
    const accounts = await catalogue.db.selectFrom('accounts').select(['id', 'name']).orderBy('name').execute();
    const [version, main, ...all] = await Promise.all([
      newest(),
      catalogue.listSettings(MAIN_ACCOUNT),
      ...accounts.map((account) => catalogue.listSettings(account.id)),
    ]);
    return {
      version,
      retentionDays: daysOf(main['retention_days'], retentionDays),
      noticeAcknowledged: main['notice_acknowledged'] === true,
      accounts: accounts.map((account, i) => ({ ...account, recordAll: all[i]?.['record_all'] === true })),
    };
  }

  /** Microseconds since 1970 of the newest change; values are set, never removed, so it only grows. */
  async function newest(): Promise<number> {
    const { rows } = await sql<{ version: number }>`
      select coalesce((extract(epoch from max(changed_at)) * 1000000)::bigint, 0) as version from settings`.execute(
      catalogue.db,
    );
    return rows[0]?.version ?? 0;
  }

  return {
    read,
    async change(version, patch, actor) {
      const before = await read();
      if (before.version !== version) return null;
      for (const { accountId, key, value } of changesOf(before, patch)) {
        await catalogue.changeSetting({ accountId, key, value, actor });
      }
      return read();
    },
    trunkWarning: () => trunkWarning,
  };
}

function daysOf(value: JsonValue | undefined, fallback: number): number | null {
  if (value === null) return null;
  return typeof value === 'number' ? value : fallback;
}

interface Change {
  readonly accountId: string;
  readonly key: string;
  readonly value: JsonValue;
}

/** Only what differs, so that the audit log tells no changes that were none. @throws EarshotError NOT_FOUND */
function changesOf(before: SettingsValues, patch: SettingsPatch): Change[] {
  const changes: Change[] = [];
  for (const { id, recordAll } of patch.accounts ?? []) {
    const account = before.accounts.find((known) => known.id === id);
    if (account === undefined) throw new EarshotError('NOT_FOUND', `there is no account ${id}.`, { key: 'accounts' });
    if (account.recordAll !== recordAll) changes.push({ accountId: id, key: 'record_all', value: recordAll });
  }
  if (patch.retentionDays !== undefined && patch.retentionDays !== before.retentionDays) {
    changes.push({ accountId: MAIN_ACCOUNT, key: 'retention_days', value: patch.retentionDays });
  }
  if (patch.noticeAcknowledged === true && !before.noticeAcknowledged) {
    changes.push({ accountId: MAIN_ACCOUNT, key: 'notice_acknowledged', value: true });
  }
  return changes;
}

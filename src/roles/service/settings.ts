import type { Config } from '../../base/config.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { DEFAULT_TRUNK, type TrunkConfig } from '../../base/trunks.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { SecretBox } from '../../directory/secret-box.ts';
import { changeSettings, readSettings, type Settings, type SettingsChange } from '../../directory/settings.ts';
import { type Snapshot, SnapshotReader } from '../../directory/snapshot.ts';
import { compile } from '../../policy/compile.ts';
import { snapshotFault } from '../../policy/snapshot.ts';
import type { PolicySettings } from '../../policy/types.ts';

const DAY_MS = 86_400_000;

export interface SettingsParts {
  readonly catalogue: Catalogue;
  readonly config: Config;
  readonly box: SecretBox;
  readonly log: Log;
  /** Whoever decides by the snapshot is told when there is a new one. */
  readonly onChange: () => void;
}

/** The settings in force, kept at hand for the recorder and the archive, read anew when they change. */
export class SettingsInForce {
  readonly #parts: SettingsParts;
  readonly #reader: SnapshotReader;
  #snapshot: Snapshot | null = null;
  #fault: string | null = null;
  #reading: Promise<void> | null = null;
  #again = false;

  private constructor(parts: SettingsParts) {
    this.#parts = parts;
    this.#reader = new SnapshotReader(
      parts.box,
      parts.config.trunks.map(({ name }) => name),
    );
  }

  static async load(parts: SettingsParts): Promise<SettingsInForce> {
    const settings = new SettingsInForce(parts);
    await settings.refresh();
    return settings;
  }

  /** Null while none could be read: calls are held then. */
  get snapshot(): PolicySettings | null {
    return this.#snapshot?.settings ?? null;
  }

  /** The trunks made while it runs. */
  get trunks(): readonly TrunkConfig[] {
    return this.#snapshot?.trunks ?? [];
  }

  /** What is wrong with the newest settings, so that older ones are in force; null: nothing. */
  get alarms(): readonly { readonly code: string; readonly text: string }[] {
    const faults = [this.#fault, ...(this.#snapshot?.faults ?? [])].filter((fault) => fault !== null);
    return faults.map((text) => ({ code: 'settings-unreadable', text }));
  }

  /** Reads them anew, one reading after the other; a change that was committed before the call is in what is read. */
  async refresh(): Promise<void> {
    this.#again = true;
    this.#reading ??= this.#readAll().finally(() => (this.#reading = null));
    await this.#reading;
  }

  async read(): Promise<Settings & { retentionDays: number }> {
    const { catalogue, config } = this.#parts;
    return { ...(await readSettings(catalogue.db)), retentionDays: config.retentionDays };
  }

  async change(
    version: number,
    change: SettingsChange,
    actor: string,
  ): Promise<(Settings & { retentionDays: number }) | null> {
    if (!(await changeSettings(this.#parts.catalogue.db, version, change, actor))) return null;
    await this.refresh();
    return this.read();
  }

  /** Ms since 1970 until which a recording that ended at `endedAt` is kept where nothing else is said. */
  retainUntil(endedAt: number): number {
    return endedAt + this.#parts.config.retentionDays * DAY_MS;
  }

  trunkWarning(): string | null {
    const isOpen = this.#parts.config.trunks.includes(DEFAULT_TRUNK);
    if (!isOpen) return null;
    return 'No trunk is set in earshot.yaml: calls are taken from every private address. Name your SBCs there.';
  }

  async #readAll(): Promise<void> {
    while (this.#again) {
      this.#again = false;
      await this.#readOnce();
    }
  }

  /** What the recorder could not read is not sent to it: the last good settings stay in force. */
  async #readOnce(): Promise<void> {
    const { catalogue, log, onChange } = this.#parts;
    const before = this.#snapshot;
    const snapshot = await this.#reader.read(catalogue.db, before);
    if (snapshot === before) return;
    this.#fault = faultOf(snapshot.settings);
    if (this.#fault !== null) {
      log.error({ fault: this.#fault }, 'the settings cannot be compiled; the last good ones stay in force');
      return;
    }
    this.#snapshot = snapshot;
    onChange();
  }
}

/** Compiled here first: a recorder must not be the one who finds out. */
function faultOf(settings: PolicySettings): string | null {
  const fault = snapshotFault(settings);
  if (fault !== null) return `The settings cannot be used: ${fault}. The last good ones stay in force.`;
  try {
    compile(settings);
    return null;
  } catch (error) {
    const text = error instanceof EarshotError ? error.line : messageOf(error);
    return `The settings cannot be used: ${text} The last good ones stay in force.`;
  }
}

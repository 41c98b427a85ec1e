import type { Config } from '../../base/config.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import {
  changeSettings,
  compileSnapshot,
  readSettings,
  type Settings,
  type SettingsChange,
} from '../../directory/settings.ts';
import type { PolicySettings } from '../../policy/types.ts';

const DAY_MS = 86_400_000;

/** The settings in force, kept at hand for the recorder and the archive, read anew when they change. */
export class SettingsInForce {
  readonly #catalogue: Catalogue;
  readonly #config: Config;
  readonly #onChange: () => void;
  #settings: Settings;

  private constructor(catalogue: Catalogue, config: Config, settings: Settings, onChange: () => void) {
    this.#catalogue = catalogue;
    this.#config = config;
    this.#settings = settings;
    this.#onChange = onChange;
  }

  static async load(catalogue: Catalogue, config: Config, onChange: () => void): Promise<SettingsInForce> {
    const settings = await readSettings(catalogue.db, config.retentionDays);
    return new SettingsInForce(catalogue, config, settings, onChange);
  }

  get snapshot(): PolicySettings {
    return compileSnapshot(this.#settings);
  }

  /** Reads them anew; whoever decides by them is told if they changed. */
  async refresh(): Promise<Settings> {
    const settings = await readSettings(this.#catalogue.db, this.#config.retentionDays);
    const changed = settings.version !== this.#settings.version;
    this.#settings = settings;
    if (changed) this.#onChange();
    return settings;
  }

  read(): Promise<Settings> {
    return this.refresh();
  }

  async change(version: number, change: SettingsChange, actor: string): Promise<Settings | null> {
    return (await changeSettings(this.#catalogue.db, version, change, actor)) ? this.refresh() : null;
  }

  /** Ms since 1970 until which a recording that ended at `endedAt` is kept. */
  retainUntil(endedAt: number): number | null {
    const { retentionDays } = this.#settings;
    return retentionDays === null ? null : endedAt + retentionDays * DAY_MS;
  }

  trunkWarning(): string | null {
    if (!this.#config.trunks.includes(DEFAULT_TRUNK)) return null;
    return 'No trunk is set: calls are taken from every private address. Name your SBCs in earshot.yaml.';
  }
}

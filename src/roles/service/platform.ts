import { collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import { sql } from 'kysely';
import type { PlatformSource } from '../../api/context.ts';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import type { Imports } from '../../directory/imports.ts';
import { diskSpace } from '../../upkeep/disk.ts';
import type { Vault } from '../../vault/vault.ts';
import type { ArchiveSide } from './archive.ts';
import type { SettingsInForce } from './settings.ts';
import type { Upkeep } from './upkeep.ts';

const SIXTY_DAYS_MS = 60 * 86_400_000;
const THIRTY_DAYS_MS = 30 * 86_400_000;

export interface PlatformParts {
  readonly config: Config;
  readonly catalogue: Catalogue;
  readonly vault: Vault;
  readonly archive: ArchiveSide;
  readonly upkeep: Upkeep;
  readonly settings: Pick<SettingsInForce, 'alarms'>;
  readonly imports: Pick<Imports, 'alarms'>;
  readonly clock: Clock;
}

/** What the service can say of itself, for status page, alarms and metrics. */
export class Platform implements PlatformSource {
  readonly #parts: PlatformParts;
  readonly #registry = new Registry();
  readonly #startedAt: Date;
  #databaseVersion: string | null = null;
  /** When the web server's certificate runs out, ms since 1970. */
  httpCertificateEnds = Number.POSITIVE_INFINITY;

  constructor(parts: PlatformParts) {
    this.#parts = parts;
    this.#startedAt = new Date(parts.clock.now());
    collectDefaultMetrics({ register: this.#registry, prefix: 'earshot_service_' });
    this.#gauges();
  }

  startedAt(): Date {
    return this.#startedAt;
  }

  async disk(): Promise<{ freeBytes: number; totalBytes: number } | null> {
    return diskSpace(this.#parts.config.dataDir).catch(() => null);
  }

  async pingDatabase(): Promise<number> {
    const { catalogue, clock } = this.#parts;
    const before = clock.mono();
    await catalogue.ping();
    const latency = clock.mono() - before;
    if (this.#databaseVersion === null) {
      const { rows } = await sql<{ server_version: string }>`show server_version`.execute(catalogue.db);
      this.#databaseVersion = rows[0]?.server_version ?? null;
    }
    return latency;
  }

  databaseVersion(): string | null {
    return this.#databaseVersion;
  }

  archiveWaiting(): number {
    return this.#parts.archive.archiver.backlog;
  }

  alarms(): { readonly code: string; readonly text: string }[] {
    const { upkeep, archive, vault, settings, imports, clock } = this.#parts;
    const alarms: { code: string; text: string }[] = [...upkeep.disk.alarms, ...settings.alarms, ...imports.alarms];
    const { failures } = archive.archiver;
    if (failures.length > 0) {
      alarms.push({
        code: 'archive-failing',
        text: `${failures.length} calls could not be archived yet and are tried again; the latest reason: ${failures.at(-1)!.reason}`,
      });
    }
    if (vault.certificateExpiresAt - clock.now() < SIXTY_DAYS_MS) {
      const day = new Date(vault.certificateExpiresAt).toISOString().slice(0, 10);
      alarms.push({ code: 'certificate-old', text: `The owner's certificate runs out on ${day}.` });
    }
    if (this.httpCertificateEnds - clock.now() < THIRTY_DAYS_MS) {
      const day = new Date(this.httpCertificateEnds).toISOString().slice(0, 10);
      alarms.push({ code: 'http-certificate-old', text: `The web server's certificate runs out on ${day}.` });
    }
    return alarms;
  }

  metrics(): Promise<string> {
    return this.#registry.metrics();
  }

  #gauges(): void {
    const { archiver } = this.#parts.archive;
    const gauge = (name: string, help: string, value: () => number) =>
      new Gauge({
        name: `earshot_${name}`,
        help,
        registers: [this.#registry],
        collect() {
          this.set(value());
        },
      });
    gauge('archive_waiting', 'Calls that ended and are not archived yet.', () => archiver.backlog);
    gauge('archive_held', 'Calls that ended and that live-keep holds until somebody asks.', () => archiver.held);
    gauge('archive_failing', 'Calls whose archiving failed and is tried again.', () => archiver.failures.length);
    gauge('archived_calls', 'Calls archived since the start of the service.', () => archiver.figures.archived);
    gauge('archive_failures', 'Failed attempts since the start of the service.', () => archiver.figures.failed);
  }
}

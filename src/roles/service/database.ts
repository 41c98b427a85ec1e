import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Clock } from '../../base/clock.ts';
import type { Config } from '../../base/config.ts';
import { EarshotError } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import { Catalogue } from '../../catalogue/catalogue.ts';
import { embeddedTarget } from '../../catalogue/embedded/layout.ts';
import { describeTarget, urlTarget } from '../../catalogue/target.ts';

/**
 * Opens the catalogue that the settings name. A database that this data folder has used before and that does not answer now comes back
 * some time, and the recorder goes on meanwhile; one that never answered is taken for a wrong DATABASE_URL, which ends the start.
 * @throws EarshotError DATABASE_UNREACHABLE, DATABASE_VERSION; CONFIG_INVALID naming DATABASE_URL
 */
export async function openCatalogue(config: Config, clock: Clock, log: Log): Promise<Catalogue> {
  const { dataDir, databaseUrl } = config;
  if (databaseUrl === null) return Catalogue.open({ target: embeddedTarget(dataDir), log, clock });
  try {
    const catalogue = await Catalogue.open({ target: urlTarget(databaseUrl), log, clock });
    rememberDatabase(dataDir, databaseUrl);
    return catalogue;
  } catch (error) {
    if (!(error instanceof EarshotError) || error.code !== 'DATABASE_UNREACHABLE') throw error;
    if (isKnown(dataDir, databaseUrl)) throw error;
    const { message, key = 'DATABASE_URL', remedy = 'Check it.' } = error;
    throw new EarshotError('CONFIG_INVALID', message, { key, remedy, cause: error });
  }
}

/** Notes that this database answered. */
export function rememberDatabase(dataDir: string, databaseUrl: string): void {
  writeFileSync(notePath(dataDir), nameOf(databaseUrl), { mode: 0o600 });
}

function isKnown(dataDir: string, databaseUrl: string): boolean {
  try {
    return readFileSync(notePath(dataDir), 'utf8') === nameOf(databaseUrl);
  } catch {
    return false;
  }
}

function notePath(dataDir: string): string {
  return join(dataDir, 'run', 'database');
}

/** Server and database without the password, which may change. */
function nameOf(databaseUrl: string): string {
  return createHash('sha256')
    .update(describeTarget(urlTarget(databaseUrl)))
    .digest('hex');
}

import type { Config } from '../base/config.ts';
import { silentLog } from '../base/log.ts';
import { Catalogue } from '../catalogue/catalogue.ts';
import { embeddedTarget } from '../catalogue/embedded/layout.ts';
import { urlTarget } from '../catalogue/target.ts';

/**
 * Opens the catalogue for one task of a command. The embedded server must be running.
 * @throws EarshotError DATABASE_UNREACHABLE
 */
export async function withCatalogue<T>(config: Config, task: (catalogue: Catalogue) => Promise<T>): Promise<T> {
  const target = config.databaseUrl === null ? embeddedTarget(config.dataDir) : urlTarget(config.databaseUrl);
  const catalogue = await Catalogue.open({ target, log: silentLog, connections: 2 });
  try {
    return await task(catalogue);
  } finally {
    await catalogue.close();
  }
}

import type { Config } from '../../base/config.ts';
import { EarshotError, messageOf } from '../../base/errors.ts';
import { silentLog } from '../../base/log.ts';
import { asUnreachable, openConnection } from '../../catalogue/connect.ts';
import { describeTarget, urlTarget } from '../../catalogue/target.ts';
import { ok, problem, type Finding } from './finding.ts';

/** Whether DATABASE_URL can be used. The embedded server is the running service's to tell. */
export async function databaseFinding(config: Config): Promise<Finding> {
  if (config.databaseUrl === null) return ok('database', 'The embedded PostgreSQL is used; it starts with the server.');
  try {
    const target = urlTarget(config.databaseUrl);
    const connection = openConnection(target, silentLog, 1);
    try {
      const { rows } = await connection.pool.query<{ server_version: string }>('show server_version');
      return ok('database', `${describeTarget(target)} answers, PostgreSQL ${rows[0]?.server_version ?? ''}.`);
    } catch (error) {
      throw asUnreachable(error, target);
    } finally {
      await connection.db.destroy();
    }
  } catch (error) {
    const remedy = error instanceof EarshotError ? error.remedy : undefined;
    return problem('database', messageOf(error), remedy ?? 'Look at DATABASE_URL.');
  }
}

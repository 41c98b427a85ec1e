import type { Command } from 'commander';
import { Access } from '../../access/access.ts';
import { sqlAccessStore } from '../../access/sql.ts';
import { systemClock } from '../../base/clock.ts';
import { systemRandom } from '../../base/ids.ts';
import { Connection } from '../connection.ts';
import type { CommandContext } from '../context.ts';
import { withCatalogue } from '../database.ts';

export function adminLinkCommand(program: Command, context: CommandContext): void {
  program
    .command('admin-link')
    .description('print a one-time link that makes an operator of the platform; on the machine itself')
    .action(async () => {
      const config = context.config();
      const { url } = Connection.find(config, {});
      const secret = await withCatalogue(config, ({ db }) => {
        const parts = { store: sqlAccessStore(db), clock: systemClock(), random: systemRandom, localToken: null };
        return new Access(parts).createSetupLink();
      });
      process.stdout.write(`${config.http.publicUrl ?? url}/setup#${secret}\n`);
    });
}

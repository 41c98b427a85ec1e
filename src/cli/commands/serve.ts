import { fileURLToPath } from 'node:url';
import type { Command } from 'commander';
import { EarshotError } from '../../base/errors.ts';
import { openLog } from '../../base/log.ts';
import { urlTarget } from '../../catalogue/target.ts';
import { LOCKED_EXIT_CODE } from '../../supervisor/lock.ts';
import { superviseAll } from '../../supervisor/supervise.ts';
import { ensureSecrets } from '../../vault/secrets.ts';
import type { CommandContext } from '../context.ts';

const MAIN = fileURLToPath(new URL('../../main.ts', import.meta.url));

/**
 * The recorder tidies its memory by itself wherever it would have to wait for help: on a busy machine V8's helper threads wait for a processor like everybody
 * else, and the thread that asked them for the last of them, tens of milliseconds each time. What helpers do while it goes on with its work they may do:
 * looking through the old part of the memory.
 */
const RECORDER_MEMORY = [
  '--no-parallel-scavenge',
  '--no-parallel-marking',
  '--no-parallel-compaction',
  '--no-parallel-pointer-update',
  '--max-semi-space-size=32',
];

export function serveCommand(program: Command, context: CommandContext): void {
  program
    .command('serve')
    .description('run it: recorder, service and database, until it is told to stop')
    .action(async () => {
      const config = context.config();
      // Before anything is started.
      if (config.databaseUrl !== null) urlTarget(config.databaseUrl);
      const log = openLog('supervisor', config.logLevel);
      try {
        process.exitCode = await superviseAll(config, {
          log,
          command: (role) => [process.execPath, ...(role === 'recorder' ? RECORDER_MEMORY : []), MAIN, '--role', role],
          prepare: () => ensureSecrets(config.dataDir, { now: Date.now() }),
        });
      } catch (error) {
        if (!(error instanceof EarshotError) || error.code !== 'DATA_LOCKED') throw error;
        process.stderr.write(`${error.line}\n`);
        process.exitCode = LOCKED_EXIT_CODE;
      }
    });
}

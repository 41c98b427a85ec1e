import { flushCompileCache } from 'node:module';
import { loadConfig } from './base/config.ts';
import { EarshotError, messageOf } from './base/errors.ts';
import { openLog } from './base/log.ts';
import { LOADED, TAKE_OVER } from './supervisor/turn.ts';

/** Exit code for what only an administrator can mend: the supervisor does not try again (EX_CONFIG of sysexits.h). */
const EXIT_CONFIGURATION = 78;
const CONFIGURATION: ReadonlySet<string> = new Set([
  'CONFIG_INVALID',
  'CONFIG_UNREADABLE',
  'DATA_UNWRITABLE',
  'PORT_IN_USE',
  'DATABASE_VERSION',
  'KEY_MISSING',
  'KEY_INVALID',
]);

/** One process of Earshot: `--role recorder` or `--role service`. The supervisor starts both. */
async function main(): Promise<number> {
  const role = process.argv[process.argv.indexOf('--role') + 1];
  const config = loadConfig(process.env, process.cwd());
  const log = openLog(role ?? 'earshot', config.logLevel);
  const stop = new AbortController();
  for (const signal of ['SIGTERM', 'SIGINT', 'SIGHUP'] as const) process.on(signal, () => stop.abort());
  const leave = new AbortController();
  process.on('SIGUSR2', () => leave.abort());
  // A terminal that went away must not take a recorder with it.
  for (const stream of [process.stdout, process.stderr]) stream.on('error', () => undefined);
  process.on('unhandledRejection', (reason) =>
    log.error({ error: messageOf(reason) }, 'a task failed that nobody waited for'),
  );
  // Each loads only what is its own: a recorder that was killed is back the sooner.
  if (role === 'recorder') {
    const { runRecorder, warmUp } = await import('./roles/recorder/recorder.ts');
    // Node would do it at the end: one that is killed would leave nothing to its successor, and one that makes room would keep it waiting.
    flushCompileCache();
    if (process.channel === undefined) return runRecorder(config, log, { stop: stop.signal, leave: leave.signal });
    await warmUp();
    if (!(await isTurn(stop.signal))) return 0;
    // It may have stood by for weeks.
    const now = loadConfig(process.env, process.cwd());
    return runRecorder(now, openLog(role, now.logLevel), { stop: stop.signal, leave: leave.signal });
  }
  if (role === 'service') {
    const { runService } = await import('./roles/service/service.ts');
    return runService(config, log, AbortSignal.any([stop.signal, leave.signal]));
  }
  throw new EarshotError('CONFIG_INVALID', `is "${role ?? ''}", but must be recorder or service.`, { key: '--role' });
}

/** Stands by until the supervisor says that it is time, or that it is not needed (false). */
function isTurn(stop: AbortSignal): Promise<boolean> {
  return new Promise((resolve) => {
    process.on('message', (message) => message === TAKE_OVER && resolve(true));
    process.on('disconnect', () => resolve(false));
    stop.addEventListener('abort', () => resolve(false));
    process.send?.(LOADED);
  });
}

try {
  process.exitCode = await main();
} catch (error) {
  const known = error instanceof EarshotError;
  process.stderr.write(`${known ? error.line : error instanceof Error ? error.stack : String(error)}\n`);
  process.exitCode = known && CONFIGURATION.has(error.code) ? EXIT_CONFIGURATION : 1;
}
process.exit();

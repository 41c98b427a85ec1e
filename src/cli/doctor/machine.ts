import { execFile } from 'node:child_process';
import { constants } from 'node:fs';
import { access, mkdir, readFile, statfs } from 'node:fs/promises';
import { promisify } from 'node:util';
import type { Config } from '../../base/config.ts';
import { messageOf } from '../../base/errors.ts';
import { ok, problem, warning, type Finding } from './finding.ts';

const MEGABYTE = 1024 * 1024;
/** What a thousand streams want the kernel to allow a socket to buffer. */
const GOOD_RECEIVE_BUFFER = 1_048_576;

export async function diskFinding(config: Config): Promise<Finding> {
  try {
    await mkdir(config.dataDir, { recursive: true });
    await access(config.dataDir, constants.W_OK | constants.X_OK);
    const { bavail, bsize } = await statfs(config.dataDir);
    const free = Math.floor((bavail * bsize) / MEGABYTE);
    const text = `${config.dataDir} is writable, ${free} MB are free.`;
    if (free < config.limits.minFreeMegabytes) {
      return problem(
        'disk',
        text,
        `Calls are refused below ${config.limits.minFreeMegabytes} MB (EARSHOT_MIN_FREE_MB): free some space.`,
      );
    }
    return free < 4 * config.limits.minFreeMegabytes
      ? warning('disk', text, 'Free some space soon.')
      : ok('disk', text);
  } catch (error) {
    return problem(
      'disk',
      `${config.dataDir} cannot be written: ${messageOf(error)}.`,
      'Set EARSHOT_DATA to a folder that this user may write.',
    );
  }
}

/** Whether the wall clock is kept right; recordings are dated by it. */
export async function clockFinding(): Promise<Finding> {
  if (new Date().getFullYear() < 2026)
    return problem('clock', `It says ${new Date().toISOString()}.`, 'Set the clock, and let NTP keep it.');
  try {
    const { stdout } = await promisify(execFile)('timedatectl', ['show', '--property=NTPSynchronized', '--value']);
    if (stdout.trim() === 'yes') return ok('clock', 'It is kept by NTP.');
    return warning('clock', 'It is not kept by NTP.', 'Turn a time service on: recordings are dated by this clock.');
  } catch {
    return warning(
      'clock',
      `It says ${new Date().toISOString()}; whether NTP keeps it cannot be told here.`,
      'See that a time service runs.',
    );
  }
}

export async function bufferFinding(): Promise<Finding> {
  const text = await readFile('/proc/sys/net/core/rmem_max', 'utf8').catch(() => '0');
  const bytes = Number(text);
  if (bytes >= GOOD_RECEIVE_BUFFER) return ok('receive buffers', `Sockets may buffer ${bytes} bytes.`);
  return warning(
    'receive buffers',
    `The kernel lets sockets buffer ${bytes} bytes.`,
    `For hundreds of calls: sysctl -w net.core.rmem_max=${GOOD_RECEIVE_BUFFER}.`,
  );
}

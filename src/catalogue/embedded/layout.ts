import { createHash } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  realpathSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, join } from 'node:path';
import { EarshotError, messageOf, systemCode } from '../../base/errors.ts';
import { secretText } from '../../base/ids.ts';
import type { SocketTarget } from '../target.ts';

/** Where the embedded server keeps what, all under the node's data folder but for a socket whose path would be too long. */
export interface Layout {
  /** PGDATA. */
  readonly data: string;
  /** PGDATA while initdb fills it; becomes `data` by a rename, so that half a database is never opened. */
  readonly fresh: string;
  readonly binaries: string;
  readonly socket: string;
  readonly run: string;
  readonly startLog: string;
  readonly password: string;
}

/** `sun_path` holds 108 bytes with its final zero. */
const LONGEST_SOCKET_PATH = 107;

export function layoutOf(dataDir: string): Layout {
  const run = join(dataDir, 'run');
  return {
    data: join(dataDir, 'postgres'),
    fresh: join(dataDir, 'postgres.new'),
    binaries: join(dataDir, 'postgres.bin'),
    socket: socketFolder(join(run, 'postgres'), dataDir),
    run,
    startLog: join(run, 'postgres-start.log'),
    password: join(dataDir, 'secrets', 'postgres-password'),
  };
}

/** The folder of the socket: the wanted one, or a short one that is named by the data folder, so that every process finds the same. */
function socketFolder(wanted: string, dataDir: string): string {
  if (Buffer.byteLength(join(wanted, '.s.PGSQL.5432')) <= LONGEST_SOCKET_PATH) return wanted;
  const name = createHash('sha256').update(dataDir).digest('hex').slice(0, 16);
  const uid = process.getuid?.() ?? 0;
  return uid === 0 && existsSync('/run') ? `/run/earshot-${name}` : `/tmp/earshot-${uid}-${name}`;
}

/** How a process of the node reaches the embedded server of its data folder. */
export function embeddedTarget(dataDir: string): SocketTarget {
  // The name of a short socket folder is made of the path without links.
  const layout = layoutOf(existsSync(dataDir) ? realpathSync(dataDir) : dataDir);
  let password: string;
  try {
    password = readFileSync(layout.password, 'utf8').trim();
  } catch (error) {
    throw new EarshotError('KEY_MISSING', `cannot read ${layout.password}: ${messageOf(error)}.`, {
      remedy: 'Start Earshot once, or restore the file from a backup.',
    });
  }
  return { kind: 'socket', folder: layout.socket, user: 'earshot', database: 'earshot', password };
}

/** The generated password; made at first use. */
export function ensurePassword(layout: Layout): string {
  mkdirSync(dirname(layout.password), { recursive: true, mode: 0o700 });
  try {
    writeFileSync(layout.password, `${secretText()}\n`, { flag: 'wx', mode: 0o600, flush: true });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw unwritable(layout.password, error);
  }
  return readFileSync(layout.password, 'utf8').trim();
}

/** The run folder: others may pass through it (the server's user must), not list it. */
export function ensureRunFolder(layout: Layout): void {
  try {
    mkdirSync(layout.run, { recursive: true, mode: 0o711 });
    const mode = statSync(layout.run).mode & 0o777;
    if ((mode & 0o111) !== 0o111) chmodSync(layout.run, mode | 0o111);
  } catch (error) {
    throw unwritable(layout.run, error);
  }
}

/**
 * Makes a private folder of the server's user. One that exists must be a real folder, and ours: in `/tmp` somebody else may have been
 * there first. (Root's are in the data folder or in `/run`, where nobody else makes any; it may hand them from one user to the next.)
 * @throws EarshotError DATA_UNWRITABLE
 */
export function ensurePrivateFolder(path: string, uid: number, gid: number): void {
  try {
    mkdirSync(path, { mode: 0o700 });
  } catch (error) {
    if (systemCode(error) !== 'EEXIST') throw unwritable(path, error);
  }
  const found = lstatSync(path);
  const mine = process.getuid?.() ?? 0;
  if (!found.isDirectory() || (mine !== 0 && found.uid !== mine)) {
    throw new EarshotError('DATA_UNWRITABLE', `${path} belongs to somebody else.`, {
      remedy: 'Remove it and start again.',
    });
  }
  if (found.uid !== uid || found.gid !== gid) chownSync(path, uid, gid);
  chmodSync(path, 0o700);
}

function unwritable(path: string, error: unknown): EarshotError {
  const code = systemCode(error) === 'ENOSPC' ? 'DISK_FULL' : 'DATA_UNWRITABLE';
  return new EarshotError(code, `cannot write ${path}: ${messageOf(error)}.`, {
    key: 'EARSHOT_DATA',
    remedy: 'Give the data folder room and write access.',
    cause: error,
  });
}

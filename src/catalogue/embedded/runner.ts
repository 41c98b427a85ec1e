import { spawnSync } from 'node:child_process';
import { readFileSync, statSync } from 'node:fs';
import { EarshotError } from '../../base/errors.ts';

/** A command as `spawn` takes it. */
export interface Command {
  readonly file: string;
  readonly args: readonly string[];
  readonly uid?: number;
  readonly gid?: number;
}

/** A way to run PostgreSQL, which refuses to run as root. */
export interface Runner {
  readonly name: 'self' | 'user' | 'namespace' | 'capability';
  /** Who owns the server's files, as seen from outside. */
  readonly uid: number;
  readonly gid: number;
  wrap(file: string, args: readonly string[]): Command;
}

/** Debian leaves ids from 60000 to 64999 to itself; nobody in the passwd file has this one, or it is not taken. */
const OWN_UID = 64_820;
const NOBODY = 65_534;

const self = (uid: number, gid: number): Runner => ({ name: 'self', uid, gid, wrap: (file, args) => ({ file, args }) });

const asUser = (uid: number): Runner => ({
  name: 'user',
  uid,
  gid: uid,
  wrap: (file, args) => ({ file, args, uid, gid: uid }),
});

/** Root under another name: keeps root's way through folders that root owns, and has no capability outside. */
const inNamespace = (uid: number): Runner => ({
  name: 'namespace',
  uid: 0,
  gid: 0,
  wrap: (file, args) => ({ file: 'unshare', args: [...namespaceFlags(uid), file, ...args] }),
});

/** Another user that may pass through any folder; the way that is left in containers, which forbid namespaces. */
const withCapability = (uid: number): Runner => ({
  name: 'capability',
  uid,
  gid: uid,
  wrap: (file, args) => ({
    file: 'setpriv',
    args: [
      `--reuid=${uid}`,
      `--regid=${uid}`,
      '--clear-groups',
      '--inh-caps=-all,+dac_override',
      '--ambient-caps=-all,+dac_override',
      file,
      ...args,
    ],
  }),
});

const namespaceFlags = (uid: number): string[] => ['-U', `--map-user=${uid}`, `--map-group=${uid}`, '--'];

/**
 * The ways that may work for this process, best first. A data folder that exists is its owner's: PostgreSQL refuses any other user.
 * @param owner owner of the data folder, null = there is none yet
 */
export function candidates(uid: number, gid: number, owner: number | null): Runner[] {
  if (uid !== 0) return [self(uid, gid)];
  if (owner === 0) return [inNamespace(NOBODY)];
  if (owner !== null) return [asUser(owner), withCapability(owner)];
  const others = hasName(OWN_UID) ? [NOBODY] : [OWN_UID, NOBODY];
  // Only one with a name: the namespace that lends initdb a name would take the capability away.
  return [...others.map(asUser), inNamespace(NOBODY), ...others.filter(hasName).map(withCapability)];
}

/**
 * initdb insists on a name for its user id. Where the passwd file has none (containers, our own high id), it runs in a user namespace
 * that calls the same user *nobody*.
 */
export function wrapInitdb(runner: Runner, file: string, args: readonly string[]): Command {
  if (runner.name === 'namespace' || hasName(runner.uid)) return runner.wrap(file, args);
  return runner.wrap('unshare', [...namespaceFlags(NOBODY), file, ...args]);
}

/**
 * Tries a way for real: enter the folders, write in them, and run both programs.
 * @returns null, or why not
 */
export function probe(runner: Runner, folders: readonly string[], initdb: string, postgres: string): string | null {
  const script = 'for f in "$@"; do cd "$f" && test -w . || { echo "no way into $f"; exit 1; }; done';
  const steps = [
    runner.wrap('/bin/sh', ['-c', script, 'sh', ...folders]),
    runner.wrap(postgres, ['--version']),
    wrapInitdb(runner, initdb, ['--version']),
  ];
  for (const step of steps) {
    const { file, args, ...options } = step;
    const result = spawnSync(file, args, { ...options, cwd: '/', encoding: 'utf8', timeout: 10_000 });
    if (result.status === 0) continue;
    const text = result.error?.message ?? `${result.stdout}${result.stderr}`.trim();
    return text.split('\n')[0] ?? 'failed';
  }
  return null;
}

export function ownerOf(path: string): number | null {
  return statSync(path, { throwIfNoEntry: false })?.uid ?? null;
}

export function noRunner(dataDir: string, reasons: readonly string[]): EarshotError {
  return new EarshotError(
    'DATABASE_START',
    `PostgreSQL does not run as root, and no other way to run it in ${dataDir} works (${reasons.join('; ')}).`,
    {
      key: 'EARSHOT_DATA',
      remedy: 'Choose a data folder that others may pass through, run as an ordinary user, or set DATABASE_URL.',
    },
  );
}

function hasName(uid: number): boolean {
  try {
    return readFileSync('/etc/passwd', 'utf8')
      .split('\n')
      .some((line) => line.split(':')[2] === String(uid));
  } catch {
    return false;
  }
}

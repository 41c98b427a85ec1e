import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { runningPostmaster } from '../catalogue/embedded/postmaster.ts';
import { identify, stillRuns } from './identity.ts';

/** Stands for recorder and service: notes its start and its end, stands by where it is wanted to, and does what a file beside it says. */
const CHILD = `
import { appendFileSync, existsSync, readFileSync } from 'node:fs';
const [, , folder, role] = process.argv;
const note = (what) => appendFileSync(folder + '/notes', role + ' ' + what + ' ' + process.pid + '\\n');
if (process.channel) {
  if (existsSync(folder + '/' + role + '.broken')) process.exit(1);
  note('stands');
  await new Promise((resolve) => {
    process.on('message', resolve);
    const unneeded = () => { note('unneeded'); process.exit(0); };
    process.on('disconnect', unneeded);
    process.on('message', () => process.off('disconnect', unneeded));
    process.send('loaded');
  });
}
process.on('SIGUSR2', () => { note('leaves'); process.exit(0); });
note('starts');
if (existsSync(folder + '/' + role + '.exit')) process.exit(Number(readFileSync(folder + '/' + role + '.exit', 'utf8')));
process.on('SIGTERM', () => {
  note('asked');
  if (existsSync(folder + '/' + role + '.stubborn')) return;
  setTimeout(() => { note('ends'); process.exit(0); }, role === 'recorder' ? 300 : 100);
});
setInterval(() => {}, 1000);
`;

/** A supervisor in a process of its own, which can be killed. */
const SUPERVISOR = `
const [, , modules, dataDir, folder] = process.argv;
const { superviseAll } = await import(modules + '/supervise.ts');
const quiet = () => undefined;
const log = { debug: quiet, info: quiet, warn: quiet, child: () => log, error: (fields, text) => console.error(text) };
const config = { dataDir, role: 'all', databaseUrl: process.env.WITH_POSTGRES ? null : 'postgres://unused.example/x' };
try {
  process.exitCode = await superviseAll(config, {
    log,
    command: (role) => [process.execPath, folder + '/child.mjs', folder, role],
    deadlines: { service: 1000, recorder: 1000 },
  });
} catch (error) {
  console.error(error.line);
  process.exitCode = error.code === 'DATA_LOCKED' ? 3 : 1;
}
`;

let folder: string;
let dataDir: string;
const supervisors: ChildProcess[] = [];

beforeEach(() => {
  folder = mkdtempSync('/tmp/earshot-supervisor-');
  dataDir = join(folder, 'data');
  writeFileSync(join(folder, 'child.mjs'), CHILD);
  writeFileSync(join(folder, 'supervisor.mjs'), SUPERVISOR);
});

afterEach(async () => {
  for (const supervisor of supervisors.splice(0)) supervisor.kill('SIGKILL');
  for (const { pid } of notes()) kill(pid);
  kill(runningPostmaster(join(dataDir, 'postgres'))?.pid ?? -1);
  rmSync(folder, { recursive: true, force: true });
});

interface Note {
  readonly role: string;
  readonly what: string;
  readonly pid: number;
}

function notes(): Note[] {
  if (!existsSync(join(folder, 'notes'))) return [];
  const lines = readFileSync(join(folder, 'notes'), 'utf8').trimEnd().split('\n');
  return lines.map((line) => {
    const [role = '', what = '', pid = ''] = line.split(' ');
    return { role, what, pid: Number(pid) };
  });
}

function kill(pid: number): void {
  if (pid <= 1) return;
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // Gone.
  }
}

function supervise(env: NodeJS.ProcessEnv = {}): ChildProcess & { said: () => string } {
  const child = spawn(process.execPath, [join(folder, 'supervisor.mjs'), import.meta.dirname, dataDir, folder], {
    stdio: ['ignore', 'ignore', 'pipe'],
    env: { ...process.env, ...env },
  });
  supervisors.push(child);
  let said = '';
  child.stderr?.on('data', (chunk: Buffer) => (said += chunk.toString()));
  return Object.assign(child, { said: () => said });
}

const ended = (child: ChildProcess): Promise<number | null> =>
  new Promise((resolve) => void child.on('close', (code) => resolve(code)));

/** Its children hold its standard error open, so only its own end counts. */
const gone = (child: ChildProcess): Promise<void> => new Promise((resolve) => void child.on('exit', () => resolve()));

/** Looks until it is so; returns how long that took, ms. */
async function until(what: () => boolean, limitMs = 10_000): Promise<number> {
  const start = performance.now();
  while (!what()) {
    if (performance.now() - start > limitMs)
      throw new Error(`not within ${limitMs} ms; notes: ${JSON.stringify(notes())}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - start;
}

const starts = (role: string): number[] =>
  notes()
    .filter((n) => n.role === role && n.what === 'starts')
    .map((n) => n.pid);
const bothRun = (): boolean => starts('recorder').length > 0 && starts('service').length > 0;

describe('the supervisor', () => {
  it('starts a killed child again within a second', async () => {
    supervise();
    await until(bothRun);
    kill(starts('recorder')[0]!);
    expect(await until(() => starts('recorder').length === 2)).toBeLessThan(1000);
    expect(starts('service')).toHaveLength(1);
  });

  it('leaves its children running when it is killed, and the next one takes them over and watches them', async () => {
    const first = supervise();
    await until(bothRun);
    const [recorder, service] = [identify(starts('recorder')[0]!)!, identify(starts('service')[0]!)!];
    first.kill('SIGKILL');
    await gone(first);
    expect([recorder, service].map(stillRuns)).toEqual([true, true]);
    supervise();
    const lock = join(dataDir, 'run', 'lock');
    await until(() => readFileSync(lock, 'utf8').includes(`"pid":${supervisors[1]!.pid}`));
    kill(recorder.pid);
    await until(() => starts('recorder').length === 2);
    expect(starts('service')).toEqual([service.pid]);
    expect(stillRuns(service)).toBe(true);
  });

  it('on SIGUSR2 has recorder and service make room for new ones, and stays itself', async () => {
    const supervisor = supervise();
    await until(bothRun);
    supervisor.kill('SIGUSR2');
    await until(() => starts('recorder').length === 2 && starts('service').length === 2);
    expect(supervisor.exitCode).toBeNull();
    // Not the way of an end: nothing is hung up.
    expect(notes().filter(({ what }) => what === 'asked')).toEqual([]);
    // The new recorder has loaded before the old one goes, and the service does not take the machine from it.
    const told = notes().map(({ role, what }) => `${role} ${what}`);
    expect(told.slice(2)).toEqual([
      'recorder stands',
      'recorder leaves',
      'recorder starts',
      'service leaves',
      'service starts',
    ]);
    // It stands for itself: the end of its supervisor is not its own.
    const [, recorder = 0] = starts('recorder');
    supervisor.kill('SIGKILL');
    await gone(supervisor);
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(notes().filter(({ pid, what }) => pid === recorder && what === 'unneeded')).toEqual([]);
    expect(identify(recorder)).not.toBeNull();
  });

  it('keeps the recorder that runs when the one that is installed now does not start, and says so', async () => {
    const supervisor = supervise();
    await until(bothRun);
    writeFileSync(join(folder, 'recorder.broken'), '');
    supervisor.kill('SIGUSR2');
    await until(() => starts('service').length === 2);
    expect(starts('recorder')).toHaveLength(1);
    expect(notes().filter(({ what }) => what === 'leaves')).toHaveLength(1);
    expect(supervisor.said()).toContain('the recorder that is installed now does not start; the old one goes on');
  });

  it('refuses a second start in the same folder with one clear line and exit code 3', async () => {
    const first = supervise();
    await until(bothRun);
    const second = supervise();
    expect(await ended(second)).toBe(3);
    expect(second.said()).toBe(
      `DATA_LOCKED EARSHOT_DATA: another Earshot (process ${first.pid}) runs in ${realpathSync(dataDir)}. ` +
        'Stop it first, or give this one a data folder of its own.\n',
    );
    expect(starts('recorder')).toHaveLength(1);
  });

  it('on SIGTERM ends the service and lets the recorder drain, and exits with 0', async () => {
    const supervisor = supervise();
    await until(bothRun);
    supervisor.kill('SIGTERM');
    expect(await ended(supervisor)).toBe(0);
    const told = notes()
      .filter((note) => note.what !== 'starts')
      .map((note) => `${note.role} ${note.what}`);
    expect(told.slice(-2)).toEqual(['service ends', 'recorder ends']);
  });

  it('kills what does not end in time', async () => {
    mkdirSync(dataDir);
    writeFileSync(join(folder, 'service.stubborn'), '');
    const supervisor = supervise();
    await until(bothRun);
    supervisor.kill('SIGTERM');
    expect(await ended(supervisor)).toBe(0);
    expect(identify(starts('service')[0]!)).toBeNull();
  });

  it('stops everything with the exit code of a wrong configuration', async () => {
    writeFileSync(join(folder, 'recorder.exit'), '78');
    const supervisor = supervise();
    expect(await ended(supervisor)).toBe(78);
    expect(starts('recorder')).toHaveLength(1);
  });

  it('says in one line that a child ends again and again', async () => {
    writeFileSync(join(folder, 'service.exit'), '1');
    const supervisor = supervise();
    await until(() => supervisor.said().includes('3 times in a row'));
    expect(supervisor.said().trim().split('\n')).toEqual([
      'the service ended 3 times in a row (last: with exit code 1); next start in 1 s',
    ]);
  });

  it('ends a child of another version before it starts its own', async () => {
    const first = supervise();
    await until(bothRun);
    first.kill('SIGKILL');
    await gone(first);
    writeFileSync(join(folder, 'new.mjs'), CHILD);
    writeFileSync(join(folder, 'supervisor.mjs'), SUPERVISOR.replace('/child.mjs', '/new.mjs'));
    supervise();
    await until(() => starts('recorder').length === 2);
    const story = notes()
      .filter((note) => note.role === 'recorder')
      .map((note) => note.what);
    expect(story).toEqual(['starts', 'asked', 'ends', 'starts']);
  });

  it('starts the service when PostgreSQL is ready, starts a killed PostgreSQL again, and stops it last', async () => {
    const supervisor = supervise({ WITH_POSTGRES: '1' });
    await until(() => starts('service').length === 1, 30_000);
    const first = runningPostmaster(join(dataDir, 'postgres'))!;
    expect(first).toMatchObject({ status: 'ready' });
    kill(first.pid);
    const ready = (): boolean => {
      const now = runningPostmaster(join(dataDir, 'postgres'));
      return now !== null && now.pid !== first.pid && now.status === 'ready';
    };
    await until(ready, 30_000);
    expect([starts('recorder'), starts('service')].map((pids) => pids.length)).toEqual([1, 1]);
    supervisor.kill('SIGTERM');
    expect(await ended(supervisor)).toBe(0);
    expect(runningPostmaster(join(dataDir, 'postgres'))).toBeNull();
    expect(existsSync(join(dataDir, 'postgres', 'postmaster.pid'))).toBe(false);
  }, 60_000);
});

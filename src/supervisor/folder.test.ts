import { chmodSync, mkdirSync, mkdtempSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { prepareDataFolder } from './folder.ts';
import { commandLine, findLeftBehind, identify, writePidFile } from './identity.ts';

let folder: string;
beforeEach(() => void (folder = mkdtempSync('/tmp/earshot-folder-')));
afterEach(() => rmSync(folder, { recursive: true, force: true }));

describe('the data folder', () => {
  it('is made so that others may pass through and not list it', () => {
    prepareDataFolder(join(folder, 'a', 'data'));
    expect(statSync(join(folder, 'a', 'data')).mode & 0o777).toBe(0o711);
  });

  it('keeps compiled code where nobody else can change it', () => {
    mkdirSync(join(folder, 'run', 'compile-cache'), { recursive: true, mode: 0o755 });
    const { compileCache } = prepareDataFolder(folder);
    expect(statSync(compileCache).mode & 0o777).toBe(0o700);
  });

  it.each(['/proc/earshot', '/dev/null/data'])('that cannot be written (%s) is told by key', (path) => {
    expect(() => prepareDataFolder(path)).toThrow(
      expect.objectContaining({ code: 'DATA_UNWRITABLE', key: 'EARSHOT_DATA' }),
    );
  });

  it('opens a run folder of its own that was closed to the database', () => {
    mkdirSync(join(folder, 'run'));
    chmodSync(join(folder, 'run'), 0o700);
    prepareDataFolder(folder);
    expect(statSync(join(folder, 'run')).mode & 0o777).toBe(0o711);
  });
});

describe('a pid file', () => {
  const me = identify(process.pid)!;
  const command = commandLine(process.pid);

  it('names a process by its start, so that another one with its pid is not taken for it', () => {
    const path = join(folder, 'recorder.pid');
    writePidFile(path, { ...me, role: 'recorder', command });
    expect(findLeftBehind(path, 'recorder', command)).toMatchObject({ identity: me, sameCommand: true });
    expect(findLeftBehind(path, 'service', command)).toBeNull();
    writePidFile(path, { ...me, startTicks: '1', role: 'recorder', command });
    expect(findLeftBehind(path, 'recorder', command)).toBeNull();
    writePidFile(path, { ...me, boot: 'another', role: 'recorder', command });
    expect(findLeftBehind(path, 'recorder', command)).toBeNull();
  });

  it.each(['', 'null', '{', '{"pid":"1"}', '[]'])('that holds %j counts for nothing', (text) => {
    const path = join(folder, 'recorder.pid');
    writeFileSync(path, text);
    expect(findLeftBehind(path, 'recorder', command)).toBeNull();
  });
});

import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from './server.ts';

/** The directory on a whole installation: by command and by REST, and on its way to the recorder. */
const server = new TestServer({ basePort: 16_000 });
const USERS = 3000;

beforeAll(() => server.start());
afterAll(() => server.remove());

interface Snapshot {
  readonly version: number;
  readonly accounts: readonly {
    readonly id: string;
    readonly rules?: readonly { readonly id: string; readonly isOn: boolean }[];
    readonly users?: readonly object[];
  }[];
}

/** What the recorder decides by, as it keeps it on disk. */
const inForce = () => JSON.parse(readFileSync(join(server.dataDir, 'spool', 'settings.json'), 'utf8')) as Snapshot;
const main = () => inForce().accounts.find(({ id }) => id === 'main');

/** Ms from now until the recorder has settings like these. */
async function msUntil(done: () => boolean): Promise<number> {
  const from = performance.now();
  while (!done()) {
    if (performance.now() - from > 10_000) throw new Error('the recorder was never told');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - from;
}

describe('settings on their way to the recorder', () => {
  it('are in force within a second of the change, with thousands of users', async () => {
    const rows = Array.from({ length: USERS }, (_, i) => `user${i},First ${i},Last,${10_000 + i}`);
    const file = join(server.dataDir, 'people.csv');
    writeFileSync(file, `user name,first name,last name,extension\n${rows.join('\n')}\n`);
    expect(await server.cli('directory', 'import', 'users', file, '--dry-run')).toContain(`${USERS} created`);
    expect(main()?.users).toBeUndefined();
    expect(await server.cli('directory', 'import', 'users', file)).toContain('applied.');
    await msUntil(() => main()?.users?.length === USERS);
    const times: number[] = [];
    for (const isOn of [false, true, false, true]) {
      const rule = await server.api<{ revision: number; value: object }>('GET', '/accounts/main/rules/record-all');
      const value = { ...rule.value, isOn };
      await server.api('PUT', '/accounts/main/rules/record-all', { revision: rule.revision, value });
      times.push(await msUntil(() => main()?.rules?.[0]?.isOn === isOn));
    }
    expect(Math.max(...times)).toBeLessThan(1000);
  });
});

describe('the command', () => {
  it('lists, sets, tells the history and takes back', async () => {
    expect(await server.cli('directory', 'list', 'rules')).toMatch(/Record all calls +record-all +by hand/);
    const file = join(server.dataDir, 'rule.json');
    writeFileSync(
      file,
      JSON.stringify({ description: 'Only outside', isOn: true, mode: 'automatic', origin: 'external' }),
    );
    expect(await server.cli('directory', 'set', 'rules', 'record-all', '--value', file)).toContain('Only outside');
    const history = JSON.parse(await server.cli('directory', 'history', '--json')) as {
      changeId: string;
      name: string;
    }[];
    expect(history[0]?.name).toBe('Only outside');
    expect(await server.cli('directory', 'undo', history[0]!.changeId)).toContain('Taken back');
    expect(await server.cli('directory', 'show', 'rules', 'record-all')).toContain('Record all calls');
    await expect(server.cli('directory', 'undo', history[0]!.changeId)).rejects.toThrow('CONFLICT');
    await expect(server.cli('directory', 'show', 'users', 'nobody')).rejects.toThrow('NOT_FOUND');
  });

  it('leaves with a fault when a file has faults, and names line and column', async () => {
    const file = join(server.dataDir, 'faulty.csv');
    writeFileSync(file, 'user name;name;extension\nalice;Alice Example;12x\n');
    await expect(server.cli('directory', 'import', 'users', file)).rejects.toThrow(/error in line 2, extension/);
    writeFileSync(file, Buffer.from('user name;name\nmueller;M\xfcller\n', 'latin1'));
    await expect(server.cli('directory', 'import', 'users', file)).rejects.toThrow('UTF-8');
  });
});

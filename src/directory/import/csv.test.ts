import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { CsvFile } from '../port.ts';
import { ALICE, openTestDirectory, person, type TestDirectory } from '../testing.ts';
import { importCsv } from './csv.ts';

let test: TestDirectory;
beforeAll(async () => {
  test = await openTestDirectory();
}, 60_000);
afterAll(() => test.close());

const bring = (accountId: string, text: string, more: Partial<CsvFile> = {}) =>
  importCsv(test.parts, ALICE, accountId, {
    text,
    kind: 'users',
    mode: 'sync',
    dryRun: false,
    force: false,
    adopt: false,
    ...more,
  });
const users = async (accountId: string) =>
  (await test.directory.list(accountId, 'users', { limit: 100 })).items.map(({ value, source }) => ({
    ...value,
    source,
  }));

const FILE = `User name;First name;Last name;Extensions;Number aliases;Group;Inbound external
alice;Alice;Example;1001|1002;+49 30 555001;Sales;on
bob;Bob;Example;1003;;;off
carol;"Carol ""C""";"Exam;ple";1004;;Sales;
`;

describe('a CSV file of users', () => {
  it('is shown before it is applied, applied as it was shown, and the second time changes nothing', async () => {
    const account = await test.account();
    const trial = await bring(account, FILE, { dryRun: true });
    expect(trial).toMatchObject({
      applied: false,
      errors: [],
      counts: { created: 4, changed: 0, deleted: 0, unchanged: 0 },
    });
    expect(trial.created.map(({ kind, name }) => `${kind} ${name}`).sort()).toEqual([
      'groups Sales',
      'users Alice Example',
      'users Bob Example',
      'users Carol "C" Exam;ple',
    ]);
    expect(await users(account)).toEqual([]);
    expect(await bring(account, FILE)).toMatchObject({
      applied: true,
      counts: trial.counts,
      changeId: expect.any(String),
    });
    const [sales] = (await test.directory.list(account, 'groups', { limit: 1 })).items;
    expect((await users(account))[0]).toEqual({
      firstName: 'Alice',
      lastName: 'Example',
      userName: 'alice',
      extensions: ['1001', '1002'],
      aliases: ['+49 30 555001'],
      groupId: sales?.id,
      endpoints: { inboundExternal: 'on' },
      source: 'csv',
    });
    const again = await bring(account, FILE);
    expect(again).toMatchObject({ changeId: null, counts: { created: 0, changed: 0, deleted: 0, unchanged: 3 } });
  });

  it('says field by field what would change, and leaves alone what has no column', async () => {
    const account = await test.account();
    await bring(account, FILE);
    const [alice] = (await test.directory.list(account, 'users', { limit: 1 })).items;
    await test.directory.change(ALICE, account, 'users', alice!.id, 1, { ...alice!.value, department: 'Board' });
    const text = 'user name,last name,extensions\nALICE,Sample,1001\nbob,Example,1003\ncarol,Exam;ple,1004';
    const { changed } = await bring(account, text);
    expect(changed).toEqual([
      {
        name: 'Sample',
        kind: 'users',
        fields: [
          { field: 'extensions', before: ['1001', '1002'], after: ['1001'] },
          { field: 'firstName', before: 'Alice', after: '' },
          { field: 'lastName', before: 'Example', after: 'Sample' },
          { field: 'userName', before: 'alice', after: 'ALICE' },
        ],
      },
      expect.objectContaining({ name: 'Example' }),
      expect.objectContaining({ name: 'Exam;ple' }),
    ]);
    expect((await users(account)).find(({ lastName }) => lastName === 'Sample')).toMatchObject({ department: 'Board' });
  });

  it.each([
    ['a byte order mark and commas', '\uFEFFname,extension,mail\r\n"Example, Alice",1001,alice@example.com\r\n'],
    ['tabs', 'E-mail\tFirst Name\tLast Name\tExtension\nalice@example.com\tAlice\tExample\t1001\n'],
    ['old line ends', 'mail;name;extension\ralice@example.com;Alice Example;1001'],
  ])('may have %s', async (_what, text) => {
    const account = await test.account();
    expect((await bring(account, text)).errors).toEqual([]);
    expect(await users(account)).toMatchObject([
      { firstName: 'Alice', lastName: 'Example', extensions: ['1001'], mail: { address: 'alice@example.com' } },
    ]);
  });

  it('may be Webex’ export as it is', async () => {
    const account = await test.account({ country: 'US' });
    const text = `First Name,Last Name,Display Name,User ID/Email (Required),User Status,Extension,Phone Number,Location
Alice,Example,Alice Example,alice@example.com,Verified,1001,+1 212 555 0101,HQ
`;
    const { errors, warnings } = await bring(account, text);
    expect([errors, warnings]).toEqual([[], ['Columns that are not read: User Status, Location.']]);
    expect(await users(account)).toMatchObject([
      { pbxUserName: 'alice@example.com', extensions: ['1001'], aliases: ['+1 212 555 0101'] },
    ]);
  });

  it('deletes by synchronisation only what files brought, and nobody who was made by hand', async () => {
    const account = await test.account();
    await test.add(account, 'users', person('Hand', { userName: 'hand' }));
    await bring(account, FILE);
    const without = FILE.replace(/^bob.*\n/m, '');
    expect((await bring(account, without, { mode: 'merge' })).deleted).toEqual([]);
    expect((await bring(account, without)).deleted).toEqual([{ kind: 'users', name: 'Bob Example' }]);
    expect((await users(account)).map(({ firstName }) => firstName)).toEqual(['Alice', 'Carol "C"', 'Hand']);
  });

  it('gives away what was made by hand only where that is wanted, and says so before', async () => {
    const account = await test.account();
    const { id } = await test.add(account, 'users', person('Old', { userName: 'Bob', department: 'Board' }));
    const without = FILE.replace(/^bob.*\n/m, '');
    expect((await bring(account, FILE, { dryRun: true })).warnings[0]).toMatch(/1 entry .*not given away.*Old Example/);
    await bring(account, FILE);
    const bob = { id, name: 'Bob Example', source: null, value: { extensions: ['1003'], department: 'Board' } };
    expect(await test.directory.get(account, 'users', id)).toMatchObject(bob);
    expect(await bring(account, FILE)).toMatchObject({ changeId: null, counts: { unchanged: 3 } });
    expect((await bring(account, without)).deleted).toEqual([]);
    const trial = await bring(account, FILE, { dryRun: true, adopt: true });
    expect(trial.warnings[0]).toMatch(/given away.*deleted once.*Bob Example/);
    await bring(account, FILE, { adopt: true });
    expect(await test.directory.get(account, 'users', id)).toMatchObject({ ...bob, source: 'csv' });
    expect((await bring(account, without)).deleted).toEqual([{ kind: 'users', name: 'Bob Example' }]);
  });

  it('that would delete more than a third is refused until it is forced', async () => {
    const account = await test.account();
    await bring(account, FILE);
    const one = FILE.split('\n').slice(0, 2).join('\n');
    const refused = await bring(account, one);
    expect(refused).toMatchObject({
      applied: false,
      errors: [{ message: expect.stringContaining('2 of the 3 users') }],
    });
    expect(await users(account)).toHaveLength(3);
    expect(await bring(account, one, { force: true })).toMatchObject({ applied: true, counts: { deleted: 2 } });
  });

  it('can be taken back as one change', async () => {
    const account = await test.account();
    const { changeId } = await bring(account, FILE);
    await test.directory.undo(ALICE, account, changeId!);
    expect(await users(account)).toEqual([]);
    const { items } = await test.directory.history(account, { limit: 5 });
    expect(items.map(({ kind, undoneBy }) => [kind, undoneBy === null])).toEqual([
      ['import', true],
      ['import', false],
    ]);
  });
});

describe('faults of a file', () => {
  it('are millions of rows, of which no more are read than an account may have', async () => {
    const { errors } = await bring(await test.account(), `user name\n${'a\n'.repeat(200_001)}`);
    expect(errors).toEqual([{ line: null, column: null, message: expect.stringContaining('200000 rows') }]);
  });

  const HEAD = 'user name;first name;last name;extensions;mail;inbound external;mail notify\n';
  it.each<[string, string, number | null, string | null, string]>([
    ['no key', `${HEAD}alice;A;B;1;;;\n;C;D;2;;;\n`, 3, 'user name', 'empty'],
    ['a key twice', `${HEAD}alice;A;B;1;;;\nAlice;C;D;2;;;\n`, 3, null, 'line 2'],
    ['no number', `${HEAD}alice;A;B;1;;;\nbob;C;D;12ab;;;\n`, 3, 'extensions', '12ab'],
    ['no mail address', `${HEAD}alice;A;B;1;alice;;\n`, 2, 'mail', 'e-mail'],
    ['no switch', `${HEAD}alice;A;B;1;;maybe;\n`, 2, 'inbound external', 'maybe'],
    ['no flag', `${HEAD}alice;A;B;1;a@example.com;;perhaps\n`, 2, 'mail notify', 'perhaps'],
    ['no name', `${HEAD}alice;;;1;;;\n`, 2, 'last name', 'name'],
    ['too many cells', `${HEAD}alice;A;B;1;;;;9\n`, 2, null, '8 cells'],
    ['an open quote', `${HEAD}alice;"A;B;1;;;\nbob;C;D;2;;;\n`, 3, null, 'never closed'],
    ['a quote in a cell', `${HEAD}alice;A"x";B;1;;;\n`, 2, null, 'quote'],
    ['no column to know users by', 'first name;last name\nA;B\n', 1, null, 'needed'],
    ['a column twice', 'user name;login\na;b\n', 1, 'login', 'mean the same'],
    ['another encoding', 'user name;name\nalice;M\uFFFDller\n', null, null, 'UTF-8'],
    ['nothing', '\n\n', 1, null, 'empty'],
  ])('%s: line and column are named and nothing is applied', async (_what, text, line, column, message) => {
    const account = await test.account();
    const result = await bring(account, text);
    expect(result.applied).toBe(false);
    expect(result.errors).toContainEqual({ line, column, message: expect.stringContaining(message) });
    expect(await users(account)).toEqual([]);
  });

  it('are told all at once, in the order of the lines', async () => {
    const account = await test.account();
    const { errors } = await bring(account, `${HEAD}alice;A;B;x;;;\nbob;C;D;1;;;\ncarol;E;F;y;;;\n`);
    expect(errors.map(({ line }) => line)).toEqual([2, 4]);
  });

  it('of any kind are faults and no crash', async () => {
    const account = await test.account();
    const piece = fc.constantFrom(
      'user name',
      ';',
      ',',
      '\t',
      '"',
      '\n',
      '\r',
      'name',
      'a',
      '\u0000',
      '1001',
      '\uFEFF',
      '\u{1F600}',
      '""',
    );
    const kind = fc.constantFrom('users' as const, 'devices' as const, 'numbers' as const);
    await fc.assert(
      fc.asyncProperty(fc.array(piece, { maxLength: 40 }), kind, async (pieces, of) => {
        const result = await bring(account, pieces.join(''), { kind: of, dryRun: true });
        expect(result.applied).toBe(false);
      }),
      { numRuns: 150 },
    );
  });
});

describe('files of devices and numbers', () => {
  it('tie devices to users by any name of theirs, and say which user is not there', async () => {
    const account = await test.account();
    const alice = await test.add(account, 'users', person('Alice', { userName: 'alice', extensions: ['1001'] }));
    const text = 'name;mac;user\nDesk;001795BDD1A1;Alice Example\nMobile;001795BDD1A2;1001\nLobby;001795BDD1A3;\n';
    expect((await bring(account, text, { kind: 'devices' })).counts).toMatchObject({ created: 3 });
    const { items } = await test.directory.list(account, 'devices', { limit: 9 });
    expect(items.map(({ name, value }) => [name, value.mac, value.userId])).toEqual([
      ['Desk', '00:17:95:bd:d1:a1', alice.id],
      ['Lobby', '00:17:95:bd:d1:a3', undefined],
      ['Mobile', '00:17:95:bd:d1:a2', alice.id],
    ]);
    const wrong = await bring(account, `${text}New;001795BDD1A4;dave\n`, { kind: 'devices' });
    expect(wrong.errors).toEqual([{ line: 5, column: 'user', message: 'There is no user "dave".' }]);
    expect((await bring(account, text, { kind: 'devices' })).counts).toMatchObject({ unchanged: 3, changed: 0 });
  });

  it('know a number again however it is written', async () => {
    const account = await test.account({ country: 'DE' });
    await bring(account, 'number;name;record\n030 555 777;Main line;all\n', { kind: 'numbers' });
    const second = await bring(account, 'number,record\n+4930555777,incoming\n', { kind: 'numbers' });
    expect(second.counts).toMatchObject({ created: 0, changed: 1 });
    const { items } = await test.directory.list(account, 'numbers', { limit: 9 });
    expect(items.map(({ value }) => value)).toEqual([{ number: '+4930555777', name: 'Main line', record: 'incoming' }]);
  });
});

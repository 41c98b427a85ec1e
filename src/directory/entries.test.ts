import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sql } from 'kysely';
import { ALICE, BOB, openTestDirectory, person, type TestDirectory } from './testing.ts';

let test: TestDirectory;
beforeAll(async () => {
  test = await openTestDirectory();
}, 60_000);
afterAll(() => test.close());

const audit = async (action: string) =>
  (await test.parts.db.selectFrom('audit').selectAll().where('action', '=', action).orderBy('id', 'desc').execute())[0];

describe('the first start', () => {
  it('has account Main with the visible rule that records all calls', async () => {
    const { items } = await test.directory.list('main', 'rules', { limit: 10 });
    expect(items).toMatchObject([
      { name: 'Record all calls', revision: 1, value: { isOn: true, mode: 'automatic', scope: 'call' } },
    ]);
  });
});

describe('an entry', () => {
  it('is stored in one form, whatever blanks, doubles and empty fields it came with', async () => {
    const account = await test.account();
    const made = await test.add(
      account,
      'users',
      person(' Carol ', { extensions: ['1001 ', '1001'], department: ' ', own: {} }),
    );
    expect(made).toMatchObject({ name: 'Carol Example', revision: 1, source: null, changedBy: 'alice' });
    expect(made.value).toEqual({ firstName: 'Carol', lastName: 'Example', extensions: ['1001'] });
    const phone = await test.add(account, 'devices', { name: 'Desk', mac: 'SEP001795BDD16B', userId: made.id });
    expect(phone.value.mac).toBe('00:17:95:bd:d1:6b');
    expect(await test.directory.get(account, 'devices', phone.id)).toMatchObject({ value: { userId: made.id } });
  });

  it('is changed by one at a time: who was slower is told by whom, when, and what is there now', async () => {
    const account = await test.account();
    const made = await test.add(account, 'groups', { name: 'Sales' });
    await test.directory.change(BOB, account, 'groups', made.id, 1, { name: 'Sellers' });
    const late = test.directory.change(ALICE, account, 'groups', made.id, 1, { name: 'Selling' });
    await expect(late).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('bob has changed this meanwhile'),
      current: { id: made.id, revision: 2, value: { name: 'Sellers' }, changedBy: 'bob' },
    });
    await expect(test.directory.remove(ALICE, account, 'groups', made.id, 1)).rejects.toMatchObject({
      code: 'CONFLICT',
    });
    expect(await test.directory.get(account, 'groups', made.id)).toMatchObject({ name: 'Sellers', revision: 2 });
  });

  it('that is put the same again is no change: no revision, no history, nobody is woken', async () => {
    const account = await test.account();
    const made = await test.add(account, 'teams', { name: 'Night', userIds: [] });
    const told = test.told();
    const again = await test.directory.change(BOB, account, 'teams', made.id, 1, { userIds: [], name: 'Night ' });
    expect([again.revision, test.told()]).toEqual([1, told]);
  });

  it('leaves value before and after in the audit log, with who and from where', async () => {
    const account = await test.account();
    const made = await test.add(account, 'groups', { name: 'Before' });
    await test.directory.change({ ...BOB, address: '192.0.2.7' }, account, 'groups', made.id, 1, { name: 'After' });
    expect(await audit('groups.change')).toMatchObject({
      account_id: account,
      actor: 'user:bob',
      name: 'bob',
      address: '192.0.2.7',
      subject: made.id,
      detail: { before: { name: 'Before' }, after: { name: 'After' } },
    });
  });

  it('raises the version, once, and wakes the listeners of the database', async () => {
    const account = await test.account();
    const version = async () =>
      (
        await sql<{ v: number }>`select (value #>> '{}')::int as v from settings where key = 'version'`.execute(
          test.parts.db,
        )
      ).rows[0]!.v;
    const before = await version();
    const mark = await test.catalogue.catalogue.currentMark();
    await test.add(account, 'groups', { name: 'One' });
    expect(await version()).toBe(before + 1);
    const { changes } = await test.catalogue.catalogue.changesSince(mark);
    expect(changes).toMatchObject([{ accountId: account, kind: 'setting.changed' }]);
  });

  it('of another account is not there', async () => {
    const [one, two] = [await test.account(), await test.account()];
    const made = await test.add(one, 'groups', { name: 'Mine' });
    expect(await test.directory.get(two, 'groups', made.id)).toBeUndefined();
    expect(await test.directory.get(one, 'teams', made.id)).toBeUndefined();
    await expect(test.directory.remove(ALICE, two, 'groups', made.id, 1)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('lists', () => {
  it('come by name, page by page, and are searched by name, number, mail and MAC', async () => {
    const account = await test.account({ country: 'DE' });
    for (const [first, extension] of [
      ['Dora', '1004'],
      ['anna', '1001'],
      ['Berta', '1002'],
      ['Cäcilie', '1003'],
    ] as const)
      await test.add(
        account,
        'users',
        person(first, { extensions: [extension], aliases: [`030 55510${extension.at(-1)}`] }),
      );
    await test.add(account, 'devices', { name: 'Desk 1', mac: '001795BDD101' });
    const names: string[] = [];
    for (let after: [string, string] | undefined, more = true; more;) {
      const page = await test.directory.list(account, 'users', { limit: 2, ...(after === undefined ? {} : { after }) });
      names.push(...page.items.map(({ name }) => name));
      const last = page.items.at(-1)!;
      after = [last.name.toLowerCase(), last.id];
      more = page.more;
    }
    expect(names).toEqual(['anna Example', 'Berta Example', 'Cäcilie Example', 'Dora Example']);
    const found = async (q: string, kind: 'users' | 'devices' = 'users') =>
      (await test.directory.list(account, kind, { limit: 9, q })).items.map(({ name }) => name.split(' ')[0]);
    expect(await found('CÄCI')).toEqual(['Cäcilie']);
    expect(await found('1002')).toEqual(['Berta']);
    expect(await found('+4930555104')).toEqual(['Dora']);
    expect(await found('%')).toEqual([]);
    expect(await found('00:17:95:BD', 'devices')).toEqual(['Desk']);
  });
});

import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { decide } from '../policy/decide.ts';
import { snapshotFault } from '../policy/snapshot.ts';
import type { CallFacts } from '../policy/types.ts';
import { readMatrix } from './matrix.ts';
import { secretBox } from './secret-box.ts';
import { systemRandom } from '../base/ids.ts';
import { SnapshotReader } from './snapshot.ts';
import { ALICE, openTestDirectory, person, type TestDirectory } from './testing.ts';

let test: TestDirectory;
beforeAll(async () => {
  test = await openTestDirectory();
}, 60_000);
afterAll(() => test.close());

const reader = (box = test.parts.box) => new SnapshotReader(box, ['from-file']);
const accountOf = async (id: string) =>
  (await reader().read(test.parts.db, null)).settings.accounts.find((account) => account.id === id)!;

describe('the snapshot', () => {
  it('holds what policy decides by, under the ids of the entries, and nothing of the person besides', async () => {
    const account = await test.account({ country: 'DE', endpoints: { inboundExternal: 'on' }, keepDigits: true });
    const user = await test.add(
      account,
      'users',
      person('Alice', { extensions: ['1001'], department: 'Board', mail: { address: 'alice@example.com' } }),
    );
    await test.add(account, 'rules', { description: 'All', isOn: false, mode: 'automatic' });
    const settings = await accountOf(account);
    expect(settings).toMatchObject({ country: 'DE', endpoints: { inboundExternal: 'on' }, keepDigits: true });
    expect(settings.users).toEqual([{ id: user.id, name: 'Alice Example', extensions: ['1001'] }]);
    expect(settings.rules).toMatchObject([{ description: 'All', isOn: false }]);
  });

  it('passes the recorder’s own check', async () => {
    expect(snapshotFault(JSON.parse(JSON.stringify((await reader().read(test.parts.db, null)).settings)))).toBeNull();
  });

  it('is the same one while nothing changes, and reads only the accounts that changed', async () => {
    const [one, two] = [await test.account(), await test.account()];
    const snapshots = reader();
    const first = await snapshots.read(test.parts.db, null);
    expect(await snapshots.read(test.parts.db, first)).toBe(first);
    await test.add(one, 'groups', { name: 'New' });
    const second = await snapshots.read(test.parts.db, first);
    const of = ({ settings }: typeof first, id: string) => settings.accounts.find((account) => account.id === id);
    expect(second.settings.version).toBe(first.settings.version + 1);
    expect(of(second, two)).toBe(of(first, two));
    expect(of(second, one)?.groups).toMatchObject([{ name: 'New' }]);
  });

  it('carries brands, pilots and the platform’s words', async () => {
    const brand = await test.directory.createBrand(ALICE, 'North');
    const account = await test.directory.createAccount(ALICE, { name: 'Branded', brandId: brand.id, policy: {} });
    const { revision } = await test.directory.platform();
    const pilots = [{ kind: 'record' as const, number: '9000' }];
    await test.directory.changePlatform(ALICE, {
      revision,
      defaultAccountId: account.id,
      unknownAccount: 'discard',
      pilots,
    });
    const { settings } = await reader().read(test.parts.db, null);
    expect(settings).toMatchObject({ defaultAccountId: account.id, unknownAccount: 'discard', pilots });
    expect(settings.brands).toContainEqual({ id: brand.id, name: 'North' });
    expect(settings.accounts.find(({ id }) => id === account.id)).toMatchObject({ brandId: brand.id });
    await expect(test.directory.deleteAccount(ALICE, account.id, 1)).rejects.toMatchObject({ code: 'CONFLICT' });
    await test.directory.changePlatform(ALICE, { revision: revision + 1 });
    await test.directory.deleteAccount(ALICE, account.id, 1);
    await test.directory.deleteBrand(ALICE, brand.id, 1);
  });
});

describe('trunks', () => {
  it('reach the recorder whole, while nobody reads their passwords', async () => {
    const account = await test.account();
    const value = {
      addresses: ['192.0.2.0/24'],
      digest: { username: 'sbc', password: 'of the trunk' },
      accountIds: [account],
    };
    const made = await test.directory.createTrunk(ALICE, 'sbc', value);
    expect(made).toMatchObject({ revision: 1, isFromFile: false, value: { digest: { username: 'sbc' } } });
    const everything = JSON.stringify([
      await test.directory.trunks(),
      await test.parts.db.selectFrom('platform_entries').selectAll().execute(),
      await test.parts.db.selectFrom('audit').selectAll().execute(),
    ]);
    expect(everything).not.toContain('of the trunk');
    const { trunks, settings } = await reader().read(test.parts.db, null);
    expect(trunks).toMatchObject([
      {
        name: 'sbc',
        addresses: ['192.0.2.0/24'],
        unwanted: 'accept',
        digest: { username: 'sbc', password: 'of the trunk' },
      },
    ]);
    expect(settings.trunks).toEqual([{ name: 'sbc', accountIds: [account] }]);
    const kept = { addresses: ['192.0.2.9'], digest: { username: 'sbc' } };
    await test.directory.changeTrunk(ALICE, 'sbc', 1, kept);
    expect((await reader().read(test.parts.db, null)).trunks[0]?.digest?.password).toBe('of the trunk');
  });

  it('are checked like those of the settings file', async () => {
    const made = test.directory.createTrunk(ALICE, 'wrong', { addresses: ['192.0.2.0/99'] });
    await expect(made).rejects.toMatchObject({ code: 'BAD_REQUEST', key: expect.stringContaining('addresses') });
    await expect(test.directory.createTrunk(ALICE, 'other', { accountIds: ['nobody'] })).rejects.toMatchObject({
      key: 'value.accountIds',
    });
  });

  it('whose password cannot be opened is left out, with a word, and the others stay', async () => {
    await test.directory.createTrunk(ALICE, 'open', { addresses: ['198.51.100.1'] });
    const { trunks, faults } = await reader(secretBox('another secret', systemRandom)).read(test.parts.db, null);
    expect(trunks.map(({ name }) => name)).toEqual(['open']);
    expect(faults).toEqual([expect.stringContaining('The trunk sbc cannot be used')]);
  });
});

describe('the matrix', () => {
  it('tells of each cell what holds and from where, as decisions have it', async () => {
    const account = await test.account({ endpoints: { inboundExternal: 'on', outboundExternal: 'off' } });
    const user = await test.add(
      account,
      'users',
      person('Alice', { extensions: ['1001'], endpoints: { inboundInternal: 'on' }, own: { outboundExternal: 'on' } }),
    );
    await test.add(account, 'devices', {
      name: 'Mobile',
      mac: '001795BDD1E1',
      userId: user.id,
      endpoints: { inboundExternal: 'off' },
    });
    await test.add(account, 'devices', { name: 'Lobby' });
    const { items } = await readMatrix(test.parts.db, account, { limit: 9 });
    expect(items.map(({ user: one, devices }) => [one?.name, devices.map(({ name }) => name)])).toEqual([
      ['Alice Example', ['Mobile']],
      [undefined, ['Lobby']],
    ]);
    expect(items[0]?.user?.effective).toEqual({
      inboundInternal: { value: 'on', from: 'user' },
      inboundExternal: { value: 'on', from: 'account' },
      outboundInternal: { value: 'off', from: 'none' },
      outboundExternal: { value: 'on', from: 'own' },
    });
    expect(items[0]?.devices[0]?.effective.inboundExternal).toEqual({ value: 'off', from: 'device' });
    expect(items[0]?.devices[0]?.effective.outboundExternal).toEqual({ value: 'on', from: 'own' });
    const call = (device?: string): CallFacts => ({
      trunk: 'any',
      direction: 'IN',
      vendorIds: {},
      parties: [
        { id: 'a', number: '+4930555999', role: 'caller' },
        { id: 'b', number: '1001', role: 'callee', ...(device === undefined ? {} : { device }) },
      ],
    });
    const settings = { version: 1, accounts: [await accountOf(account)] };
    expect(decide(call(), settings).verdict).toBe('record');
    expect(decide(call('001795BDD1E1'), settings).verdict).toBe('ignore');
  });

  it('comes page by page: users by name, then devices without one; a user sees his own row', async () => {
    const account = await test.account();
    for (const name of ['C', 'A', 'B']) await test.add(account, 'users', person(name));
    for (const name of ['Y', 'X', 'Z']) await test.add(account, 'devices', { name });
    const seen: string[] = [];
    for (let after: readonly [string, string] | null | undefined; after !== null;) {
      const page = await readMatrix(test.parts.db, account, { limit: 2, ...(after === undefined ? {} : { after }) });
      seen.push(...page.items.map(({ user, devices }) => user?.name ?? devices[0]!.name));
      after = page.next;
    }
    expect(seen.slice(0, 3)).toEqual(['A Example', 'B Example', 'C Example']);
    expect(seen.slice(3).sort()).toEqual(['X', 'Y', 'Z']);
    const [a] = (await test.directory.list(account, 'users', { limit: 1 })).items;
    const own = await readMatrix(test.parts.db, account, { limit: 9, userId: a!.id });
    expect(own.items.map(({ user }) => user?.name)).toEqual(['A Example']);
  });

  it('takes a user’s own switches where the account allows them, and not where it does not', async () => {
    const account = await test.account({ usersMaySet: true });
    const user = await test.add(account, 'users', person('Alice'));
    const device = await test.add(account, 'devices', { name: 'Desk', userId: user.id });
    const set = await test.directory.setOwn(ALICE, account, device.id, { inboundInternal: 'on' });
    expect(set).toMatchObject({
      own: { inboundInternal: 'on' },
      effective: { inboundInternal: { value: 'on', from: 'own' } },
    });
    expect(await test.directory.ownerOf(account, device.id)).toEqual({ userId: user.id });
    await test.directory.changeAccount(ALICE, account, 1, { policy: { usersMaySet: false } });
    await expect(test.directory.setOwn(ALICE, account, user.id, {})).rejects.toMatchObject({ code: 'NOT_ALLOWED' });
    const { items } = await readMatrix(test.parts.db, account, { limit: 1 });
    expect(items[0]?.devices[0]?.effective.inboundInternal).toEqual({ value: 'off', from: 'none' });
  });
});

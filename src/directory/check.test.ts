import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, openTestDirectory, person, type TestDirectory } from './testing.ts';
import type { AccountPolicy, Kind, Value } from './values.ts';

let test: TestDirectory;
let account: string;
beforeAll(async () => {
  test = await openTestDirectory();
  account = await test.account({ country: 'DE' });
}, 60_000);
afterAll(() => test.close());

const NOBODY = 'nobody-here';

describe('a value that cannot be', () => {
  it.each<[Kind, Value, string, string]>([
    ['users', person('A', { extensions: ['12x'] }), 'value.extensions', 'not a number'],
    ['users', person('A', { mail: { address: 'nobody' } }), 'value.mail.address', 'e-mail'],
    ['users', person('A', { mail: { notify: true } }), 'value.mail.address', 'without an address'],
    ['users', person('A', { language: 'german!' }), 'value.language', 'language tag'],
    ['users', { firstName: ' ', lastName: '' }, 'value.lastName', 'name'],
    ['users', person('A\u0007'), 'value.firstName', 'Control'],
    ['users', person('A', { groupId: NOBODY }), 'value.groupId', 'no group'],
    ['devices', { name: 'D', mac: '00:11' }, 'value.mac', 'MAC'],
    ['devices', { name: 'D', userId: NOBODY }, 'value.userId', 'no user'],
    ['numbers', { number: 'reception' }, 'value.number', 'not a number'],
    ['queues', { name: 'Q', agents: [{ userId: NOBODY }] }, 'value.agents', 'no user'],
    ['teams', { name: 'T', userIds: [NOBODY] }, 'value.userIds', 'no user'],
    ['roles', { name: 'R', teamIds: [NOBODY] }, 'value.teamIds', 'no team'],
    ['rules', { description: 'X', isOn: true, mode: 'automatic', roleId: NOBODY }, 'value.roleId', 'no role'],
  ])('of %s is refused: %o names %s', async (kind, value, key, message) => {
    await expect(test.add(account, kind, value as never)).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      key,
      message: expect.stringContaining(message),
    });
  });

  it.each<[AccountPolicy, string, string]>([
    [{ filters: { exclusions: [{ pattern: '12' }, { pattern: '9x' }] } }, 'policy.filters.exclusions.1.pattern', '"x"'],
    [{ internalPatterns: ['1+2'] }, 'policy.internalPatterns.0', '"+"'],
    [{ country: 'XX' }, 'policy.country', 'country'],
    [{ onDemand: { code: '*1', otherCodes: ['*12'] } }, 'policy.onDemand.code', 'beginning of the code *12'],
    [{ onDemand: { isAllowed: false, isOn: true } }, 'policy.onDemand.isOn', 'not allowed'],
    [{ pilots: [{ kind: 'record', number: 'pilot' }] }, 'policy.pilots.0.number', 'not a number'],
    [{ unassigned: { to: 'catch-all', userId: NOBODY } }, 'policy.unassigned', 'no user'],
  ])('of an account is refused: %o names %s', async (policy, key, message) => {
    const { revision } = (await test.directory.account(account))!;
    await expect(test.directory.changeAccount(ALICE, account, revision, { policy })).rejects.toMatchObject({
      code: 'BAD_REQUEST',
      key,
      message: expect.stringContaining(message),
    });
    expect((await test.directory.account(account))!.policy).toEqual({ country: 'DE' });
  });
});

describe('what there must be only one of', () => {
  it.each<[Kind, Value, Value, string]>([
    [
      'users',
      person('A', { pbxUserName: 'a@example.com' }),
      person('B', { pbxUserName: 'A@example.com' }),
      'pbxUserName',
    ],
    ['users', person('A', { agentId: 'seven' }), person('B', { agentId: 'Seven' }), 'agentId'],
    ['devices', { name: 'Desk', mac: '001795BDD1C1' }, { name: 'Other', mac: 'SEP001795bdd1c1' }, 'mac'],
    ['devices', { name: 'Hall' }, { name: 'HALL' }, 'name'],
    ['numbers', { number: '030 555 900' }, { number: '+49 30 555900' }, 'number'],
    ['queues', { name: 'Q1', numbers: ['2000'] }, { name: 'Q2', numbers: ['2000'] }, 'numbers'],
    ['teams', { name: 'Night', userIds: [] }, { name: 'night', userIds: [] }, 'name'],
  ])('in an account: %s', async (kind, first, second, field) => {
    await test.add(account, kind, first);
    await expect(test.add(account, kind, second as never)).rejects.toMatchObject({
      key: `value.${field}`,
      message: expect.stringContaining('taken already'),
    });
  });

  it('on the platform is a MAC; whose it is, the other account is not told', async () => {
    const other = await test.account();
    await test.add(other, 'devices', { name: 'Secret name', mac: '001795BDD1D1' });
    await expect(test.add(account, 'devices', { name: 'Mine', mac: '00-17-95-BD-D1-D1' })).rejects.toMatchObject({
      key: 'value.mac',
      message: expect.not.stringContaining('Secret name'),
    });
  });
});

describe('what may overlap, with a word of warning', () => {
  it('extensions and aliases of two users', async () => {
    await test.add(account, 'users', person('Erna', { extensions: ['1500'], numericUserId: '71' }));
    const { warnings } = await test.add(
      account,
      'users',
      person('Egon', { extensions: ['1500'], numericUserId: '72' }),
    );
    expect(warnings).toEqual([expect.stringContaining('extension of Egon Example and of Erna Example')]);
  });

  it('a number of two accounts', async () => {
    const other = await test.account({ country: 'DE' });
    expect((await test.add(other, 'numbers', { number: '030 555 901' })).warnings).toEqual([]);
    const { warnings } = await test.add(account, 'numbers', { number: '+4930555901' });
    expect(warnings).toEqual([expect.stringContaining('another account')]);
  });
});

describe('deleting', () => {
  const remove = (kind: Kind, id: string) => test.directory.remove(ALICE, account, kind, id, 1);

  it('what others name is refused, and they are named', async () => {
    const group = await test.add(account, 'groups', { name: 'Used' });
    await test.add(account, 'users', person('Frida', { groupId: group.id }));
    await expect(remove('groups', group.id)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: 'Used cannot be deleted: it is named by the user Frida Example.',
    });
    const role = await test.add(account, 'roles', { name: 'Meant' });
    await test.add(account, 'rules', { description: 'Record them', isOn: true, mode: 'automatic', roleId: role.id });
    await expect(remove('roles', role.id)).rejects.toMatchObject({
      message: expect.stringContaining('the rule Record them'),
    });
  });

  it('a user takes him out of teams, roles, queues and devices in the same change, and undo brings all back', async () => {
    const user = await test.add(account, 'users', person('Gerd'));
    const team = await test.add(account, 'teams', { name: 'His team', userIds: [user.id] });
    const role = await test.add(account, 'roles', { name: 'His role', userIds: [user.id] });
    const queue = await test.add(account, 'queues', { name: 'His queue', agents: [{ userId: user.id, record: true }] });
    const device = await test.add(account, 'devices', {
      name: 'His phone',
      userId: user.id,
      own: { inboundInternal: 'on' },
    });
    const now = async () => ({
      user: (await test.directory.get(account, 'users', user.id))?.value,
      team: (await test.directory.get(account, 'teams', team.id))?.value,
      role: (await test.directory.get(account, 'roles', role.id))?.value,
      queue: (await test.directory.get(account, 'queues', queue.id))?.value,
      device: (await test.directory.get(account, 'devices', device.id))?.value,
    });
    const before = await now();
    await remove('users', user.id);
    expect(await now()).toEqual({
      user: undefined,
      team: { name: 'His team', userIds: [] },
      role: { name: 'His role' },
      queue: { name: 'His queue' },
      device: { name: 'His phone' },
    });
    const { items } = await test.directory.history(account, { limit: 1 });
    expect(items[0]).toMatchObject({ kind: 'users', name: 'Gerd Example', after: null, undoneBy: null });
    expect(items[0]?.others.map(({ name }) => name)).toEqual(['His team', 'His role', 'His queue', 'His phone']);
    await test.directory.undo(ALICE, account, items[0]!.changeId);
    expect(await now()).toEqual(before);
  });

  it('the catch-all user is refused', async () => {
    const own = await test.account();
    const user = await test.add(own, 'users', person('Catch-all'));
    await test.directory.changeAccount(ALICE, own, 1, { policy: { unassigned: { to: 'catch-all', userId: user.id } } });
    await expect(test.directory.remove(ALICE, own, 'users', user.id, 1)).rejects.toMatchObject({
      message: expect.stringContaining('catch-all'),
    });
  });
});

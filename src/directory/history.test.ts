import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ALICE, BOB, openTestDirectory, person, type TestDirectory } from './testing.ts';

let test: TestDirectory;
beforeAll(async () => {
  test = await openTestDirectory();
}, 60_000);
afterAll(() => test.close());

const latest = async (account: string) => (await test.directory.history(account, { limit: 1 })).items[0]!;

describe('undo', () => {
  it('takes a change back as a change of its own, which can be taken back as well', async () => {
    const account = await test.account();
    const made = await test.add(account, 'groups', { name: 'One' });
    await test.directory.change(BOB, account, 'groups', made.id, 1, { name: 'Two' });
    const { changeId } = await latest(account);
    const undoing = await test.directory.undo(ALICE, account, changeId);
    expect(await test.directory.get(account, 'groups', made.id)).toMatchObject({
      name: 'One',
      revision: 3,
      changedBy: 'alice',
    });
    const { items } = await test.directory.history(account, { limit: 2 });
    expect(items.map(({ undoneBy }) => undoneBy)).toEqual([null, undoing]);
    await test.directory.undo(ALICE, account, undoing);
    expect(await test.directory.get(account, 'groups', made.id)).toMatchObject({ name: 'Two', revision: 4 });
    await expect(test.directory.undo(ALICE, account, changeId)).rejects.toMatchObject({ code: 'CONFLICT' });
  });

  it('is refused when somebody has changed the entry since, and says who', async () => {
    const account = await test.account();
    const made = await test.add(account, 'groups', { name: 'One' });
    const { changeId } = await latest(account);
    await test.directory.change(BOB, account, 'groups', made.id, 1, { name: 'Two' });
    await expect(test.directory.undo(ALICE, account, changeId)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('Two has been changed since, by bob'.replace('Two', 'One')),
    });
  });

  it('is refused when something newer depends on what would go', async () => {
    const account = await test.account();
    const group = await test.add(account, 'groups', { name: 'Needed' });
    const { changeId } = await latest(account);
    await test.add(account, 'users', person('Alice', { groupId: group.id }));
    await expect(test.directory.undo(ALICE, account, changeId)).rejects.toMatchObject({
      code: 'CONFLICT',
      message: expect.stringContaining('named by the user Alice Example'),
    });
    expect(await test.directory.get(account, 'groups', group.id)).toBeDefined();
  });

  it('brings a deleted entry back under its id, with a revision that nobody has seen yet', async () => {
    const account = await test.account();
    const made = await test.add(account, 'groups', { name: 'Gone' });
    await test.directory.remove(ALICE, account, 'groups', made.id, 1);
    await test.directory.undo(ALICE, account, (await latest(account)).changeId);
    expect(await test.directory.get(account, 'groups', made.id)).toMatchObject({ name: 'Gone', revision: 2 });
  });

  it('of an account’s policy says what else it needs, and is done', async () => {
    const account = await test.account({ onDemand: { isAllowed: true } });
    await test.directory.changeAccount(ALICE, account, 1, {
      policy: { onDemand: { isAllowed: false } },
      name: 'Renamed',
    });
    const change = await latest(account);
    expect(change).toMatchObject({ kind: 'account', before: { policy: { onDemand: { isAllowed: true } } } });
    expect(await test.directory.undoNeeds(account, change.changeId)).toEqual({ isBrands: true, isPlatforms: false });
    await test.directory.undo(ALICE, account, change.changeId);
    expect(await test.directory.account(account)).toMatchObject({
      revision: 3,
      policy: { onDemand: { isAllowed: true } },
    });
  });

  it('of another account’s change is not found', async () => {
    const [one, two] = [await test.account(), await test.account()];
    await test.add(one, 'groups', { name: 'Mine' });
    const { changeId } = await latest(one);
    await expect(test.directory.undo(ALICE, two, changeId)).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});

describe('the history', () => {
  it('comes newest first, page by page, of all or of one entry', async () => {
    const account = await test.account();
    const group = await test.add(account, 'groups', { name: 'A' });
    const team = await test.add(account, 'teams', { name: 'T', userIds: [] });
    await test.directory.change(ALICE, account, 'groups', group.id, 1, { name: 'B' });
    const first = await test.directory.history(account, { limit: 2 });
    expect(first.items.map(({ name }) => name)).toEqual(['B', 'T']);
    const second = await test.directory.history(account, { limit: 2, before: first.items.at(-1)!.seq });
    expect([second.items.map(({ name }) => name), second.more]).toEqual([['A'], false]);
    const one = await test.directory.history(account, { limit: 9, entryId: team.id });
    expect(one.items.map(({ before, after }) => [before, after])).toEqual([[null, { name: 'T', userIds: [] }]]);
  });
});

import { describe, expect, it } from 'vitest';
import { Draft, type Stored } from '../change/draft.ts';
import type { Account, Kind, Values } from '../values.ts';
import { overlapWarnings } from './clashes.ts';
import { referenceFaults } from './references.ts';

/** Changes hold up everybody else's, so none may take the square of its size. */
const CROWD = 120_000;
const stamp = { changedAt: new Date(0), changedBy: 'alice' };
const account: Account = { id: 'main', name: 'Main', brandId: null, revision: 1, policy: {}, ...stamp };

function stored<K extends Kind>(kind: K, id: string, value: Values[K]) {
  const entry = { id, revision: 1, name: id, value, source: null, externalKey: null, ...stamp };
  return { kind, entry: entry as Stored };
}

const ids = Array.from({ length: CROWD }, (_, i) => `u${i}`);
const crowd = (more: Partial<Values['users']>) =>
  ids.map((id) => stored('users', id, { firstName: id, lastName: 'Example', ...more }));

describe('a change of very many', () => {
  it('tells of extensions that all have', () => {
    const draft = new Draft(account, crowd({ extensions: ['1001'] }), stamp);
    draft.put('users', 'new', { firstName: 'New', lastName: 'Example', extensions: ['1001'] });
    expect(overlapWarnings(draft)).toHaveLength(1);
  }, 4000);

  it('tells who still names a group that all are in', () => {
    const draft = new Draft(account, [...crowd({ groupId: 'all' }), stored('groups', 'all', { name: 'All' })], stamp);
    draft.remove('groups', 'all');
    expect(referenceFaults(draft)).toMatchObject([{ isConflict: true }]);
  }, 4000);

  it('deletes all with their devices', () => {
    const devices = ids.map((id) => stored('devices', `d${id}`, { name: id, userId: id }));
    const draft = new Draft(account, [...crowd({}), ...devices], stamp);
    draft.removeUsers(new Set(ids));
    expect(draft.edits).toHaveLength(2 * CROWD);
    expect(referenceFaults(draft)).toEqual([]);
  }, 4000);
});

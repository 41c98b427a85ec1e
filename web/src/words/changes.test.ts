import { describe, expect, it } from 'vitest';
import { differences, idsIn } from './changes.ts';

describe('a change in words', () => {
  it('names each field that differs, and no other', () => {
    const before = { description: 'Sales', isOn: true, handling: { retention: { amount: 90, unit: 'days' } } };
    const after = { description: 'Sales', isOn: false, handling: { retention: 'forever', longestSeconds: 3600 } };
    expect(differences(before, after)).toEqual([
      { path: 'handling.longestSeconds', label: 'Longest duration', before: 'not set', after: '1 hour' },
      { path: 'handling.retention', label: 'Kept', before: 'for 90 days', after: 'until somebody deletes it' },
      { path: 'isOn', label: 'Switch', before: 'on', after: 'off' },
    ]);
  });

  it('says names instead of ids, and shortens long lists', () => {
    const [users] = differences({ userIds: [] }, { userIds: ['1', '2'] }, (id) => (id === '1' ? 'Alice' : undefined));
    expect(users).toMatchObject({ label: 'Users', before: 'not set', after: 'Alice, 2' });
    const many = Array.from({ length: 9 }, (_, i) => String(i));
    expect(differences({}, { extensions: many })[0]?.after).toBe('0, 1, 2, 3, 4, 5 and 3 more');
  });

  it('tells the cells of the matrix apart', () => {
    expect(differences({}, { endpoints: { inboundExternal: 'on' }, own: { inboundExternal: 'off' } })).toMatchObject([
      { label: 'Recording, incoming, external', after: 'on' },
      { label: 'Own setting, incoming, external', after: 'off' },
    ]);
  });

  it('takes a new or deleted entry as a change from or to nothing', () => {
    expect(differences(null, { name: 'Support', numbers: ['7000'] })).toMatchObject([
      { label: 'Name', before: 'not set', after: 'Support' },
      { label: 'Numbers', before: 'not set', after: '7000' },
    ]);
  });

  it('finds the ids whose names are needed', () => {
    expect(idsIn({ roleId: 'r', agents: [{ userId: 'u' }], userIds: ['v'], name: 'x' })).toEqual({
      users: ['u', 'v'],
      groups: [],
      roles: ['r'],
      teams: [],
    });
  });
});

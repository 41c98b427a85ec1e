import { expect, it } from 'vitest';
import { rowsOf, stage, type Staged } from './rows.ts';

const account = { endpoints: {}, entire: {}, usersMaySet: true, revision: 1 };
const ada = {
  id: 'a',
  name: 'Ada',
  revision: 1,
  endpoints: { inboundExternal: 'off' as const },
  own: {},
  extensions: ['1001'],
};
const phone = { id: 'p', name: 'Phone', revision: 1, endpoints: {}, own: {}, mac: null };
const items = [{ user: ada, devices: [phone] }];
const nothing: Staged = new Map();

it('shows a staged row as it would be, to its devices as well, and remembers what it came from', () => {
  const user = rowsOf(account, items, nothing)[2]!;
  const staged = stage(nothing, user, 'inboundExternal', 'on');
  const rows = rowsOf(account, items, staged);
  expect(rows[2]).toMatchObject({
    name: 'Ada',
    endpoints: { inboundExternal: 'on' },
    base: { inboundExternal: 'off' },
  });
  expect(rows[3]?.owner).toMatchObject({ endpoints: { inboundExternal: 'on' } });
  expect(staged.get('users:a')?.base).toEqual({ inboundExternal: 'off' });
});

it('has nothing to save when a row is again as it was', () => {
  let staged: Staged = nothing;
  for (const value of ['on', undefined, 'off'] as const)
    staged = stage(staged, rowsOf(account, items, staged)[2]!, 'inboundExternal', value);
  expect(staged.size).toBe(0);
});

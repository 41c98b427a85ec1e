import { describe, expect, it } from 'vitest';
import { moveIn, nextSwitch, stateOf, type AccountRows } from './cells.ts';

const account: AccountRows = { endpoints: { inboundExternal: 'on' }, entire: {}, usersMaySet: true };
const nothing = { endpoints: {}, own: {} };

describe('D4 what holds in a cell, and where it comes from', () => {
  it('takes the account’s default where nothing else is set, and off where nobody says anything', () => {
    expect(stateOf('inboundExternal', nothing, null, account)).toEqual({ value: 'on', from: 'account' });
    expect(stateOf('outboundExternal', nothing, null, account)).toEqual({ value: 'off', from: 'nobody' });
  });

  it('lets the device beat the user, and the user the account', () => {
    const user = { endpoints: { inboundExternal: 'off' as const }, own: {} };
    expect(stateOf('inboundExternal', user, null, account)).toEqual({ value: 'off', from: 'here' });
    expect(stateOf('inboundExternal', nothing, user, account)).toEqual({ value: 'off', from: 'user' });
    const device = { endpoints: { inboundExternal: 'on' as const }, own: {} };
    expect(stateOf('inboundExternal', device, user, account)).toEqual({ value: 'on', from: 'here' });
  });

  it('lets a person’s own choice go before the administrator’s, unless the account forbids it', () => {
    const user = { endpoints: { inboundExternal: 'on' as const }, own: { inboundExternal: 'off' as const } };
    expect(stateOf('inboundExternal', user, null, account)).toEqual({ value: 'off', from: 'own' });
    expect(stateOf('inboundExternal', nothing, user, account)).toEqual({ value: 'off', from: 'user-own' });
    expect(stateOf('inboundExternal', user, null, { ...account, usersMaySet: false })).toEqual({
      value: 'on',
      from: 'here',
    });
  });
});

describe('a cell by keyboard', () => {
  it('goes round: inherit, on, off', () => {
    expect([undefined, 'on', 'off'].map((now) => nextSwitch(now as 'on' | 'off' | undefined, true))).toEqual([
      'on',
      'off',
      undefined,
    ]);
  });

  it('knows only on and off where nothing can be inherited', () => {
    expect(nextSwitch(undefined, false)).toBe('on');
    expect(nextSwitch('on', false)).toBe(undefined);
  });

  it('moves by arrows and stays in the grid', () => {
    const size = { rows: 30, columns: 4 };
    const from = { row: 0, column: 3 };
    expect(moveIn('ArrowUp', false, from, size)).toEqual(from);
    expect(moveIn('ArrowRight', false, from, size)).toEqual(from);
    expect(moveIn('ArrowDown', false, from, size)).toEqual({ row: 1, column: 3 });
    expect(moveIn('ArrowLeft', false, from, size)).toEqual({ row: 0, column: 2 });
    expect(moveIn('Home', false, { row: 5, column: 2 }, size)).toEqual({ row: 5, column: 0 });
    expect(moveIn('End', true, from, size)).toEqual({ row: 29, column: 3 });
    expect(moveIn('PageDown', false, { row: 25, column: 1 }, size)).toEqual({ row: 29, column: 1 });
    expect(moveIn(' ', false, from, size)).toBe(null);
  });
});

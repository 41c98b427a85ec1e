import { describe, expect, it } from 'vitest';
import { mayControl, NO_CONTROLS, type ControlAsker } from './controls.ts';
import { decide } from './decide.ts';
import { company, CALLS } from './testing.ts';
import type { Control } from './types.ts';

const ALICE: ControlAsker = { kind: 'user', userId: 'alice' };
const MALLORY: ControlAsker = { kind: 'user', userId: 'mallory' };
const ADMINISTRATOR: ControlAsker = { kind: 'administrator' };
const OPERATOR: ControlAsker = { kind: 'operator' };
const ALICE_MAY: Control = { by: 'users', userIds: ['alice'] };
const ADMINISTRATORS_MAY: Control = { by: 'administrators', userIds: [] };
const ALL = { id: 'all', description: 'All', isOn: true, mode: 'automatic' } as const;
const controls = (change: Partial<typeof NO_CONTROLS>) => ({ ...NO_CONTROLS, ...change });

describe('who may control a call', () => {
  it('nobody, where nobody may: not even an operator', () => {
    for (const action of ['start', 'stop', 'pause', 'resume', 'keep', 'drop'] as const)
      expect(mayControl(NO_CONTROLS, action, OPERATOR, null)).toMatch(/\.$/);
  });

  it.each([
    [ALICE, true],
    [{ kind: 'phone', userId: 'alice' }, true],
    [MALLORY, false],
    [{ kind: 'user' }, false],
    [{ kind: 'phone' }, false],
    [ADMINISTRATOR, true],
    [OPERATOR, true],
    [{ kind: 'token' }, true],
  ] as const)('users of the call, and administrators: %o %s', (asker, may) => {
    expect(mayControl(controls({ start: ALICE_MAY }), 'start', asker, null) === null).toBe(may);
    expect(mayControl(controls({ pause: ALICE_MAY }), 'pause', asker, null) === null).toBe(may);
    expect(mayControl(controls({ keep: ALICE_MAY }), 'drop', asker, null) === null).toBe(may);
  });

  it('those who the access rules let through, where nobody in the call is known', () => {
    const pause = { by: 'users', userIds: [] } as const;
    expect(mayControl(controls({ pause }), 'pause', { kind: 'phone' }, null)).toBeNull();
  });

  it('S1 D3 a user stops what was started by hand, never what policy, a flow or live-keep records', () => {
    const given = controls({ stop: ALICE_MAY, stopAutomatic: ADMINISTRATORS_MAY });
    expect(mayControl(given, 'stop', ALICE, { by: 'hand' })).toBeNull();
    for (const by of ['policy', 'flow', 'live-keep'] as const) {
      expect(mayControl(given, 'stop', ALICE, { by })).toContain('automatically');
      expect(mayControl(given, 'stop', ADMINISTRATOR, { by })).toBeNull();
    }
  });

  it('whoever may stop the automatic recording may start it again, although nobody may record by hand', () => {
    const given = controls({ stopAutomatic: ADMINISTRATORS_MAY });
    expect(mayControl(given, 'start', ADMINISTRATOR, null)).toBeNull();
    expect(mayControl(given, 'start', ALICE, null)).toContain('administrators');
  });

  it('S2 users not, where only administrators may pause', () => {
    const { controls: given } = decide(CALLS.in, company({ rules: [ALL], pause: { who: 'administrators' } }));
    expect(mayControl(given, 'pause', ALICE, null)).toBe('Only administrators may do this.');
    expect(mayControl(given, 'pause', ADMINISTRATOR, null)).toBeNull();
  });
});

describe('keeping digits', () => {
  it('is for the account to say, and off by itself', () => {
    expect(decide(CALLS.in, company({}))).toMatchObject({ keepDigits: false });
    expect(decide(CALLS.in, company({ keepDigits: true }))).toMatchObject({ keepDigits: true });
  });
});

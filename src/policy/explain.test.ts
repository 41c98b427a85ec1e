import { describe, expect, it } from 'vitest';
import { decide, redecide } from './decide.ts';
import { explain } from './explain.ts';
import { impact } from './impact.ts';
import { ALL_ON, call, CALLS, company, CUSTOMER, withUser } from './testing.ts';

describe('D10 every decision can be explained', () => {
  it('tells outcome, terms, parties, owner, controls and the word of every layer', () => {
    const changes = {
      ...withUser('alice', { endpoints: ALL_ON }),
      handling: { longestSeconds: 600, retention: 'forever' as const, deliveries: ['mail'] },
    };
    const lines = explain(decide(CALLS.in, company(changes)));
    expect(lines.slice(0, 9)).toEqual([
      'The call is recorded.',
      'It is recorded for as long as the user who asked for it is in the call.',
      'Asked for by: Alice.',
      'It lasts 600 seconds at most.',
      'It is kept until somebody deletes it.',
      'It is handed on to mail.',
      'Party: +493055577, external',
      'Party: 1001, internal, Alice',
      'Owner: Alice.',
    ]);
    expect(lines).toContain(
      'endpoint: record – Alice (1001): recording of incoming external calls is on, as set for the user Alice.',
    );
    expect(lines).toContain('rule: – – Account Acme has no rules.');
  });

  it('says of a call that is not recorded what each layer found', () => {
    const lines = explain(
      decide(
        call('1001', '7100'),
        company({ endpoints: ALL_ON, filters: { exclusions: [{ pattern: '7100', note: 'voicemail' }] } }),
      ),
    );
    expect(lines[0]).toBe('The call is not recorded.');
    expect(lines).toContain(
      'exclusion: ignore – 7100 matches the exclusion 7100 (voicemail): such calls are not recorded automatically.',
    );
  });

  it('says that a late deny destroys, and that a held call waits', () => {
    const settings = company({ entire: ALL_ON });
    const denied = redecide(decide(CALLS.in, settings), { ...CALLS.in, override: 'deny' }, settings);
    expect(explain(denied).slice(0, 2)).toEqual([
      'The call is not recorded, and nobody may record it.',
      'What was captured of it before is destroyed.',
    ]);
    expect(explain(decide(CALLS.in, null))[0]).toBe('The call is held sealed until it can be decided.');
  });
});

describe('impact of a change of settings on past calls', () => {
  const calls = [
    { id: 'in', history: [CALLS.in] },
    { id: 'out', history: [CALLS.out] },
    { id: 'transfer', history: [call(CUSTOMER, '1003'), CALLS.in] },
    { id: 'empty', history: [] },
  ];

  it('names the calls that would be decided otherwise, and why', () => {
    const changed = impact(calls, company(), company(withUser('alice', { endpoints: { inboundExternal: 'on' } })));
    expect(changed).toMatchObject([
      { id: 'in', before: 'ignore', after: 'record' },
      { id: 'transfer', before: 'ignore', after: 'record' },
    ]);
    expect(changed[0]?.why).toContain('as set for the user Alice');
  });

  it('names those that would no longer be recorded', () => {
    const [first] = impact(calls, company({ entire: ALL_ON }), company());
    expect(first).toEqual({ id: 'in', before: 'record', after: 'ignore', why: 'No layer asks for it any more.' });
  });

  it('is empty when nothing changes', () => {
    expect(impact(calls, company(), company({ name: 'Other' }))).toEqual([]);
  });
});

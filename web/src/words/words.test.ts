import { describe, expect, it } from 'vitest';
import { codecWords, partyLines, twoSides } from './call.ts';
import { percent } from './numbers.ts';
import { length, roundedLength, spokenLength } from './time.ts';

describe('lengths', () => {
  it('are written as on a clock', () => {
    expect([0, 7400, 65_000, 3_723_000].map(length)).toEqual(['0:00', '0:07', '1:05', '1:02:03']);
    expect(roundedLength(9_960)).toBe('0:10');
  });

  it('are spoken in words', () => {
    expect([0, 1000, 62_000, 3_600_000].map(spokenLength)).toEqual([
      '0 seconds',
      '1 second',
      '1 minute 2 seconds',
      '1 hour',
    ]);
  });
});

describe('a small loss', () => {
  it('is not rounded to none', () => {
    expect(percent(1, 1_000_000)).toBe('under 0.01 %');
    expect(percent(0, 10)).toBe('0 %');
  });
});

describe('parties', () => {
  const party = (name: string | null, number: string | null, aor: string | null = null) => ({ name, number, aor });

  it('are called by name, then by number, then by address', () => {
    expect(partyLines(party('Alice', '1001'))).toEqual({ main: 'Alice', sub: '1001' });
    expect(partyLines(party('1001', '1001'))).toEqual({ main: '1001', sub: null });
    expect(partyLines(party(null, '1001'))).toEqual({ main: '1001', sub: null });
    expect(partyLines(party(null, null, 'sip:bob@example.com'))).toEqual({ main: 'bob@example.com', sub: null });
    expect(partyLines(party(null, null))).toEqual({ main: 'Unknown', sub: null });
  });

  it('stand as caller and callee by their roles, not by their order', () => {
    const [callee, caller, third] = [{ role: 'callee' }, { role: 'caller' }, { role: 'callee' }] as const;
    expect(twoSides([callee, caller, third])).toEqual({ caller, callee, more: 1 });
  });

  it('stand in their order where no roles are known', () => {
    const [first, second] = [
      { role: 'unknown' as const, id: 1 },
      { role: 'unknown' as const, id: 2 },
    ];
    expect(twoSides([first, second])).toEqual({ caller: first, callee: second, more: 0 });
    expect(twoSides([])).toEqual({ caller: undefined, callee: undefined, more: 0 });
  });
});

describe('codecs', () => {
  it('are called as telephone people call them', () => {
    expect(codecWords('PCMA+PCMU')).toBe('G.711 A-law + G.711 µ-law');
    expect(codecWords('AMR')).toBe('AMR');
    expect(codecWords('')).toBe('None');
  });
});

import { describe, expect, it } from 'vitest';
import { bodyOf, readExample } from './example.ts';

describe('a made-up call in the address', () => {
  it('keeps numbers as texts and drops what it does not know', () => {
    expect(readExample({ from: 15550100, to: ' 1001 ', override: 'force', flow: 'jump', x: 1, queue: '' })).toEqual({
      from: '15550100',
      to: '1001',
      override: 'force',
    });
  });

  it('becomes the API’s question', () => {
    expect(
      bodyOf({ from: '+15550100', toUser: 'u1', agent: 'a7', queue: 'Support', tenant: 't', flow: 'start' }),
    ).toEqual({
      from: { number: '+15550100' },
      to: { userId: 'u1', agent: 'a7' },
      queue: 'Support',
      tenants: ['t'],
      flow: { step: 'start' },
    });
  });

  it('is no question while nobody calls, or nobody is called', () => {
    expect(bodyOf({ to: '1001' })).toBe(null);
    expect(bodyOf({ from: '1001' })).toBe(null);
    expect(bodyOf({ from: '1001', pilot: '900' })).toEqual({ from: { number: '1001' }, to: {}, pilot: '900' });
  });
});

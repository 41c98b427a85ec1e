import { describe, expect, it } from 'vitest';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import type { Source } from '../transport/types.ts';
import { trunkFinder } from './trunks.ts';

const from = (address: string, tlsNames: string[] = []): Source => ({
  protocol: 'tls',
  address,
  port: 5061,
  localAddress: '10.0.0.2',
  localPort: 5061,
  flow: 1,
  tlsNames,
});

describe('trunkFinder', () => {
  it('takes the first trunk whose range holds the address', () => {
    const find = trunkFinder([
      { ...DEFAULT_TRUNK, name: 'one', addresses: ['192.0.2.0/25'] },
      { ...DEFAULT_TRUNK, name: 'six', addresses: ['2001:db8::/32'] },
      { ...DEFAULT_TRUNK, name: 'two', addresses: ['192.0.2.0/24'] },
    ]);
    expect(
      ['192.0.2.1', '192.0.2.200', '2001:db8::5', '198.51.100.1'].map((address) => find(from(address))?.name),
    ).toEqual(['one', 'two', 'six', undefined]);
  });

  it('demands the name of the certificate where the trunk names one, wildcards of one label included', () => {
    const find = trunkFinder([{ ...DEFAULT_TRUNK, name: 'carrier', tlsName: 'sbc.Example.com' }]);
    expect(find(from('10.0.0.1'))).toBeUndefined();
    expect(find(from('10.0.0.1', ['other.example.com']))).toBeUndefined();
    expect(find(from('10.0.0.1', ['x', 'sbc.example.com']))?.name).toBe('carrier');
    expect(find(from('10.0.0.1', ['*.example.com']))?.name).toBe('carrier');
    expect(find(from('10.0.0.1', ['*.com']))).toBeUndefined();
  });
});

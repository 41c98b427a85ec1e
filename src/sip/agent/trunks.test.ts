import { describe, expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import type { Source } from '../transport/types.ts';
import { answering } from './agents.fixture.ts';
import { trunkFinder } from './trunks.ts';

const from = (address: string, more: Partial<Source> = {}): Source => ({
  protocol: 'tls',
  address,
  port: 5061,
  localAddress: '10.0.0.2',
  localPort: 5061,
  flow: 1,
  tlsNames: [],
  ...more,
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

  it('demands TLS where the trunk does, and says so', () => {
    const find = trunkFinder([{ ...DEFAULT_TRUNK, name: 'carrier', tls: 'required' }]);
    expect(find(from('10.0.0.1'))?.name).toBe('carrier');
    for (const protocol of ['udp', 'tcp'] as const) {
      expect(find(from('10.0.0.1', { protocol }))).toBeUndefined();
      expect(find.whyNot(from('10.0.0.1', { protocol }))).toEqual({
        trunk: 'carrier',
        reason: 'TLS Required',
        detail: `it came over ${protocol.toUpperCase()}`,
      });
    }
    expect(find.whyNot(from('192.0.2.1', { protocol: 'udp' }))).toBeUndefined();
  });

  it('tries the next trunk of the same address where one demands what is not there', () => {
    const find = trunkFinder([
      { ...DEFAULT_TRUNK, name: 'secure', tls: 'required' },
      { ...DEFAULT_TRUNK, name: 'plain' },
    ]);
    expect(find(from('10.0.0.1', { protocol: 'udp' }))?.name).toBe('plain');
  });
});

it('authorities that cannot be read are a fault of the settings', () => {
  const broken = {
    ...DEFAULT_TRUNK,
    name: 'carrier',
    tlsCa: '-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----',
  };
  for (const tlsCa of [broken.tlsCa, 'nothing']) {
    expect(() => trunkFinder([{ ...broken, tlsCa }])).toThrow(expect.objectContaining({ code: 'CONFIG_INVALID' }));
  }
});

it('a caller who does not meet what its trunk demands is told so, and the log names both', () => {
  const lines: unknown[] = [];
  const find = trunkFinder([{ ...DEFAULT_TRUNK, name: 'carrier', tls: 'certificate' }]);
  const { send, peer, invites } = answering(
    {
      trunk: find,
      whyNoTrunk: (source) => find.whyNot(source),
      log: { ...silentLog, warn: (fields) => lines.push(fields) },
    },
    'tcp',
  );
  send();
  expect(peer.received.at(-1)?.text).toMatch(/^SIP\/2\.0 403 TLS With Client Certificate Required\r\n/);
  expect(invites).toEqual([]);
  expect(lines).toEqual([
    expect.objectContaining({ trunk: 'carrier', address: '10.0.0.1', detail: 'it came over TCP' }),
  ]);
});

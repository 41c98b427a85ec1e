import { describe, expect, it } from 'vitest';
import { SourceLock, type SignalledSource, type SourceChange } from './source-lock.ts';

const SDP: SignalledSource = { address: '192.0.2.10', port: 4000, ranges: ['198.51.100.0/24'] };

/** A lock, and the way of a packet through it as the receiver does it. */
function locked(signalled: SignalledSource = SDP) {
  const changes: SourceChange[] = [];
  const lock = new SourceLock(signalled, (change) => changes.push(change));
  const hear = (address: string, port: number, now: number): boolean => {
    const isCurrent = address === lock.address && port === lock.port;
    if (!isCurrent && !lock.admit(address, port, now)) return false;
    lock.lastHeard = now;
    return true;
  };
  return { lock, changes, hear };
}

describe('source lock', () => {
  it('learns the port from the first packet of the signalled address: the signalled one may be a dummy', () => {
    const { lock, hear, changes } = locked();
    expect(hear('192.0.2.10', 23_456, 0)).toBe(true);
    expect(lock.source).toEqual({ address: '192.0.2.10', port: 23_456 });
    expect(changes).toEqual([]);
  });

  it('takes a first packet from the trunk’s ranges, and none from anywhere else', () => {
    const { hear, lock } = locked();
    expect(hear('203.0.113.5', 4000, 0)).toBe(false);
    expect(lock.source).toBeNull();
    expect(hear('198.51.100.77', 5000, 1)).toBe(true);
  });

  it('100,000 forged packets from three addresses outside change nothing, before and after the lock', () => {
    const { hear, lock, changes } = locked();
    const forged = ['203.0.113.1', '203.0.113.2', '2001:db8::1'];
    const flood = (): number => {
      let admitted = 0;
      for (let n = 0; n < 50_000; n++) if (hear(forged[n % 3]!, 1024 + (n % 60_000), n / 100)) admitted++;
      return admitted;
    };
    expect(flood()).toBe(0);
    expect(hear('192.0.2.10', 4000, 500)).toBe(true);
    expect(flood()).toBe(0);
    expect(lock.source).toEqual({ address: '192.0.2.10', port: 4000 });
    expect(changes).toEqual([]);
  });

  it('does not let another allowed source in while the current one speaks, and does after two seconds of silence', () => {
    const { hear, changes } = locked();
    hear('192.0.2.10', 4000, 0);
    for (let now = 20; now < 10_000; now += 20) {
      expect(hear('198.51.100.7', 6000, now)).toBe(false);
      expect(hear('192.0.2.10', 4000, now)).toBe(true);
    }
    expect(hear('198.51.100.7', 6000, 9980 + 1999)).toBe(false);
    expect(hear('198.51.100.7', 6000, 9980 + 2000)).toBe(true);
    expect(changes).toEqual([
      { from: { address: '192.0.2.10', port: 4000 }, to: { address: '198.51.100.7', port: 6000 }, reason: 'silence' },
    ]);
  });

  it('a stranger from a trunk’s range who came first gives way to the signalled address at once', () => {
    const { hear, changes, lock } = locked();
    hear('198.51.100.66', 6000, 0);
    expect(hear('192.0.2.10', 7000, 5)).toBe(true);
    expect(hear('198.51.100.66', 6000, 10)).toBe(false);
    expect(lock.source).toEqual({ address: '192.0.2.10', port: 7000 });
    expect(changes).toMatchObject([{ reason: 'signalled' }]);
  });

  it('follows new signalling at once, and shuts out the source that it no longer names', () => {
    const { hear, lock, changes } = locked();
    hear('192.0.2.10', 4000, 0);
    lock.signal({ ...SDP, address: '192.0.2.20', port: 4002 });
    expect(lock.source).toBeNull();
    expect(hear('192.0.2.10', 4000, 5)).toBe(false);
    expect(hear('192.0.2.20', 4002, 10)).toBe(true);
    expect(changes).toMatchObject([
      { from: { address: '192.0.2.10' }, to: { address: '192.0.2.20' }, reason: 'signalled' },
    ]);
  });

  it('keeps the source when new signalling still allows it', () => {
    const { hear, lock, changes } = locked();
    hear('192.0.2.10', 23_456, 0);
    lock.signal({ ...SDP, port: 5000 });
    expect(hear('192.0.2.10', 23_456, 5)).toBe(true);
    expect(changes).toEqual([]);
  });

  it('compares IPv6 as addresses, and takes a name or a hold address for none', () => {
    const six = locked({ address: '2001:DB8:0:0::10', port: 4000, ranges: [] });
    expect(six.hear('2001:db8::10', 4000, 0)).toBe(true);
    for (const address of ['media.example.com', '0.0.0.0', '']) {
      expect(locked({ address, port: 4000, ranges: [] }).hear('192.0.2.10', 4000, 0)).toBe(false);
    }
  });

  it('takes reports from the locked address only', () => {
    const { hear, lock } = locked();
    expect(lock.allowsReport('203.0.113.5')).toBe(false);
    expect(lock.allowsReport('198.51.100.7')).toBe(true);
    hear('192.0.2.10', 4000, 0);
    expect(lock.allowsReport('192.0.2.10')).toBe(true);
    expect(lock.allowsReport('198.51.100.7')).toBe(false);
  });
});

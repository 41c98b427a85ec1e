import { describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { plainAddress } from './address.ts';
import { openListeners } from './listeners.ts';
import { LocalRoutes } from './routes.ts';
import { openTcp } from './tcp.ts';

describe('LocalRoutes', () => {
  it('asks once per peer, keeps the order of what waits, and remembers', () => {
    const asked: [string, (local: string | undefined) => void][] = [];
    const routes = new LocalRoutes('0.0.0.0', (remote, answer) => asked.push([remote, answer]));
    const done: string[] = [];
    routes.whenKnown('192.0.2.1', () => done.push('a'));
    routes.whenKnown('192.0.2.1', () => done.push('b'));
    routes.whenKnown('192.0.2.2', () => done.push('c'));
    expect(done).toEqual([]);
    asked[1]![1]('10.9.9.9');
    asked[0]![1]('10.8.8.8');
    expect(done).toEqual(['c', 'a', 'b']);
    routes.whenKnown('192.0.2.1', () => done.push('d'));
    expect(done.at(-1)).toBe('d');
    expect(asked).toHaveLength(2);
    expect([routes.get('192.0.2.1'), routes.get('192.0.2.2')]).toEqual(['10.8.8.8', '10.9.9.9']);
  });

  it('of a socket that is bound to one address needs not ask', () => {
    const routes = new LocalRoutes('10.1.1.1', () => {
      throw new Error('asked');
    });
    let done = false;
    routes.whenKnown('192.0.2.1', () => (done = true));
    expect([done, routes.get('192.0.2.1')]).toEqual([true, '10.1.1.1']);
  });

  it('does not hold messages up when a flood of new peers asks', () => {
    const routes = new LocalRoutes('0.0.0.0', () => undefined);
    let done = 0;
    for (let n = 0; n < 200; n++) routes.whenKnown(`198.51.100.${n}`, () => done++);
    expect(done).toBe(200 - 64);
  });
});

describe('plainAddress', () => {
  it('writes IPv4 in IPv6 as IPv4 and leaves zones out', () => {
    expect(['::FFFF:192.0.2.1', 'FE80::1%eth0', '2001:DB8::1', '192.0.2.1'].map(plainAddress)).toEqual([
      '192.0.2.1',
      'fe80::1',
      '2001:db8::1',
      '192.0.2.1',
    ]);
  });
});

describe('openListeners', () => {
  it('opens UDP and TCP on one port', async () => {
    const open = await openListeners({ host: '127.0.0.1', port: 0, tls: null, clock: systemClock(), log: silentLog });
    expect(open.map(({ protocol }) => protocol)).toEqual(['udp', 'tcp']);
    expect(open[0]!.port).toBe(open[1]!.port);
    await Promise.all(open.map((one) => one.close()));
  });

  it('leaves nothing open when one of them cannot be', async () => {
    const [clock, log] = [systemClock(), silentLog];
    const other = await openTcp({ host: '127.0.0.1', port: 0, clock, log });
    const options = { host: '127.0.0.1', port: other.port, tls: null, clock, log };
    await expect(openListeners(options)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await other.close();
    const open = await openListeners(options);
    expect(open).toHaveLength(2);
    await Promise.all(open.map((one) => one.close()));
  });
});

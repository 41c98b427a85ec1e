import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { NodeSource } from './node.ts';

/** Who a socket that was bound so hears when somebody speaks to it over this address. */
async function heard(host: string, ipv6: boolean, target: string): Promise<string> {
  const source = new NodeSource({ host, receiveBufferBytes: 0, onError: () => undefined, clock: systemClock() });
  const port = 43_000 + Math.floor(Math.random() * 2000);
  const sender = createSocket(target.includes(':') ? 'udp6' : 'udp4');
  let closeReceiver = () => {};
  try {
    return await new Promise<string>((resolve, reject) => {
      source
        .bind(port, ipv6, ({ peer }) => resolve(source.peers.address(peer)))
        .then((socket) => {
          closeReceiver = () => socket.close();
          sender.send('packet', port, target);
        }, reject);
    });
  } finally {
    closeReceiver();
    sender.close();
  }
}

describe('a media socket', () => {
  it.each([
    ['0.0.0.0', false, '127.0.0.1'],
    ['::', false, '127.0.0.1'],
    ['0.0.0.0', true, '::1'],
    ['::', true, '::1'],
    ['::1', false, '::1'],
  ])('of host %s hears its stream (IPv6: %s) from %s, under its plain address', async (host, ipv6, peer) => {
    expect(await heard(host, ipv6, peer)).toBe(peer);
  });
});

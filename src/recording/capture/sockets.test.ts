import { createSocket } from 'node:dgram';
import { describe, expect, it } from 'vitest';
import { systemSockets } from './sockets.ts';

/** Who a socket that was bound so hears when somebody speaks to it over this address. */
async function heard(host: string, ipv6: boolean, target: string): Promise<string> {
  const sockets = systemSockets({ host, receiveBufferBytes: 0, onError: () => undefined });
  const port = 43_000 + Math.floor(Math.random() * 2000);
  const sender = createSocket(target.includes(':') ? 'udp6' : 'udp4');
  let closeReceiver = () => {};
  try {
    return await new Promise<string>((resolve, reject) => {
      sockets
        .bind(port, ipv6, (_bytes, address) => resolve(address))
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

import type { FastifyRequest } from 'fastify';
import { BlockList, isIP, isIPv6 } from 'node:net';

const LOOPBACK = new BlockList();
LOOPBACK.addSubnet('127.0.0.0', 8, 'ipv4');
LOOPBACK.addAddress('::1', 'ipv6');

/** Whether a socket's address is this machine's own; IPv4 written as IPv6 (::ffff:127.0.0.1) included. */
export function isLoopback(address: string | undefined): boolean {
  return contains(LOOPBACK, address);
}

/** A list of addresses and ranges, as settings give them; they were checked when they were read. */
export function addressList(items: readonly string[]): BlockList {
  const list = new BlockList();
  for (const item of items) {
    const [address = '', bits] = item.split('/');
    const family = isIPv6(address) ? 'ipv6' : 'ipv4';
    if (isIP(address) === 0) continue;
    if (bits === undefined) list.addAddress(address, family);
    else list.addSubnet(address, Number(bits), family);
  }
  return list;
}

export function contains(list: BlockList, address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.replace(/^::ffff:(?=\d+\.\d+\.\d+\.\d+$)/i, '');
  const family = isIP(plain);
  return family !== 0 && list.check(plain, family === 6 ? 'ipv6' : 'ipv4');
}

/** Whether the request comes from this machine by itself: over loopback or from its own address, and not passed on by a proxy. */
export function isSameMachine(request: FastifyRequest): boolean {
  const { headers, socket } = request;
  if ((headers['x-forwarded-for'] ?? headers['forwarded'] ?? headers['via']) !== undefined) return false;
  return (
    isLoopback(socket.remoteAddress) ||
    (socket.remoteAddress !== undefined && socket.remoteAddress === socket.localAddress)
  );
}

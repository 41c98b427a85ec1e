import type { FastifyRequest } from 'fastify';
import { EarshotError, messageOf } from '../base/errors.ts';
import { addressMatcher } from '../base/address-ranges.ts';

const LOOPBACK = addressMatcher(['127.0.0.0/8', '::1']);

/** Whether a socket's address is this machine's own; IPv4 written as IPv6 (::ffff:127.0.0.1) included. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && LOOPBACK(address);
}

/** A test for the declared proxies. @throws EarshotError CONFIG_INVALID naming EARSHOT_TRUST_PROXY */
export function proxyMatcher(items: readonly string[]): (address: string | undefined) => boolean {
  try {
    const matches = addressMatcher(items);
    return (address) => address !== undefined && matches(address);
  } catch (error) {
    throw new EarshotError('CONFIG_INVALID', messageOf(error), { key: 'EARSHOT_TRUST_PROXY' });
  }
}

/** Whether the request comes from this machine by itself: over loopback or from its own address, and not passed on by a proxy. */
export function isSameMachine(request: FastifyRequest): boolean {
  const { headers, socket } = request;
  if ((headers['x-forwarded-for'] ?? headers['forwarded'] ?? headers['via']) !== undefined) return false;
  const { remoteAddress, localAddress } = socket;
  return isLoopback(remoteAddress) || (remoteAddress !== undefined && remoteAddress === localAddress);
}

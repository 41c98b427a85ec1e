import { networkInterfaces } from 'node:os';
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { addressMatcher } from '../../base/address-ranges.ts';

/** An address as people and SIP write it: IPv4 in IPv6 is IPv4, without zone. */
export function plainAddress(address: string): string {
  const lower = address.toLowerCase();
  if (lower.startsWith('::ffff:') && isIPv4(lower.slice(7))) return lower.slice(7);
  const zone = lower.indexOf('%');
  return zone < 0 ? lower : lower.slice(0, zone);
}

/** The address as a socket of this family wants it. */
export function addressForSocket(address: string, family: 4 | 6): string {
  return family === 6 && isIPv4(address) ? `::ffff:${address}` : address;
}

/** Whether a socket bound here takes any address of the machine. */
export function isUnspecified(host: string): boolean {
  return host === '0.0.0.0' || host === '::';
}

/** Best guess without asking the routing table: an address of ours in the same network, else the first that is not loopback. */
export function nearestLocalAddress(remote: string): string {
  const version = isIP(remote) === 6 ? 6 : 4;
  let fallback = version === 6 ? '::1' : '127.0.0.1';
  let found = false;
  for (const entries of Object.values(networkInterfaces())) {
    for (const entry of entries ?? []) {
      if ((entry.family === 'IPv6') !== (version === 6) || entry.cidr === null) continue;
      if (addressMatcher([entry.cidr])(remote)) return entry.address;
      if (!found && !entry.internal && !isLinkLocal(entry.address)) {
        fallback = entry.address;
        found = true;
      }
    }
  }
  return fallback;
}

function isLinkLocal(address: string): boolean {
  return isIPv6(address) && address.toLowerCase().startsWith('fe80:');
}

import type { SipMessage } from './message.ts';

/**
 * Reads one datagram (RFC 3261 §7, §18.3).
 * @throws SipParseError with what could be read
 */
export function parseMessage(datagram: Buffer): SipMessage {
  throw new Error(`to be filled in: ${datagram.length}`);
}

/** Whether a datagram is only line ends (RFC 5626 §4.4, NAT keep-alive), to be ignored. */
export function isKeepAlive(datagram: Buffer): boolean {
  return datagram.length <= 16 && /^[\r\n\0 ]*$/.test(datagram.toString('latin1'));
}

import { type Head, headEnd, type Problem, readHead } from './head.ts';
import type { Headers } from './headers.ts';
import { EMPTY_BODY, ownBytes, type SipMessage } from './message.ts';
import { SipParseError } from './parse-error.ts';
import { findProblem } from './validate.ts';

export { SipParseError } from './parse-error.ts';

/** The most a UDP datagram can hold. */
const MAX_DATAGRAM = 65_535;

/**
 * Reads one datagram (RFC 3261 §7, §18.3): line ends before the start line are skipped; without Content-Length the body goes
 * to the end of the datagram; bytes behind it are dropped.
 * @throws SipParseError with what could be read
 */
export function parseMessage(datagram: Buffer): SipMessage {
  if (datagram.length > MAX_DATAGRAM) throw new SipParseError(513, 'Message Too Large', { at: 'datagram' });
  let start = 0;
  while (datagram[start] === 13 || datagram[start] === 10) start++;
  const end = headEnd(datagram, start);
  const head = readHead(datagram.toString('utf8', start, end < 0 ? datagram.length : end));
  const rest = end < 0 ? EMPTY_BODY : datagram.subarray(end);
  const length = contentLength(head.headers);
  const body = typeof length === 'number' ? rest.subarray(0, length) : rest;
  const cut: Problem | null = end < 0 ? { status: 400, reason: 'Message cut off in headers', at: 'headers' } : null;
  return finish(head, ownBytes(body), cut ?? bodyProblem(length, rest.length));
}

function bodyProblem(length: number | 'missing' | 'invalid', available: number): Problem | null {
  if (length === 'invalid') return { status: 400, reason: 'Invalid Content-Length', at: 'Content-Length' };
  if (length === 'missing' || length <= available) return null;
  return { status: 400, reason: 'Body shorter than Content-Length', at: 'body' };
}

/**
 * The message of a head and its body.
 * @param problem what is already known to be wrong; the head's own problems come first
 * @throws SipParseError
 */
export function finish(head: Head, body: Buffer, problem: Problem | null, fatal = false): SipMessage {
  const { start, headers } = head;
  const partial: SipMessage | null = start === null ? null : { ...start, headers, body };
  const found = head.problem ?? (start === null ? null : findProblem(start, headers)) ?? problem;
  if (partial === null || found !== null || fatal) {
    const { status, reason, at } = (fatal ? problem : found) ?? { status: 400, reason: 'Not SIP', at: 'start line' };
    throw new SipParseError(status, reason, { at, partial, fatal });
  }
  return partial;
}

/** The body's length in bytes. Repeated equal values pass; anything else that is no plain number is invalid. */
export function contentLength(headers: Headers): number | 'missing' | 'invalid' {
  const values = headers.lines('Content-Length');
  const [first] = values;
  if (first === undefined) return 'missing';
  if (!/^\d+$/.test(first) || values.some((value) => value !== first)) return 'invalid';
  return Number(first);
}

/** Whether a datagram holds only line ends, blanks or NULs (RFC 5626 §4.4 and others keep NAT bindings so), to be ignored. */
export function isKeepAlive(datagram: Buffer): boolean {
  return datagram.length <= 16 && datagram.every((byte) => byte === 13 || byte === 10 || byte === 0 || byte === 32);
}

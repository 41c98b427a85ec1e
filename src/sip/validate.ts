import { parseCSeq } from './fields.ts';
import type { Problem, StartLine } from './head.ts';
import type { Headers } from './headers.ts';
import { parseNameAddr } from './name-addr.ts';
import { SipParseError } from './parse-error.ts';
import { parseUri } from './uri.ts';
import { parseVia } from './via.ts';

/** Headers that every message must have, once (RFC 3261 §8.1.1). Max-Forwards is not demanded: RFC 2543 did not know it. */
const ONCE = ['To', 'From', 'CSeq', 'Call-ID'];

/** More hops or contacts than any real path has; each costs a parse, so there must be an end. */
const MAX_TARGETS = 64;

/** The first thing that keeps a message from being processed, or null. Never throws. */
export function findProblem(start: StartLine, headers: Headers): Problem | null {
  try {
    if (start.kind === 'request') parseUri(start.uri);
    for (const name of ONCE) checkOnce(name, headers);
    if (!headers.has('Via')) throw missing('Via');
    checkAddress('To', headers.get('To')!);
    checkAddress('From', headers.get('From')!);
    if (headers.get('Call-ID') === '') throw missing('Call-ID');
    checkCSeq(start, headers.get('CSeq')!);
    // Only the topmost Via is ours to use; the others are copied as they are.
    parseVia(headers.get('Via') ?? '');
    checkTargets(headers);
    return null;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    return { status: error.status, reason: error.reason, at: error.at };
  }
}

function checkOnce(name: string, headers: Headers): void {
  const { length } = headers.lines(name);
  if (length === 0) throw missing(name);
  if (length > 1) throw new SipParseError(400, `More than one ${name}`, { at: name });
}

function missing(name: string): SipParseError {
  return new SipParseError(400, `Missing ${name}`, { at: name });
}

function checkAddress(name: string, value: string): string {
  try {
    return parseNameAddr(value).uri;
  } catch (error) {
    if (!(error instanceof SipParseError)) throw error;
    throw new SipParseError(400, `${error.reason} in ${name}`.replace(' in address', ''), { at: name });
  }
}

/** §8.2.2, RFC 4475 §3.1.2.17: the method of the CSeq is the request's. */
function checkCSeq(start: StartLine, value: string): void {
  const { method } = parseCSeq(value);
  if (start.kind === 'request' && method !== start.method) {
    throw new SipParseError(400, 'CSeq method does not match', { at: 'CSeq' });
  }
}

/** What a dialog would send to must be readable: Contact and Record-Route. */
function checkTargets(headers: Headers): void {
  for (const name of ['Contact', 'Record-Route']) {
    const values = headers.all(name);
    if (values.length > MAX_TARGETS) throw new SipParseError(400, `Too many ${name} values`, { at: name });
    for (const value of values) {
      const uri = checkAddress(name, value);
      if (/^sips?:/i.test(uri)) parseUri(uri);
    }
  }
}

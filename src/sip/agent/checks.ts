import { mediaType } from '../fields.ts';
import type { SipRequest } from '../message.ts';
import { tagOf } from '../transaction/response.ts';

export interface Abilities {
  /** Option tags that `Require` may name. */
  readonly extensions: readonly string[];
  /** Body types of INVITE and UPDATE; `type/*` allowed. */
  readonly accept: readonly string[];
}

export interface Objection {
  readonly status: number;
  readonly why: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** What we take, as in `Allow`. REFER and MESSAGE are understood within a dialog, but not offered. */
export const ALLOWED = 'INVITE, ACK, CANCEL, BYE, OPTIONS, UPDATE, INFO';

const IN_DIALOG = new Set(['BYE', 'UPDATE', 'INFO', 'PRACK', 'NOTIFY', 'REFER', 'MESSAGE']);
const KNOWN = new Set([...IN_DIALOG, 'INVITE', 'OPTIONS', 'REGISTER', 'SUBSCRIBE', 'PUBLISH']);

/** What speaks against a request before anybody looks at what it wants (RFC 3261 §8.2), in the RFC's order. */
export function objection(request: SipRequest, abilities: Abilities): Objection | undefined {
  return (
    versionAndHops(request) ??
    method(request) ??
    uriScheme(request) ??
    extensions(request, abilities) ??
    content(request, abilities)
  );
}

function versionAndHops(request: SipRequest): Objection | undefined {
  if (request.version.toUpperCase() !== 'SIP/2.0') return { status: 505, why: 'version' };
  // §11: an OPTIONS may be sent with 0 to ask just this hop.
  const hops = request.headers.get('Max-Forwards')?.trim();
  if (hops !== undefined && /^0+$/.test(hops) && request.method !== 'OPTIONS') return { status: 483, why: 'hops' };
  return undefined;
}

/** §8.2.1: 501 for a method that nobody here knows, 405 for one that is known and not taken. */
function method(request: SipRequest): Objection | undefined {
  const allow = { Allow: ALLOWED };
  if (!KNOWN.has(request.method)) return { status: 501, why: 'unknown method', headers: allow };
  if (tagOf(request.headers.get('To')) !== undefined) {
    const taken = IN_DIALOG.has(request.method) || request.method === 'INVITE' || request.method === 'OPTIONS';
    return taken ? undefined : { status: 405, why: 'method', headers: allow };
  }
  if (request.method === 'INVITE' || request.method === 'OPTIONS') return undefined;
  if (IN_DIALOG.has(request.method) && request.method !== 'REFER' && request.method !== 'MESSAGE') {
    return { status: 481, why: 'no dialog' };
  }
  return { status: 405, why: 'method', headers: allow };
}

/** §8.2.2.1. */
function uriScheme(request: SipRequest): Objection | undefined {
  return /^(?:sips?|tel):/i.test(request.uri) ? undefined : { status: 416, why: 'URI scheme' };
}

/** §8.2.2.3. */
function extensions(request: SipRequest, abilities: Abilities): Objection | undefined {
  const unknown = request.headers
    .all('Require')
    .filter((tag) => !abilities.extensions.includes(tag.trim().toLowerCase()));
  if (unknown.length === 0) return undefined;
  return { status: 420, why: 'extension', headers: { Unsupported: unknown.join(', ') } };
}

/** §8.2.3: only of those requests whose bodies we read; a body marked optional may be of any type. */
function content(request: SipRequest, abilities: Abilities): Objection | undefined {
  if (request.body.length === 0 || (request.method !== 'INVITE' && request.method !== 'UPDATE')) return undefined;
  if (/handling[ \t]*=[ \t]*"?optional/i.test(request.headers.get('Content-Disposition') ?? '')) return undefined;
  const encoding = request.headers.get('Content-Encoding')?.trim().toLowerCase();
  if (encoding !== undefined && encoding !== 'identity') {
    return { status: 415, why: 'content encoding', headers: { 'Accept-Encoding': 'identity' } };
  }
  const type = mediaType(request.headers.get('Content-Type'));
  // §20.15 wants one; without it the user may still make something of the body.
  if (type === '') return undefined;
  const accepted = abilities.accept.some(
    (one) => one === type || (one.endsWith('/*') && type.startsWith(one.slice(0, -1))),
  );
  if (accepted) return undefined;
  return { status: 415, why: 'content type', headers: { Accept: abilities.accept.join(', ') } };
}

import { parseCSeq } from '../fields.ts';
import { Headers } from '../headers.ts';
import { EMPTY_BODY, SIP_VERSION, type SipMessage, type SipRequest, type SipResponse } from '../message.ts';
import { formatNameAddr, parseNameAddr } from '../name-addr.ts';
import { SipParseError } from '../parse-error.ts';
import { parseUri } from '../uri.ts';
import { tagOf } from '../transaction/response.ts';

export interface DialogParts {
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly localUri: string;
  readonly remoteUri: string;
  remoteTarget: string;
  routes: readonly string[];
  localSeq: number;
  remoteSeq: number | null;
}

/** The data of a dialog and the rules by which requests within it are made and ordered (RFC 3261 §12). */
export class Dialog {
  readonly parts: DialogParts;

  constructor(parts: DialogParts) {
    this.parts = parts;
  }

  /** The callee's side, from the INVITE and the tag of our answer (§12.1.1). @throws SipParseError 400 */
  static answering(request: SipRequest, localTag: string, localSeq: number): Dialog {
    const { headers } = request;
    return new Dialog({
      callId: headers.get('Call-ID') ?? '',
      localTag,
      remoteTag: tagOf(headers.get('From')) ?? '',
      localUri: untagged(headers.get('To')),
      remoteUri: untagged(headers.get('From')),
      remoteTarget: contactOf(request),
      routes: headers.all('Record-Route'),
      localSeq,
      remoteSeq: parseCSeq(headers.get('CSeq') ?? '').number,
    });
  }

  /** The caller's side, from the INVITE and its 2xx (§12.1.2). @throws SipParseError 400 */
  static asking(request: SipRequest, response: SipResponse): Dialog {
    return new Dialog({
      callId: request.headers.get('Call-ID') ?? '',
      localTag: tagOf(request.headers.get('From')) ?? '',
      remoteTag: tagOf(response.headers.get('To')) ?? '',
      localUri: untagged(request.headers.get('From')),
      remoteUri: untagged(response.headers.get('To')),
      remoteTarget: contactOf(response),
      routes: response.headers.all('Record-Route').reverse(),
      localSeq: parseCSeq(request.headers.get('CSeq') ?? '').number,
      remoteSeq: null,
    });
  }

  get key(): string {
    return dialogKey(this.parts.callId, this.parts.localTag, this.parts.remoteTag);
  }

  /** Whether a request of the peer is in order (§12.2.2); notes its number when it is. An equal one is a repetition by another way. */
  inOrder(request: SipRequest): boolean {
    const { number } = parseCSeq(request.headers.get('CSeq') ?? '');
    const last = this.parts.remoteSeq;
    if (last !== null && number < last) return false;
    this.parts.remoteSeq = number;
    return true;
  }

  /** Takes the peer's new Contact from a target refresh (§12.2). A missing or unreadable one changes nothing. */
  refreshTarget(message: SipMessage): void {
    try {
      this.parts.remoteTarget = contactOf(message);
    } catch {
      // RFC 3261 wants one in a re-INVITE; the old one still serves.
    }
  }

  /** The next request of ours, or the ACK with the number of its INVITE (§12.2.1.1). Via and Contact are the sender's. */
  request(method: string, seq: number = ++this.parts.localSeq): SipRequest {
    const { parts } = this;
    const { uri, routes } = this.#routing();
    const headers = new Headers();
    for (const route of routes) headers.add('Route', route);
    headers.add('Max-Forwards', '70');
    headers.add('From', `${parts.localUri};tag=${parts.localTag}`);
    headers.add('To', parts.remoteTag === '' ? parts.remoteUri : `${parts.remoteUri};tag=${parts.remoteTag}`);
    headers.add('Call-ID', parts.callId);
    headers.add('CSeq', `${seq} ${method}`);
    return { kind: 'request', method, uri, version: SIP_VERSION, headers, body: EMPTY_BODY };
  }

  /** URI of the first hop: the first route, else the remote target. */
  get nextHop(): string {
    const first = this.parts.routes[0];
    return first === undefined ? this.parts.remoteTarget : parseNameAddr(first).uri;
  }

  /** A first route without `lr` is a strict router of RFC 2543: its URI becomes the request's, ours goes last (§12.2.1.1). */
  #routing(): { uri: string; routes: readonly string[] } {
    const { routes, remoteTarget } = this.parts;
    const first = routes[0];
    if (first === undefined) return { uri: remoteTarget, routes };
    const hop = parseNameAddr(first).uri;
    if (parseUri(hop).params.has('lr')) return { uri: remoteTarget, routes };
    return { uri: hop, routes: [...routes.slice(1), `<${remoteTarget}>`] };
  }
}

export function dialogKey(callId: string, localTag: string, remoteTag: string): string {
  return `${callId} ${localTag} ${remoteTag}`;
}

/** The URI of the first Contact. @throws SipParseError 400 when there is none */
export function contactOf(message: SipMessage): string {
  const contact = message.headers.get('Contact');
  if (contact === undefined) throw new SipParseError(400, 'Missing Contact', { at: 'Contact' });
  const { uri } = parseNameAddr(contact);
  if (uri === '*') throw new SipParseError(400, 'Invalid Contact', { at: 'Contact' });
  return uri;
}

/** A From or To value without its tag; other parameters are kept. */
function untagged(value: string | undefined): string {
  const address = parseNameAddr(value ?? '');
  const params = new Map(address.params);
  params.delete('tag');
  return formatNameAddr({ ...address, params });
}

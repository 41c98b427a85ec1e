import { opaqueId } from '../../base/ids.ts';
import { parseCSeq } from '../fields.ts';
import { Dialog } from '../dialog/dialog.ts';
import type { Path, SessionHost } from '../dialog/host.ts';
import { authorization } from '../dialog/outgoing.ts';
import { DialogSession } from '../dialog/session.ts';
import { agreed } from '../dialog/session-timer.ts';
import { Headers } from '../headers.ts';
import { EMPTY_BODY, ownBytes, SIP_VERSION, type SipRequest, type SipResponse } from '../message.ts';
import { formatHostPort } from '../uri.ts';
import type { ClientTransaction } from '../transaction/client.ts';
import { createResponse } from '../transaction/response.ts';
import type { InviteOutcome, OutgoingInvite } from './api.ts';

/** One INVITE of ours from the first try to its session or refusal (RFC 3261 §13.2, §22.2). */
export class OutgoingCall {
  readonly #host: SessionHost;
  readonly #call: OutgoingInvite;
  readonly #sessionMade: (session: DialogSession) => void;
  readonly #done: (outcome: InviteOutcome) => void;
  readonly #path: Path;
  readonly #callId: string;
  readonly #fromTag: string;
  readonly #sessions = new Map<string, DialogSession>();
  readonly #tried = new Set<number>();
  #seq = 1;
  #finished = false;
  #transaction: ClientTransaction | undefined;
  #provisional = false;

  constructor(
    host: SessionHost,
    call: OutgoingInvite,
    sessionMade: (session: DialogSession) => void,
    done: (outcome: InviteOutcome) => void,
  ) {
    this.#host = host;
    this.#call = call;
    this.#sessionMade = sessionMade;
    this.#done = done;
    this.#callId = call.callId ?? opaqueId(host.random);
    this.#fromTag = host.random(8).toString('hex');
    const { address, port } = call.destination ?? { address: '', port: 0 };
    this.#path = {
      protocol: call.protocol,
      address,
      port,
      localAddress: '0.0.0.0',
      localPort: 0,
      flow: call.destination?.flow,
    };
  }

  start(): void {
    const { signal } = this.#call;
    const abort = (): void => this.#cancel();
    signal?.addEventListener('abort', abort, { once: true });
    this.#send({});
  }

  #send(more: Readonly<Record<string, string>>): void {
    const request = this.#build(more);
    this.#provisional = false;
    this.#host.send(
      request,
      this.#nextHop(),
      this.#path,
      {
        onResponse: (response) => this.#answered(request, response),
        onTimeout: () => this.#finish(undefined, createResponse(request, 408)),
        onTransportError: (error) => this.#finish(undefined, createResponse(request, 503, { reason: error.message })),
      },
      (transaction) => {
        this.#transaction = transaction;
      },
    );
  }

  #nextHop(): string {
    const { destination, target, protocol } = this.#call;
    if (destination === undefined) return target;
    return `sip:${formatHostPort(destination.address, destination.port)};transport=${protocol}`;
  }

  #build(more: Readonly<Record<string, string>>): SipRequest {
    const call = this.#call;
    const headers = new Headers();
    headers.add('Max-Forwards', '70');
    headers.add('From', `${call.from};tag=${this.#fromTag}`);
    headers.add('To', call.to ?? `<${call.target}>`);
    headers.add('Call-ID', this.#callId);
    headers.add('CSeq', `${this.#seq++} INVITE`);
    headers.add('Contact', this.#host.contact(this.#path, call.contactParams ?? {}));
    for (const [name, value] of Object.entries(this.#host.capabilities('request'))) headers.add(name, value);
    if (call.sessionSeconds !== undefined) headers.add('Session-Expires', String(call.sessionSeconds));
    for (const [name, value] of Object.entries({ ...call.headers, ...more })) headers.set(name, value);
    if (call.body !== undefined && call.contentType !== undefined) headers.set('Content-Type', call.contentType);
    const body = call.body === undefined ? EMPTY_BODY : ownBytes(call.body);
    return { kind: 'request', method: 'INVITE', uri: call.target, version: SIP_VERSION, headers, body };
  }

  #answered(request: SipRequest, response: SipResponse): void {
    if (response.status < 200) {
      this.#provisional = true;
      if (this.#call.signal?.aborted === true) this.#cancel();
      this.#call.onProvisional?.(response);
    } else if (response.status < 300) this.#accepted(request, response);
    else if (!this.#retry(request, response)) this.#finish(undefined, response);
  }

  /** Each copy of a 2xx is acknowledged; a 2xx of another branch of a fork is acknowledged and hung up (§13.2.2.4). */
  #accepted(request: SipRequest, response: SipResponse): void {
    let dialog: Dialog;
    try {
      dialog = Dialog.asking(request, response);
    } catch {
      return this.#finish(undefined, createResponse(request, 500, { reason: 'Unusable 2xx' }));
    }
    const known = this.#sessions.get(dialog.key);
    const session = known ?? this.#makeSession(dialog, response);
    const { number } = parseCSeq(request.headers.get('CSeq') ?? '');
    this.#acknowledge(session, number, response);
    if (known !== undefined) return undefined;
    const unwanted = this.#finished || this.#call.signal?.aborted === true;
    if (unwanted) void session.bye();
    return this.#finish(unwanted ? undefined : session, response);
  }

  #acknowledge(session: DialogSession, number: number, response: SipResponse): void {
    const ack = session.dialog.request('ACK', number);
    const late = this.#call.answerOffer?.(response);
    if (late !== undefined) ack.headers.set('Content-Type', late.contentType);
    const body = late === undefined ? EMPTY_BODY : ownBytes(late.body);
    this.#host.sendAck({ ...ack, body }, session.dialog.nextHop, session.path);
  }

  #makeSession(dialog: Dialog, response: SipResponse): DialogSession {
    const { contactParams, handlers, digest } = this.#call;
    const session = new DialogSession(this.#host, {
      id: opaqueId(this.#host.random),
      dialog,
      path: this.#path,
      state: 'confirmed',
      contactParams: contactParams ?? {},
      handlers,
      credentials: digest,
      madeCallId: true,
    });
    session.learn(response);
    session.keepBody(this.#call.contentType, this.#call.body);
    session.timer.restart(agreed(response));
    this.#sessions.set(dialog.key, session);
    this.#sessionMade(session);
    return session;
  }

  /** With credentials after 401 or 407, with a longer interval after 422 (RFC 4028 §7.3). */
  #retry(request: SipRequest, response: SipResponse): boolean {
    const { status } = response;
    if (this.#tried.has(status) || this.#call.signal?.aborted === true) return false;
    this.#tried.add(status);
    const minSe = response.headers.get('Min-SE');
    if (status === 422 && minSe !== undefined) {
      this.#send({ 'Min-SE': minSe, 'Session-Expires': minSe });
      return true;
    }
    if (status !== 401 && status !== 407) return false;
    const headers = authorization({ credentials: this.#call.digest, host: this.#host }, request, response);
    if (headers === undefined) return false;
    this.#send(headers);
    return true;
  }

  /** §9.1: not before a provisional response. */
  #cancel(): void {
    if (this.#finished || !this.#provisional || this.#transaction === undefined) return;
    const ignore = (): void => undefined;
    this.#host.cancel(this.#transaction, { onResponse: ignore, onTimeout: ignore, onTransportError: ignore });
  }

  #finish(session: DialogSession | undefined, response: SipResponse): void {
    if (this.#finished) return;
    this.#finished = true;
    this.#done({ session, response });
  }
}

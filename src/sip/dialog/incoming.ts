import type { Timer } from '../../base/clock.ts';
import { mediaType } from '../fields.ts';
import { ownBytes, type SipRequest } from '../message.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { createResponse } from '../transaction/response.ts';
import type { RequestAnswer } from './api.ts';
import type { DialogSession } from './session.ts';
import { negotiate, type Negotiated } from './session-timer.ts';

/** A non-INVITE request's sender waits 32 s (timer F); nothing of ours takes that long unless it is stuck. */
const ANSWER_WITHIN_MS = 30_000;

/** The peer's requests within a dialog (RFC 3261 §12.2.2, §14.2, §15.1.2; RFC 3311; RFC 6086). */
export class IncomingRequests {
  readonly #session: DialogSession;
  /** INVITE and UPDATE that wait for the user's answer. */
  readonly #open = new Map<ServerTransaction, Timer>();

  constructor(session: DialogSession) {
    this.#session = session;
  }

  get invitePending(): boolean {
    return this.#pending('INVITE');
  }

  receive(transaction: ServerTransaction): void {
    const session = this.#session;
    const { request, source } = transaction;
    if (!session.dialog.inOrder(request)) {
      // §12.2.2: out of order.
      return void session.host.respond(transaction, 500, { reason: 'CSeq Out Of Order' });
    }
    session.path = source;
    switch (request.method) {
      case 'BYE':
        session.host.respond(transaction, 200);
        return session.dispatch('peerBye', request);
      case 'INVITE':
        return this.#invite(transaction);
      case 'UPDATE':
        return this.#update(transaction);
      case 'INFO':
      case 'MESSAGE':
        return this.#run(transaction, session.handlers.onInfo?.bind(session.handlers));
      case 'OPTIONS':
        return void session.host.respond(transaction, 200, { headers: session.host.capabilities('response') });
      case 'REFER':
        return this.#refer(transaction);
      default:
        // NOTIFY and PRACK belong to subscriptions and provisional responses that we never made.
        return void session.host.respond(transaction, 481);
    }
  }

  /** Stops the timers without answering: the process ends. */
  detach(): void {
    for (const limit of this.#open.values()) limit.cancel();
  }

  /** The session is over: what still waits is answered (§15.1.2). */
  abort(): void {
    for (const [one, limit] of this.#open) {
      limit.cancel();
      this.#session.host.respond(one, 487);
    }
    this.#open.clear();
  }

  /** §14.2: one offer at a time, in either direction. */
  #invite(transaction: ServerTransaction): void {
    const { host, outgoing, handlers } = this.#session;
    if (outgoing.offerPending) return void host.respond(transaction, 491);
    if (this.#open.size > 0) return this.#later(transaction);
    if (handlers.onReinvite === undefined) return void host.respond(transaction, 488);
    return this.#negotiated(transaction, handlers.onReinvite.bind(handlers));
  }

  /** RFC 3311 §5.2. One without a body only refreshes and needs nobody's answer, unless someone wants to know. */
  #update(transaction: ServerTransaction): void {
    const { host, outgoing, handlers } = this.#session;
    const offers = carriesOffer(transaction.request);
    if (this.#pending('UPDATE') || (offers && this.invitePending)) return this.#later(transaction);
    if (offers && outgoing.offerPending) return void host.respond(transaction, 491);
    return this.#negotiated(transaction, handlers.onUpdate?.bind(handlers));
  }

  #negotiated(
    transaction: ServerTransaction,
    handler: ((request: SipRequest) => Promise<RequestAnswer>) | undefined,
  ): void {
    const { host } = this.#session;
    const timer = negotiate(transaction.request, host.timerPolicy);
    if (timer.kind === 'tooSmall') {
      return void host.respond(transaction, 422, { headers: { 'Min-SE': String(timer.minSe) } });
    }
    this.#session.learn(transaction.request);
    return this.#run(transaction, handler, timer);
  }

  /** Asks the user and sends the answer, unless the session or the request is over by then. */
  #run(
    transaction: ServerTransaction,
    handler: ((request: SipRequest) => Promise<RequestAnswer>) | undefined,
    timer?: Negotiated,
  ): void {
    if (handler === undefined) return this.#answer(transaction, { status: 200 }, timer);
    const { host, id } = this.#session;
    const late = (): void => {
      host.log.error({ session: id, method: transaction.request.method }, 'a SIP request was not answered in time');
      this.#answer(transaction, { status: 500 }, timer);
    };
    this.#open.set(transaction, host.clock.after(ANSWER_WITHIN_MS, late));
    // Within a promise of our own, so that a handler that throws at once is a failed answer as well.
    new Promise<RequestAnswer>((resolve) => resolve(handler(transaction.request))).then(
      (answer) => this.#answer(transaction, answer, timer),
      (error: unknown) => {
        host.log.error({ err: String(error), session: id }, 'a SIP request failed');
        this.#answer(transaction, { status: 500 }, timer);
      },
    );
    return undefined;
  }

  #answer(transaction: ServerTransaction, answer: RequestAnswer, timer: Negotiated | undefined): void {
    this.#open.get(transaction)?.cancel();
    this.#open.delete(transaction);
    const session = this.#session;
    if (session.ended || transaction.finalStatus !== undefined) return;
    const { request } = transaction;
    const accepted = answer.status < 300 && timer !== undefined;
    if (!accepted) return void session.host.respond(transaction, answer.status, detailOf(answer));
    session.dialog.refreshTarget(request);
    if (answer.contactParams !== undefined) session.contactParams = answer.contactParams;
    session.keepBody(answer.contentType, answer.body);
    session.timer.restart(timer.kind === 'on' ? timer.terms : undefined);
    const detail = detailOf(answer, {
      ...session.host.capabilities('response'),
      Contact: session.host.contact(transaction.source, session.contactParams),
      ...(timer.kind === 'on' && timer.headers),
    });
    if (request.method === 'INVITE') {
      const response = createResponse(request, answer.status, detail);
      session.noteAnswer(transaction, response);
      session.saveNeeded();
      session.sendAnswer(transaction, response);
      return undefined;
    }
    session.saveNeeded();
    return void session.host.respond(transaction, answer.status, detail);
  }

  /** §14.2, RFC 3311 §5.2: come back in 0 to 10 seconds. */
  #later(transaction: ServerTransaction): void {
    const seconds = (this.#session.host.random(1)[0] ?? 0) % 11;
    this.#session.host.respond(transaction, 500, { headers: { 'Retry-After': String(seconds) } });
  }

  /** RFC 3515 §2.4.2: exactly one Refer-To; a recorder follows none. */
  #refer(transaction: ServerTransaction): void {
    const one = transaction.request.headers.all('Refer-To').length === 1;
    this.#session.host.respond(transaction, one ? 603 : 400);
  }

  #pending(method: string): boolean {
    for (const one of this.#open.keys()) if (one.request.method === method) return true;
    return false;
  }
}

/** Whether the body is, or may hold, a session description. */
export function carriesOffer(request: SipRequest): boolean {
  if (request.body.length === 0) return false;
  const type = mediaType(request.headers.get('Content-Type'));
  return type === 'application/sdp' || type.startsWith('multipart/');
}

function detailOf(
  answer: RequestAnswer,
  more: Readonly<Record<string, string>> = {},
): { reason?: string; headers: Record<string, string>; body?: Buffer } {
  const headers: Record<string, string> = { ...more, ...answer.headers };
  if (answer.body !== undefined && answer.contentType !== undefined) headers['Content-Type'] = answer.contentType;
  return {
    headers,
    ...(answer.reason !== undefined && { reason: answer.reason }),
    ...(answer.body !== undefined && { body: ownBytes(answer.body) }),
  };
}

import type { Timer } from '../../base/clock.ts';
import { answerChallenge } from '../digest-client.ts';
import { parseCSeq, parseSeconds } from '../fields.ts';
import { ownBytes, type SipRequest, type SipResponse } from '../message.ts';
import { createResponse } from '../transaction/response.ts';
import type { SessionRequest } from './api.ts';
import { Dialog } from './dialog.ts';
import { carriesOffer } from './incoming.ts';
import type { DialogSession } from './session.ts';
import { agreed } from './session-timer.ts';

interface Attempt {
  readonly method: string;
  readonly options: SessionRequest;
  readonly done: (response: SipResponse) => void;
  /** Why it is sent again; each reason counts once. */
  readonly retried: ReadonlySet<number>;
  readonly headers: Readonly<Record<string, string>>;
}

/** Our requests within a dialog (RFC 3261 §12.2.1, §14.1, §15.1.1). */
export class OutgoingRequests {
  readonly #session: DialogSession;
  readonly #waiting = new Map<Timer, Attempt>();
  readonly #offers = new Set<SipRequest>();
  #minSe: number | undefined;

  constructor(session: DialogSession) {
    this.#session = session;
  }

  /** An INVITE, or an UPDATE with an offer, of ours is unanswered. */
  get offerPending(): boolean {
    return this.#offers.size > 0;
  }

  request(method: string, options: SessionRequest): Promise<SipResponse> {
    return new Promise((done) => {
      this.#send({ method, options, done, retried: new Set(), headers: {} });
    });
  }

  bye(headers: Readonly<Record<string, string>>, done: () => void): void {
    this.#send({ method: 'BYE', options: { headers }, done, retried: new Set(), headers: {} });
  }

  /** Keeps the session alive (RFC 4028 §7.4): by UPDATE where the peer takes it, else by a re-INVITE with the same description. */
  refresh(): void {
    const { localBody, peerAllows } = this.#session;
    const byInvite = localBody !== null && peerAllows?.includes('UPDATE') !== true;
    const options = byInvite ? { body: localBody.text, contentType: localBody.contentType } : {};
    void this.request(byInvite ? 'INVITE' : 'UPDATE', options).then((response) => {
      if (response.status >= 300) {
        this.#session.host.log.warn({ status: response.status, session: this.#session.id }, 'session refresh refused');
      }
    });
  }

  detach(): void {
    for (const [timer, attempt] of this.#waiting) {
      timer.cancel();
      attempt.done(madeUp(this.#session, attempt.method, 481));
    }
    this.#waiting.clear();
  }

  #send(attempt: Attempt): void {
    const session = this.#session;
    const { method } = attempt;
    let request: SipRequest;
    try {
      request = this.#build(attempt);
    } catch {
      return attempt.done(madeUp(session, method, 503));
    }
    if (session.ended && method !== 'BYE') return attempt.done(createResponse(request, 481));
    if (method === 'INVITE' && (this.offerPending || session.incoming.invitePending)) {
      return attempt.done(createResponse(request, 491));
    }
    if (method === 'INVITE' || (method === 'UPDATE' && carriesOffer(request))) this.#offers.add(request);
    session.saveNeeded();
    const fail = (status: number): void => {
      this.#offers.delete(request);
      attempt.done(createResponse(request, status));
    };
    session.host.send(request, session.dialog.nextHop, session.path, {
      onResponse: (response) => this.#answered(attempt, request, response),
      // §8.1.3.1. Other than §12.2.1.2 has it, silence does not end the session: some clients never answer a recorder's
      // requests, and their calls must not be lost by that.
      onTimeout: () => fail(408),
      onTransportError: () => fail(503),
    });
    return undefined;
  }

  #build(attempt: Attempt): SipRequest {
    const session = this.#session;
    const { method, options } = attempt;
    const request = session.dialog.request(method);
    const { headers } = request;
    if (method === 'INVITE' || method === 'UPDATE') {
      headers.add('Contact', session.host.contact(session.path, session.contactParams));
      for (const [name, value] of Object.entries(session.host.capabilities('request'))) headers.set(name, value);
      const terms = session.timer.terms;
      if (terms !== undefined) {
        const seconds = Math.max(terms.seconds, this.#minSe ?? 0);
        headers.set('Session-Expires', `${seconds};refresher=${terms.refresher === 'us' ? 'uac' : 'uas'}`);
        if (this.#minSe !== undefined) headers.set('Min-SE', String(this.#minSe));
      }
    }
    for (const [name, value] of Object.entries({ ...options.headers, ...attempt.headers })) headers.set(name, value);
    if (options.body === undefined) return request;
    if (options.contentType !== undefined) headers.set('Content-Type', options.contentType);
    session.keepBody(options.contentType, options.body);
    return { ...request, body: ownBytes(options.body) };
  }

  #answered(attempt: Attempt, request: SipRequest, response: SipResponse): void {
    if (response.status < 200) return;
    const session = this.#session;
    const { method } = attempt;
    if (method === 'INVITE' && response.status < 300) {
      const { number } = parseCSeq(request.headers.get('CSeq') ?? '');
      // Every copy of the 2xx is acknowledged (§13.2.2.4); the first one alone is an answer.
      session.host.sendAck(session.dialog.request('ACK', number), session.dialog.nextHop, session.path);
      if (!this.#offers.has(request)) return;
    }
    this.#offers.delete(request);
    if (this.#retry(attempt, request, response)) return;
    if (response.status === 481) session.fail('the peer does not know the session any more');
    else if (response.status < 300 && (method === 'INVITE' || method === 'UPDATE')) {
      session.dialog.refreshTarget(response);
      session.learn(response);
      if (!session.ended) session.timer.restart(agreed(response));
      session.saveNeeded();
    }
    attempt.done(response);
  }

  /** 401/407: with credentials; 422: with the interval they want; 491: after a while (§14.1). */
  #retry(attempt: Attempt, request: SipRequest, response: SipResponse): boolean {
    const { status } = response;
    if (attempt.retried.has(status)) return false;
    const again = (headers: Readonly<Record<string, string>>, delayMs = 0): boolean => {
      const retried = new Set([...attempt.retried, status]);
      const next: Attempt = { ...attempt, retried, headers: { ...attempt.headers, ...headers } };
      if (delayMs === 0) this.#send(next);
      else this.#after(delayMs, next);
      return true;
    };
    if (status === 401 || status === 407) {
      const headers = authorization(this.#session, request, response);
      return headers !== undefined && again(headers);
    }
    if (status === 422) {
      const least = parseSeconds(response.headers.get('Min-SE'));
      if (least === undefined || this.#session.timer.terms === undefined) return false;
      this.#minSe = Math.max(least, this.#minSe ?? 0);
      return again({});
    }
    return status === 491 && attempt.method === 'INVITE' && again({}, this.#glareDelay());
  }

  /** §14.1: 2.1 to 4 s for who made the Call-ID, 0 to 2 s for the other; in steps of 10 ms. */
  #glareDelay(): number {
    const step = this.#session.host.random(2).readUInt16BE();
    return this.#session.madeCallId ? 2100 + (step % 191) * 10 : 10 + (step % 200) * 10;
  }

  #after(ms: number, attempt: Attempt): void {
    const timer = this.#session.host.clock.after(ms, () => {
      this.#waiting.delete(timer);
      this.#send(attempt);
    });
    this.#waiting.set(timer, attempt);
  }
}

/** The header that answers a challenge to a request of ours; undefined when it cannot be answered. */
export function authorization(
  session: Pick<DialogSession, 'credentials' | 'host'>,
  request: SipRequest,
  response: SipResponse,
): Record<string, string> | undefined {
  if (session.credentials === undefined) return undefined;
  const proxy = response.status === 407;
  const challenges = response.headers.all(proxy ? 'Proxy-Authenticate' : 'WWW-Authenticate');
  const value = answerChallenge(challenges, session.credentials, {
    method: request.method,
    uri: request.uri,
    cnonce: session.host.random(8).toString('hex'),
  });
  return value === null ? undefined : { [proxy ? 'Proxy-Authorization' : 'Authorization']: value };
}

/** A response to a request that could not even be formed. */
function madeUp(session: DialogSession, method: string, status: number): SipResponse {
  const bare = new Dialog({ ...session.dialog.parts, routes: [], remoteTarget: 'sip:invalid' });
  return createResponse(bare.request(method, session.dialog.parts.localSeq), status);
}

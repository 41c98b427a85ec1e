import type { Timer } from '../../base/clock.ts';
import { opaqueId } from '../../base/ids.ts';
import type { TrunkConfig } from '../../base/trunks.ts';
import { Dialog } from '../dialog/dialog.ts';
import type { SessionHost } from '../dialog/host.ts';
import { DialogSession } from '../dialog/session.ts';
import type { Negotiated } from '../dialog/session-timer.ts';
import { ownBytes, type SipRequest, type SipResponse } from '../message.ts';
import { createResponse } from '../transaction/response.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { Source } from '../transport/types.ts';
import type { Answer, IncomingInvite, PreparedAnswer, Refusal, Session } from './api.ts';

/** An INVITE that nobody answers is refused after this; a proxy's timer C (RFC 3261 §16.6) would do it for us. */
const ANSWER_WITHIN_MS = 180_000;

export interface InviteContext {
  readonly host: SessionHost;
  /** The session exists from now on: requests within it are its own. */
  readonly sessionMade: (session: DialogSession, trunk: TrunkConfig) => void;
  /** It waits no longer. */
  readonly settled: (invite: PendingInvite) => void;
}

/** The agent's side of an {@link IncomingInvite}. */
export class PendingInvite implements IncomingInvite {
  readonly id: string;
  readonly trunk: TrunkConfig;
  readonly transaction: ServerTransaction;
  readonly request: SipRequest;
  readonly localTag: string;
  onCancel: (() => void) | undefined;
  readonly #context: InviteContext;
  readonly #timer: Extract<Negotiated, { kind: 'on' | 'off' }>;
  readonly #dialog: Dialog;
  readonly #limit: Timer;
  #prepared: DialogSession | undefined;
  #pending = true;

  /** @throws SipParseError 400 when no dialog can be made of it */
  constructor(
    context: InviteContext,
    transaction: ServerTransaction,
    trunk: TrunkConfig,
    timer: Extract<Negotiated, { kind: 'on' | 'off' }>,
  ) {
    const { host } = context;
    this.#context = context;
    this.transaction = transaction;
    this.request = transaction.request;
    this.trunk = trunk;
    this.#timer = timer;
    this.id = opaqueId(host.random);
    this.localTag = host.random(8).toString('hex');
    this.#dialog = Dialog.answering(transaction.request, this.localTag, host.random(3).readUIntBE(0, 3) % 1_000_000);
    this.#limit = host.clock.after(ANSWER_WITHIN_MS, () => this.reject(480));
  }

  get source(): Source {
    return this.transaction.source;
  }

  get pending(): boolean {
    return this.#pending;
  }

  /** Key of the dialog that would come of it: requests of the peer may name it once a provisional response has told our tag. */
  get dialogKey(): string {
    return this.#dialog.key;
  }

  trying(): void {
    if (this.#pending) this.#context.host.respond(this.transaction, 100);
  }

  ring(headers: Readonly<Record<string, string>> = {}): void {
    if (!this.#pending) return;
    const { host } = this.#context;
    host.respond(this.transaction, 180, {
      toTag: this.localTag,
      headers: { Contact: host.contact(this.source, {}), ...headers },
    });
  }

  reject(status: number, refusal: Refusal = {}): void {
    if (!this.#settle()) return;
    this.#withdraw();
    this.#context.host.respond(this.transaction, status, { toTag: this.localTag, ...refusal });
  }

  /** The caller gave up: by CANCEL, or by a BYE before the answer. */
  cancelled(): void {
    if (!this.#settle()) return;
    this.#withdraw();
    this.#context.host.respond(this.transaction, 487, { toTag: this.localTag });
    this.onCancel?.();
  }

  /** The agent closes. */
  drop(): void {
    if (this.#settle()) this.#withdraw();
  }

  prepare(answer: Answer): PreparedAnswer {
    const { host } = this.#context;
    const session = new DialogSession(host, {
      id: this.id,
      dialog: this.#dialog,
      path: this.source,
      state: 'prepared',
      contactParams: answer.contactParams ?? {},
    });
    this.#prepared?.dispatch('withdrawn');
    this.#prepared = session;
    session.learn(this.request);
    session.keepBody(answer.contentType, answer.body);
    session.timer.restart(this.#timer.kind === 'on' ? this.#timer.terms : undefined);
    const response = this.#form(answer);
    session.noteAnswer(this.transaction, response);
    return { session, send: () => this.#send(session, response) };
  }

  accept(answer: Answer): Session {
    const prepared = this.prepare(answer);
    prepared.send();
    return prepared.session;
  }

  #form(answer: Answer): SipResponse {
    const { host } = this.#context;
    const headers: Record<string, string> = {
      Contact: host.contact(this.source, answer.contactParams ?? {}),
      ...host.capabilities('response'),
      ...(this.#timer.kind === 'on' && this.#timer.headers),
      // RFC 6086 §5.2.2: who is asked which Info packages it takes must say so, be it none.
      ...(this.request.headers.has('Recv-Info') && { 'Recv-Info': '' }),
      ...answer.headers,
    };
    if (answer.body !== undefined && answer.contentType !== undefined) headers['Content-Type'] = answer.contentType;
    return createResponse(this.request, 200, {
      toTag: this.localTag,
      headers,
      ...(answer.body !== undefined && { body: ownBytes(answer.body) }),
    });
  }

  #send(session: DialogSession, response: SipResponse): boolean {
    if (session.ended) this.reject(480);
    if (this.#prepared !== session || !this.#settle()) return false;
    session.dispatch('send');
    this.#context.sessionMade(session, this.trunk);
    if (session.sendAnswer(this.transaction, response)) return true;
    session.dispatch('gone');
    return false;
  }

  /** The session that was prepared will not be. */
  #withdraw(): void {
    this.#prepared?.dispatch('withdrawn');
    this.#prepared = undefined;
  }

  #settle(): boolean {
    if (!this.#pending) return false;
    this.#pending = false;
    this.#limit.cancel();
    this.#context.settled(this);
    return true;
  }
}

import { parseCSeq } from '../fields.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message.ts';
import type { Credentials } from '../digest-client.ts';
import { parseMessage } from '../parse.ts';
import { serialize } from '../serialize.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import { AcceptedResponse } from './accepted.ts';
import type { Session, SessionHandlers, SessionRequest } from './api.ts';
import { Dialog } from './dialog.ts';
import type { Path, SessionHost } from './host.ts';
import { IncomingRequests } from './incoming.ts';
import { type SessionAction, type SessionEvent, type SessionState, transition } from './machine.ts';
import { OutgoingRequests } from './outgoing.ts';
import { SessionTimer } from './session-timer.ts';
import type { AnsweredInvite, DialogState } from './state.ts';
import type { Target } from '../transport/types.ts';

export interface SessionStart {
  readonly id: string;
  readonly dialog: Dialog;
  readonly path: Path;
  readonly state: SessionState;
  readonly contactParams: Readonly<Record<string, string | null>>;
  readonly handlers?: SessionHandlers | undefined;
  /** We are the caller (RFC 3261 §14.1 tells the two apart when INVITEs cross). */
  readonly madeCallId?: boolean;
  /** For a caller's session: answers challenges within the dialog. Not saved. */
  readonly credentials?: Credentials | undefined;
}

/** After a restart a session timer that ran out meanwhile is given this much. */
const RESUME_GRACE_MS = 60_000;

/** A session: its dialog, its machine, its timers. Requests within it are handled by {@link IncomingRequests} and {@link OutgoingRequests}. */
export class DialogSession implements Session {
  readonly id: string;
  readonly host: SessionHost;
  readonly dialog: Dialog;
  readonly timer: SessionTimer;
  readonly incoming: IncomingRequests;
  readonly outgoing: OutgoingRequests;
  readonly credentials: Credentials | undefined;
  readonly madeCallId: boolean;
  handlers: SessionHandlers;
  path: Path;
  contactParams: Readonly<Record<string, string | null>>;
  peerAllows: readonly string[] | null = null;
  localBody: DialogState['localBody'] = null;
  #state: SessionState;
  #answered: AnsweredInvite | null = null;
  /** An INVITE whose 2xx waits for its ACK. */
  #unacked: ServerTransaction | undefined;
  #repeating: AcceptedResponse | undefined;
  #failure = 'no ACK came for the 200';
  #byeHeaders: Readonly<Record<string, string>> | undefined;
  readonly #farewell = Promise.withResolvers<void>();

  constructor(host: SessionHost, start: SessionStart) {
    this.id = start.id;
    this.host = host;
    this.dialog = start.dialog;
    this.path = start.path;
    this.contactParams = start.contactParams;
    this.credentials = start.credentials;
    this.madeCallId = start.madeCallId ?? false;
    this.handlers = start.handlers ?? {};
    this.#state = start.state;
    this.incoming = new IncomingRequests(this);
    this.outgoing = new OutgoingRequests(this);
    this.timer = new SessionTimer(host.clock, {
      refresh: () => this.outgoing.refresh(),
      expired: () => this.dispatch('expired'),
    });
  }

  /** A session of another process goes on. A 200 whose ACK was not seen is sent once more at once, then as usual. */
  static restore(host: SessionHost, saved: DialogState, handlers: SessionHandlers): DialogSession {
    const { callId, localTag, remoteTag, localUri, remoteUri, remoteTarget, routes, localSeq, remoteSeq } = saved;
    const parts = { callId, localTag, remoteTag, localUri, remoteUri, remoteTarget, routes, localSeq, remoteSeq };
    const waiting = saved.invite !== null && !saved.invite.acked;
    const session = new DialogSession(host, {
      id: saved.id,
      dialog: new Dialog(parts),
      path: { ...saved.via },
      state: waiting ? 'unconfirmed' : 'confirmed',
      contactParams: saved.contactParams,
      handlers,
    });
    session.peerAllows = saved.peerAllows;
    session.localBody = saved.localBody;
    session.#answered = saved.invite;
    if (saved.timer !== null) session.timer.resume(saved.timer, RESUME_GRACE_MS);
    if (waiting) session.#repeatRestored();
    return session;
  }

  get callId(): string {
    return this.dialog.parts.callId;
  }

  get localTag(): string {
    return this.dialog.parts.localTag;
  }

  get remoteTag(): string {
    return this.dialog.parts.remoteTag;
  }

  get ended(): boolean {
    return this.#state === 'ended';
  }

  get state(): SessionState {
    return this.#state;
  }

  get answered(): AnsweredInvite | null {
    return this.#answered;
  }

  bye(headers?: Readonly<Record<string, string>>): Promise<void> {
    this.#byeHeaders ??= headers;
    this.dispatch('hangUp');
    return this.#farewell.promise;
  }

  request(method: string, options: SessionRequest = {}): Promise<SipResponse> {
    return this.outgoing.request(method, options);
  }

  save(): DialogState {
    const { parts } = this.dialog;
    const { protocol, address, port, localAddress, localPort } = this.path;
    return {
      version: 1,
      id: this.id,
      ...parts,
      contactParams: this.contactParams,
      peerAllows: this.peerAllows,
      localBody: this.localBody,
      via: { protocol, address, port, localAddress, localPort },
      timer: this.timer.saved,
      invite: this.#answered,
    };
  }

  /** Notes the 2xx that will be or was sent to an INVITE, so that it can be saved and repeated. */
  noteAnswer(invite: ServerTransaction, response: SipResponse): void {
    this.#answered = {
      seq: parseCSeq(response.headers.get('CSeq') ?? '').number,
      transaction: invite.key,
      response: serialize(response).toString('base64'),
      sentAt: this.host.clock.now(),
      acked: false,
      address: invite.destination.address,
      port: invite.destination.port,
    };
  }

  /**
   * Sends a 2xx and repeats it until its ACK. A 2xx of an earlier INVITE is no longer repeated: with the newer INVITE the peer has shown
   * that it has it.
   * @returns false when the INVITE was cancelled or lost before
   */
  sendAnswer(invite: ServerTransaction, response: SipResponse): boolean {
    this.#awaitAck(invite);
    if (!invite.respond(response)) return false;
    this.#repeating?.stop();
    this.#repeating = new AcceptedResponse(
      this.host.clock,
      this.host.timers,
      () => invite.respond(response),
      () => this.#noAck(),
    );
    return true;
  }

  /** The transaction lives on for half a minute (timer L). Nothing more is told to one that does not wait, and all that belongs to it may go. */
  #awaitAck(invite: ServerTransaction | undefined): void {
    if (this.#unacked !== undefined) this.#unacked.user = {};
    this.#unacked = invite;
    if (invite !== undefined) invite.user.onAck = (ack) => this.receiveAck(ack);
  }

  /** An INVITE that this session has answered in an earlier process: the same 200 again, to where it wants it now. */
  repeatAnswer(target: Target | undefined = this.#answered ?? undefined): void {
    if (this.#answered === null || this.#answered.acked || target === undefined) return;
    const { address, port, flow } = target;
    this.host.resend(Buffer.from(this.#answered.response, 'base64'), { ...this.path, address, port, flow });
  }

  receiveAck(ack: SipRequest): void {
    const answered = this.#answered;
    if (answered === null || answered.acked) return;
    if (parseCSeq(ack.headers.get('CSeq') ?? '').number !== answered.seq) return;
    this.#repeating?.stop();
    this.#awaitAck(undefined);
    this.#answered = { ...answered, acked: true, response: '' };
    this.dispatch('ack');
    this.saveNeeded();
    this.guard(() => this.handlers.onAck?.(ack));
  }

  receive(transaction: ServerTransaction): void {
    this.incoming.receive(transaction);
  }

  /** Takes up what a message of the peer tells about it: which methods it takes. */
  learn(message: SipMessage): void {
    const allow = message.headers.all('Allow');
    if (allow.length > 0) this.peerAllows = allow.map((method) => method.toUpperCase());
  }

  keepBody(contentType: string | undefined, body: Buffer | string | undefined): void {
    if (contentType?.toLowerCase().startsWith('application/sdp') !== true || body === undefined) return;
    this.localBody = { contentType, text: body.toString() };
  }

  saveNeeded(): void {
    if (this.#state !== 'prepared' && !this.ended) this.guard(() => this.handlers.onSaveNeeded?.());
  }

  /** Runs a handler of the user's; what it throws must not reach the stack. */
  guard(task: () => void): void {
    try {
      task();
    } catch (error) {
      this.host.log.error({ err: String(error), session: this.id }, 'a handler of a SIP session failed');
    }
  }

  fail(reason: string): void {
    this.#failure = reason;
    this.dispatch('gone');
  }

  /** Stops every timer without a word to the peer or the user: the process ends and another will restore the session. */
  detach(): void {
    this.#repeating?.stop();
    this.timer.stop();
    this.incoming.detach();
    this.outgoing.detach();
  }

  /** The one way on. */
  dispatch(event: SessionEvent, bye?: SipRequest): void {
    const before = this.#state;
    const step = transition(before, event);
    this.#state = step.next;
    if (this.ended && before !== 'ended') this.#finish(step.actions.includes('bye'));
    for (const action of step.actions) this.#perform(action, bye);
  }

  #finish(byeFollows: boolean): void {
    this.detach();
    this.#awaitAck(undefined);
    this.incoming.abort();
    this.host.ended(this);
    if (!byeFollows) this.#farewell.resolve();
  }

  #perform(action: SessionAction, bye: SipRequest | undefined): void {
    switch (action) {
      case 'bye':
        return this.outgoing.bye(this.#byeHeaders ?? {}, () => this.#farewell.resolve());
      case 'tellFailure':
        return this.guard(() => this.handlers.onFailure?.(this.#failure));
      case 'tellExpired':
        return this.guard(() => this.handlers.onExpired?.());
      case 'tellBye':
        return this.guard(() => bye !== undefined && this.handlers.onBye?.(bye));
    }
  }

  #noAck(): void {
    this.#failure = 'no ACK came for the 200';
    this.dispatch('noAck');
  }

  /**
   * The ACK may have come while nobody was there, so that silence is no proof against the call: it goes on, and the session timer or
   * the silence of its media ends it if it is dead.
   */
  #repeatRestored(): void {
    this.repeatAnswer();
    this.#repeating = new AcceptedResponse(
      this.host.clock,
      this.host.timers,
      () => this.repeatAnswer(),
      () => {
        if (this.#answered !== null) this.#answered = { ...this.#answered, acked: true, response: '' };
        this.dispatch('ack');
        this.saveNeeded();
      },
    );
  }
}

/** Whether a value read from a journal can be restored. */
export function isDialogState(value: unknown): value is DialogState {
  if (typeof value !== 'object' || value === null) return false;
  const state = value as Partial<DialogState>;
  const texts = [state.id, state.callId, state.localTag, state.remoteTag, state.localUri, state.remoteUri];
  return (
    state.version === 1 &&
    texts.every((text) => typeof text === 'string') &&
    typeof state.remoteTarget === 'string' &&
    Array.isArray(state.routes) &&
    typeof state.localSeq === 'number' &&
    typeof state.via === 'object' &&
    (state.invite === null || state.invite === undefined || canRead(state.invite.response))
  );
}

function canRead(response: string): boolean {
  if (response === '') return true;
  try {
    return parseMessage(Buffer.from(response, 'base64')).kind === 'response';
  } catch {
    return false;
  }
}

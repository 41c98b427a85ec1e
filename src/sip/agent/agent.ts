import type { Clock } from '../../base/clock.ts';
import { systemRandom, type Random } from '../../base/ids.ts';
import { silentLog, type Log } from '../../base/log.ts';
import { dialogKey } from '../dialog/dialog.ts';
import type { Path, SessionHost } from '../dialog/host.ts';
import { DialogSession, isDialogState } from '../dialog/session.ts';
import { LEAST_SECONDS, USUAL_SECONDS } from '../dialog/session-timer.ts';
import type { DialogState } from '../dialog/state.ts';
import type { SipRequest, SipResponse } from '../message.ts';
import { type Refused, TransactionLayer } from '../transaction/layer.ts';
import { createResponse, type ResponseDetail, tagOf } from '../transaction/response.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { ClientTransaction } from '../transaction/client.ts';
import type { ClientUser } from '../transaction/transaction.ts';
import type { Source, Target, Transport } from '../transport/types.ts';
import { EarshotError } from '../../base/errors.ts';
import type { TrunkConfig } from '../../base/trunks.ts';
import type { AgentOptions, IncomingInvite, InviteOutcome, OutgoingInvite, Session, SessionHandlers } from './api.ts';
import { ALLOWED } from './checks.ts';
import { OutgoingCall } from './call.ts';
import { Gate } from './gate.ts';
import { resolveByDns, type Resolve } from './hop.ts';
import { type InviteContext, PendingInvite } from './invite.ts';
import { type AgentStats, StatsCounter } from './stats.ts';
import { Wire } from './wire.ts';

/** A SIP user agent (RFC 3261 §8): several transports, one transaction layer, many sessions. */
export class UserAgent {
  /** Set by the user. Without it INVITEs are answered 480. */
  onInvite: ((invite: IncomingInvite) => void) | undefined;
  readonly #options: AgentOptions;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #log: Log;
  readonly #stats = new StatsCounter();
  readonly #wire: Wire;
  readonly #layer: TransactionLayer;
  readonly #gate: Gate;
  readonly #host: SessionHost;
  readonly #inviteContext: InviteContext;
  readonly #sessions = new Map<string, DialogSession>();
  readonly #pending = new Map<string, PendingInvite>();
  /** By whose trunk each session came, where one did. */
  readonly #trunks = new Map<DialogSession, string>();
  /** Sessions of an earlier process by the key of the INVITE that they have answered. */
  readonly #answeredBefore = new Map<string, DialogSession>();

  constructor(options: AgentOptions, resolve: Resolve = resolveByDns) {
    this.#options = options;
    this.#clock = options.clock;
    this.#random = options.random ?? systemRandom;
    this.#log = options.log ?? silentLog;
    this.#wire = new Wire({
      clock: this.#clock,
      log: this.#log,
      stats: this.#stats,
      advertise: options.advertise,
      user: options.user ?? 'earshot',
      onTrace: options.onTrace,
      resolve,
    });
    this.#layer = new TransactionLayer({
      clock: this.#clock,
      random: this.#random,
      log: this.#log,
      timers: options.timers,
      limit: options.maxTransactions ?? 50_000,
      transmit: (transport, message, target, failed) => this.#wire.transmit(transport, message, target, failed),
      sentBy: (transport, target) => this.#wire.sentBy(transport, target),
      user: {
        onRequest: (transaction) => this.#request(transaction),
        onAck: (ack) => this.#sessionOf(ack)?.receiveAck(ack),
        onCancel: (invite) => this.#cancelled(invite),
        screen: (request, key, source, target) => this.#screen(request, key, source, target),
        onStrayResponse: () => undefined,
        onRefused: (status, why) => this.#stats.refused(status, why),
      },
    });
    this.#host = this.#makeHost();
    this.#inviteContext = {
      host: this.#host,
      sessionMade: (session, trunk) => this.#keep(session, trunk),
      settled: (invite) => {
        if (this.#pending.delete(invite.dialogKey)) this.#gate.overload.left(invite.trunk.name);
      },
    };
    this.#gate = new Gate({
      options,
      clock: this.#clock,
      random: this.#random,
      log: this.#log,
      respond: (transaction, status, why, detail) => this.#refuse(transaction, status, why, detail),
      capabilities: () => this.#host.capabilities('response'),
      timerPolicy: this.#host.timerPolicy,
    });
  }

  /** Takes and sends messages by this transport from now on. */
  listen(transport: Transport): void {
    this.#wire.add(transport, (inbound, by) => this.#layer.receive(inbound, by));
  }

  get transports(): readonly Transport[] {
    return this.#wire.transports;
  }

  stats(): AgentStats {
    return this.#stats.snapshot({
      turnedAway: this.#gate.overload.turnedAway,
      transactions: this.#layer.active,
      dialogs: this.#sessions.size,
    });
  }

  /** Places a call. Resolves with the final response; rejects never. */
  invite(call: OutgoingInvite): Promise<InviteOutcome> {
    return new Promise((done) => {
      new OutgoingCall(this.#host, call, (session) => this.#sessions.set(session.dialog.key, session), done).start();
    });
  }

  /**
   * Takes up a session that another process saved: its requests are answered, its timers go on, a 200 whose ACK was not seen is repeated.
   * @throws EarshotError BAD_REQUEST when the state cannot be read
   */
  restore(state: DialogState, handlers: SessionHandlers): Session {
    if (!isDialogState(state)) throw new EarshotError('BAD_REQUEST', 'this is not the saved state of a SIP session.');
    const session = DialogSession.restore(this.#host, state, handlers);
    this.#keep(session, this.#gate.trunkOf({ tlsNames: [], flow: undefined, ...session.path }));
    if (state.invite !== null) this.#answeredBefore.set(state.invite.transaction, session);
    return session;
  }

  /**
   * Closes the sockets and drops all timers. Sessions are not hung up: they can be restored elsewhere. Nothing of theirs is called any more.
   */
  async close(): Promise<void> {
    for (const session of this.#sessions.values()) session.detach();
    for (const invite of this.#pending.values()) invite.drop();
    this.#sessions.clear();
    this.#trunks.clear();
    this.#answeredBefore.clear();
    this.#layer.close();
    this.#gate.close();
    await this.#wire.close();
  }

  #request(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (tagOf(request.headers.get('To')) !== undefined) {
      return this.#gate.admitWithin(transaction) ? this.#within(transaction) : undefined;
    }
    const trunk = this.#gate.trunkOf(transaction.source);
    if (trunk === undefined) return undefined;
    const timer = this.#gate.admitInvite(transaction, trunk);
    if (timer === undefined) return undefined;
    const invite = new PendingInvite(this.#inviteContext, transaction, trunk, timer);
    this.#pending.set(invite.dialogKey, invite);
    this.#gate.overload.joined(trunk.name);
    if (this.onInvite === undefined) return invite.reject(480);
    try {
      return this.onInvite(invite);
    } catch (error) {
      this.#log.error({ err: String(error) }, 'an INVITE could not be handled');
      return invite.reject(500);
    }
  }

  /** A request with a To tag: of a session, or of an INVITE that is not answered yet, or of nothing. */
  #within(transaction: ServerTransaction): void {
    const session = this.#sessionOf(transaction.request);
    if (session !== undefined) return session.receive(transaction);
    const early = this.#pending.get(keyOf(transaction.request));
    if (early === undefined) return this.#refuse(transaction, 481, 'no dialog');
    if (transaction.request.method === 'BYE') {
      this.#host.respond(transaction, 200);
      return early.cancelled();
    }
    // RFC 3311 §5.2, RFC 3261 §14.2: the INVITE's offer is not answered yet.
    return this.#refuse(transaction, 500, 'early dialog', { headers: { 'Retry-After': '2' } });
  }

  #sessionOf(request: SipRequest): DialogSession | undefined {
    return this.#sessions.get(keyOf(request));
  }

  #cancelled(transaction: ServerTransaction): void {
    for (const invite of this.#pending.values()) {
      if (invite.transaction === transaction) return invite.cancelled();
    }
    return void this.#host.respond(transaction, 487);
  }

  #screen(request: SipRequest, key: string, source: Source, target: Target): 'handled' | Refused | undefined {
    const trunk = this.#gate.trunkOf(source);
    if (trunk === undefined) return this.#gate.turnAway(request, source);
    const session = request.method === 'INVITE' ? this.#answeredBefore.get(key) : undefined;
    if (session?.answered?.transaction === key) {
      session.repeatAnswer(target);
      return 'handled';
    }
    const within = tagOf(request.headers.get('To')) !== undefined;
    if (within && (this.#sessionOf(request) ?? this.#pending.get(keyOf(request))) !== undefined) return undefined;
    // Of a transaction rather than of a dialog; the layer looks for it.
    if (request.method === 'CANCEL') return undefined;
    if (request.method === 'INVITE' && !within) return this.#gate.screenInvite(request, key, trunk);
    return this.#gate.screenOther(request, source);
  }

  #refuse(transaction: ServerTransaction, status: number, why: string, detail: ResponseDetail = {}): void {
    this.#stats.refused(status, why);
    this.#host.respond(transaction, status, detail);
  }

  #makeHost(): SessionHost {
    const { product, accept, extensions, minSessionSeconds, sessionSeconds } = this.#options;
    const common = {
      Allow: ALLOWED,
      Supported: ['timer', ...(extensions ?? [])].join(', '),
      Accept: (accept ?? ['application/sdp']).join(', '),
    };
    return {
      clock: this.#clock,
      random: this.#random,
      log: this.#log,
      timers: this.#layer.timers,
      timerPolicy: {
        least: Math.max(minSessionSeconds ?? LEAST_SECONDS, LEAST_SECONDS),
        usual: sessionSeconds ?? USUAL_SECONDS,
      },
      contact: (path, params) => this.#wire.contact(path, params),
      capabilities: (of) => ({ ...common, [of === 'request' ? 'User-Agent' : 'Server']: product }),
      respond: (transaction, status, detail) => this.#respond(transaction, status, detail),
      send: (request, nextHop, path, user, started) => this.#send(request, nextHop, path, user, started),
      cancel: (invite, user) => this.#layer.cancel(invite, user),
      sendAck: (ack, nextHop, path) => this.#sendAck(ack, nextHop, path),
      resend: (response, path) => this.#wire.retransmit(response, path),
      ended: (session) => this.#forget(session),
    };
  }

  #respond(transaction: ServerTransaction, status: number, detail: ResponseDetail = {}): boolean {
    const headers = status === 100 ? detail.headers : { Server: this.#options.product, ...detail.headers };
    const response: SipResponse = createResponse(transaction.request, status, {
      toTag: this.#random(8).toString('hex'),
      ...detail,
      ...(headers !== undefined && { headers }),
    });
    return transaction.respond(response);
  }

  #send(
    request: SipRequest,
    nextHop: string,
    path: Path,
    user: ClientUser,
    started?: (transaction: ClientTransaction) => void,
  ): void {
    this.#wire.way(
      nextHop,
      path,
      ({ transport, target }) => {
        const transaction = this.#layer.request(request, transport, target, user);
        started?.(transaction);
      },
      (error) => user.onTransportError(error),
    );
  }

  #sendAck(ack: SipRequest, nextHop: string, path: Path): void {
    const ignore = (): void => undefined;
    this.#wire.way(
      nextHop,
      path,
      ({ transport, target }) => {
        this.#layer.stamp(ack, transport, target);
        this.#wire.transmit(transport, ack, target, ignore);
      },
      ignore,
    );
  }

  #keep(session: DialogSession, trunk: TrunkConfig | undefined): void {
    this.#sessions.set(session.dialog.key, session);
    if (trunk === undefined) return;
    this.#trunks.set(session, trunk.name);
    this.#gate.overload.joined(trunk.name);
  }

  #forget(session: DialogSession): void {
    if (this.#sessions.get(session.dialog.key) === session) this.#sessions.delete(session.dialog.key);
    const trunk = this.#trunks.get(session);
    if (trunk !== undefined && this.#trunks.delete(session)) this.#gate.overload.left(trunk);
    const key = session.answered?.transaction;
    if (key !== undefined && this.#answeredBefore.get(key) === session) this.#answeredBefore.delete(key);
  }
}

/** The key of the dialog that a peer's request names: our tag is in To, theirs in From. */
function keyOf(request: SipRequest): string {
  const { headers } = request;
  return dialogKey(headers.get('Call-ID') ?? '', tagOf(headers.get('To')) ?? '', tagOf(headers.get('From')) ?? '');
}

import type { SipRequest, SipResponse } from '../message.ts';
import type { Source, Target, Transport } from '../transport/types.ts';
import { inviteServer, type InviteServerEvent, type InviteServerState } from './invite-server.ts';
import { requestServer, type RequestServerEvent, type RequestServerState } from './request-server.ts';
import { createResponse } from './response.ts';
import { type ServerUser, Transaction, type TransactionContext } from './transaction.ts';

type State = InviteServerState | RequestServerState;
type Event = InviteServerEvent | RequestServerEvent;

/**
 * A request of a peer until its final response has arrived there (RFC 3261 §17.2). Once that is sent it waits for half a minute to know the request
 * when it comes again, with thousands of others: by then it holds no more of it than its key.
 */
export class ServerTransaction extends Transaction<State, Event> {
  readonly source: Source;
  /** Set by the user as soon as it gets the request. */
  user: ServerUser = {};
  /** What a copy of the request by another way would have in common with it (§8.2.2.2), where it has the layer's attention for that. */
  merge: string | undefined;
  readonly #onRequest: (transaction: ServerTransaction) => void;
  #finalStatus: number | undefined;
  #latest: Source;

  constructor(
    context: TransactionContext,
    key: string,
    request: SipRequest,
    transport: Transport,
    source: Source,
    target: Target,
    onRequest: (transaction: ServerTransaction) => void,
  ) {
    const machine = request.method === 'INVITE' ? inviteServer : requestServer;
    super(machine, context, key, request, transport, target);
    this.source = source;
    this.#latest = source;
    this.#onRequest = onRequest;
  }

  /** The final status that was sent, if any. */
  get finalStatus(): number | undefined {
    return this.#finalStatus;
  }

  /** Where its responses go. */
  get destination(): Target {
    return this.target;
  }

  start(): void {
    this.begin(this.request);
  }

  /** The request came again. */
  repeated(): void {
    this.dispatch('request');
  }

  acknowledged(ack: SipRequest, source: Source): void {
    this.#latest = source;
    if (this.allows('ack')) this.dispatch('ack', ack);
  }

  /**
   * Sends a response and takes care of its retransmission; that of an INVITE's 2xx is the user's (call this again with it).
   * @returns false when it comes too late: another final response was sent, or the transaction is over
   */
  respond(response: SipResponse): boolean {
    const event = this.responseEvent(response.status);
    if (!this.allows(event)) return false;
    if (response.status >= 200) this.#finalStatus = response.status;
    this.dispatch(event, response);
    if (response.status >= 200) this.#answered();
    return true;
  }

  #answered(): void {
    this.forgetRequest();
    // RFC 6026 §7.1: a repeated INVITE is absorbed now, and the user sends the 2xx again.
    if (this.state === 'accepted') this.forgetLast();
  }

  protected override deliver(message: SipRequest | SipResponse): void {
    if (message.kind !== 'request') return;
    if (message.method === 'ACK') this.user.onAck?.(message, this.#latest);
    else this.#onRequest(this);
  }

  protected override sendTrying(): void {
    this.remember(createResponse(this.request, 100));
  }

  protected override timedOut(): void {
    this.user.onTimeout?.();
  }

  protected override transportLost(error: Error): void {
    this.user.onTransportError?.(error);
  }
}

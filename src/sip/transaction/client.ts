import type { SipRequest, SipResponse } from '../message.ts';
import type { Target, Transport } from '../transport/types.ts';
import { inviteClient, type InviteClientEvent, type InviteClientState } from './invite-client.ts';
import { createRefusalAck } from './request.ts';
import { requestClient, type RequestClientEvent, type RequestClientState } from './request-client.ts';
import { type ClientUser, Transaction, type TransactionContext } from './transaction.ts';

type State = InviteClientState | RequestClientState;
type Event = InviteClientEvent | RequestClientEvent;

/** A request of ours until its final response (RFC 3261 §17.1). */
export class ClientTransaction extends Transaction<State, Event> {
  readonly #user: ClientUser;

  constructor(
    context: TransactionContext,
    key: string,
    request: SipRequest,
    transport: Transport,
    target: Target,
    user: ClientUser,
  ) {
    const machine = request.method === 'INVITE' ? inviteClient : requestClient;
    super(machine, context, key, request, transport, target);
    this.#user = user;
  }

  start(): void {
    this.begin(this.request);
  }

  received(response: SipResponse): void {
    this.dispatch(this.responseEvent(response.status), response);
  }

  /** Where it is sent: a CANCEL and an ACK must go the same way. */
  get destination(): Target {
    return this.target;
  }

  protected override get timerECapped(): boolean {
    return this.state === 'proceeding';
  }

  protected override deliver(message: SipRequest | SipResponse): void {
    if (message.kind === 'response') this.#user.onResponse(message);
  }

  protected override acknowledge(response: SipResponse): void {
    this.transmit(createRefusalAck(this.request, response));
  }

  protected override timedOut(): void {
    this.#user.onTimeout();
  }

  protected override transportLost(error: Error): void {
    this.#user.onTransportError(error);
  }
}

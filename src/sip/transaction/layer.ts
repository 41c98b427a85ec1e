import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import { messageOf } from '../../base/errors.ts';
import type { SipMessage, SipRequest, SipResponse } from '../message.ts';
import { SipParseError } from '../parse-error.ts';
import { responseTarget, stampVia } from '../transport/response-route.ts';
import type { Inbound, Source, Target, Transport } from '../transport/types.ts';
import { ClientTransaction } from './client.ts';
import { clientKey, MAGIC_COOKIE, mergeKey, serverKey } from './matching.ts';
import { createCancel } from './request.ts';
import { createResponse, type ResponseDetail, tagOf } from './response.ts';
import { ServerTransaction } from './server.ts';
import { RFC_TIMERS, type TransactionTimers } from './timers.ts';
import type { ClientUser, TransactionContext } from './transaction.ts';

export interface LayerOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timers?: TransactionTimers | undefined;
  /** Most transactions of both sides at once. */
  readonly limit: number;
  /** Puts bytes on the wire, traces and counts them. */
  readonly transmit: TransactionContext['transmit'];
  /** Our sent-by for a request that goes out by this transport. */
  readonly sentBy: (transport: Transport, target: Target) => { host: string; port: number };
  readonly user: LayerUser;
}

/** An answer that leaves no transaction behind (RFC 3261 §8.2.7). */
export interface Refused {
  readonly status: number;
  /** For the counters. */
  readonly why: string;
  /** Reason phrase, where the usual one tells too little. */
  readonly reason?: string;
  readonly headers?: ResponseDetail['headers'];
}

/** The transaction user (RFC 3261 §5). */
export interface LayerUser {
  /** A new request other than ACK and CANCEL. */
  onRequest(transaction: ServerTransaction): void;
  /** An ACK that belongs to no refusal: that of a 2xx. */
  onAck(ack: SipRequest, source: Source): void;
  /** The INVITE of a CANCEL that has been answered 200; it has no final response yet. */
  onCancel(invite: ServerTransaction, cancel: SipRequest): void;
  /**
   * A request that belongs to no transaction yet, ACK aside. `handled`: nothing more is done (an INVITE from before a restart); a status:
   * answered without state, so that nobody can fill the table with what comes to nothing; undefined: it becomes a transaction.
   */
  screen(request: SipRequest, key: string, source: Source, target: Target): 'handled' | Refused | undefined;
  /** A response that answers nothing: true when it was of use. */
  onStrayResponse(response: SipResponse): void;
  /** Something was refused before it became a transaction. */
  onRefused(status: number, why: string): void;
}

/** Matches what comes in to transactions, makes new ones, and forgets them when they end (RFC 3261 §17). */
export class TransactionLayer {
  readonly #options: LayerOptions;
  readonly #context: TransactionContext;
  readonly #servers = new Map<string, ServerTransaction>();
  readonly #clients = new Map<string, ClientTransaction>();
  readonly #merges = new Map<string, string>();

  constructor(options: LayerOptions) {
    this.#options = options;
    this.#context = {
      clock: options.clock,
      timers: options.timers ?? RFC_TIMERS,
      transmit: options.transmit,
      ended: (key) => this.#forget(key),
    };
  }

  get active(): number {
    return this.#servers.size + this.#clients.size;
  }

  get timers(): TransactionTimers {
    return this.#context.timers;
  }

  /** Takes one message from a transport. Never throws. */
  receive(inbound: Inbound, transport: Transport): void {
    try {
      this.#receive(inbound.message, transport, inbound.source);
    } catch (error) {
      if (error instanceof SipParseError) this.#refuseUnreadable(inbound.message, error, transport, inbound.source);
      else this.#options.log.error({ err: messageOf(error) }, 'a SIP message could not be handled');
    }
  }

  /** Sends a request of ours with a new branch on top. Not for the ACK of a 2xx. */
  request(request: SipRequest, transport: Transport, target: Target, user: ClientUser): ClientTransaction {
    const branch = this.stamp(request, transport, target);
    return this.#startClient(request, `${request.method} ${branch.toLowerCase()}`, transport, target, user);
  }

  /** The CANCEL of a pending INVITE of ours (RFC 3261 §9.1): goes the INVITE's way, with its branch. */
  cancel(invite: ClientTransaction, user: ClientUser): void {
    if (invite.state !== 'proceeding') return;
    const key = invite.key.replace(/^INVITE /, 'CANCEL ');
    if (this.#clients.has(key)) return;
    this.#startClient(createCancel(invite.request), key, invite.transport, invite.destination, user);
  }

  /** Puts our Via on top of a request. @returns its branch */
  stamp(request: SipRequest, transport: Transport, target: Target): string {
    const branch = MAGIC_COOKIE + this.#options.random(12).toString('hex');
    const { host, port } = this.#options.sentBy(transport, target);
    const name = host.includes(':') ? `[${host}]` : host;
    request.headers.prepend(
      'Via',
      `SIP/2.0/${transport.protocol.toUpperCase()} ${name}:${port};branch=${branch};rport`,
    );
    return branch;
  }

  /** Drops everything at once, timers included. */
  close(): void {
    for (const one of [...this.#servers.values(), ...this.#clients.values()]) one.abandon();
    this.#merges.clear();
  }

  #receive(message: SipMessage | SipParseError, transport: Transport, source: Source): void {
    if (message instanceof SipParseError) throw message;
    if (message.kind === 'response') return this.#receiveResponse(message);
    const via = stampVia(message, source);
    const key = serverKey(message);
    const known = this.#servers.get(key);
    if (message.method === 'ACK') {
      if (known === undefined) this.#options.user.onAck(message, source);
      else known.acknowledged(message, source);
      return undefined;
    }
    if (known !== undefined) return known.repeated();
    return this.#receiveNew(message, key, transport, source, responseTarget(via, source));
  }

  #receiveNew(request: SipRequest, key: string, transport: Transport, source: Source, target: Target): void {
    const screened = this.#options.user.screen(request, key, source, target);
    if (screened === 'handled') return;
    if (screened !== undefined) {
      const { status, why, headers, reason } = screened;
      return this.#refuse(request, status, why, transport, target, headers, reason);
    }
    if (request.method === 'CANCEL' && !this.#servers.has(serverKey(request, 'INVITE'))) {
      return this.#refuse(request, 481, 'CANCEL of nothing', transport, target);
    }
    if (this.active >= this.#options.limit) {
      this.#refuse(request, 503, 'too many transactions', transport, target, { 'Retry-After': '5' });
      return;
    }
    const own = ownText(key);
    const transaction = new ServerTransaction(this.#context, own, request, transport, source, target, this.#take);
    this.#servers.set(own, transaction);
    transaction.start();
  }

  /** One for all: a function of each transaction's own would hold on to its request. */
  readonly #take = (transaction: ServerTransaction): void => {
    if (transaction.request.method === 'CANCEL') this.#cancelled(transaction);
    else this.#admit(transaction);
  };

  /** RFC 3261 §8.2.2.2: the same request by another way, while the first copy is being worked on. */
  #admit(transaction: ServerTransaction): void {
    const { request } = transaction;
    if (tagOf(request.headers.get('To')) === undefined) {
      const merge = ownText(mergeKey(request));
      if (this.#merges.has(merge)) {
        this.#options.user.onRefused(482, 'merged request');
        transaction.respond(this.#response(request, 482));
        return;
      }
      this.#merges.set(merge, transaction.key);
      transaction.merge = merge;
    }
    try {
      this.#options.user.onRequest(transaction);
    } catch (error) {
      this.#options.log.error({ err: messageOf(error), method: request.method }, 'a SIP request could not be handled');
      transaction.respond(this.#response(request, 500));
    }
  }

  /** RFC 3261 §9.2. */
  #cancelled(cancel: ServerTransaction): void {
    const { request } = cancel;
    const invite = this.#servers.get(serverKey(request, 'INVITE'));
    if (invite === undefined) return;
    cancel.respond(this.#response(request, 200));
    if (invite.state === 'proceeding') this.#options.user.onCancel(invite, request);
  }

  #receiveResponse(response: SipResponse): void {
    const transaction = this.#clients.get(clientKey(response));
    if (transaction === undefined) this.#options.user.onStrayResponse(response);
    else transaction.received(response);
  }

  #startClient(
    request: SipRequest,
    key: string,
    transport: Transport,
    target: Target,
    user: ClientUser,
  ): ClientTransaction {
    const transaction = new ClientTransaction(this.#context, key, request, transport, target, user);
    this.#clients.set(key, transaction);
    transaction.start();
    return transaction;
  }

  #refuseUnreadable(
    message: SipMessage | SipParseError,
    error: SipParseError,
    transport: Transport,
    source: Source,
  ): void {
    const request = message instanceof SipParseError ? message.answerable : message;
    if (request === null || request.kind !== 'request' || request.method === 'ACK') {
      this.#options.user.onRefused(error.status, 'unreadable, not answered');
      return;
    }
    try {
      const target = responseTarget(stampVia(request, source), source);
      this.#refuse(request, error.status, 'unreadable', transport, target, {}, error.reason);
    } catch {
      this.#options.user.onRefused(error.status, 'unreadable, not answered');
    }
  }

  /** Without a transaction, as a stateless server may (§8.2.7): a repeated request gets a new copy of the answer. */
  #refuse(
    request: SipRequest,
    status: number,
    why: string,
    transport: Transport,
    target: Target,
    headers: ResponseDetail['headers'] = {},
    reason?: string,
  ): void {
    if (status >= 300) this.#options.user.onRefused(status, why);
    const response = createResponse(request, status, {
      toTag: 'stateless',
      headers,
      ...(reason !== undefined && { reason }),
    });
    this.#options.transmit(transport, response, target, () => undefined);
  }

  #response(request: SipRequest, status: number): SipResponse {
    return createResponse(request, status, { toTag: this.#options.random(8).toString('hex') });
  }

  #forget(key: string): void {
    const server = this.#servers.get(key);
    if (server === undefined) {
      this.#clients.delete(key);
      return;
    }
    this.#servers.delete(key);
    if (server.merge !== undefined) this.#merges.delete(server.merge);
  }
}

/** The same text, which no more holds the message that it was put together from: transactions outlive theirs by half a minute. */
function ownText(text: string): string {
  return Buffer.from(text).toString();
}

import type { Clock, Timer } from '../../base/clock.ts';
import { Headers } from '../headers.ts';
import { EMPTY_BODY, type SipRequest, type SipResponse } from '../message.ts';
import type { Source, Target, Transport } from '../transport/types.ts';
import type { Action, Machine } from './machine.ts';
import { timerDuration, type TimerName, type TransactionTimers } from './timers.ts';

/** What a transaction needs of the layer that holds it. */
export interface TransactionContext {
  readonly clock: Clock;
  readonly timers: TransactionTimers;
  /** Puts a message on the wire; `failed` at most once, possibly before this returns. */
  transmit(
    transport: Transport,
    message: SipRequest | SipResponse,
    target: Target,
    failed: (error: Error) => void,
  ): void;
  /** The transaction is over and may be forgotten. */
  ended(key: string): void;
}

const NO_HEADERS = new Headers();

/** Runs one machine: keeps its state, its timers and the message that it retransmits. */
export abstract class Transaction<State extends string, Event extends string> {
  readonly key: string;
  readonly transport: Transport;
  protected readonly context: TransactionContext;
  protected target: Target;
  readonly #machine: Machine<State, Event>;
  readonly #timers = new Map<TimerName, Timer>();
  /** Of timers that repeat. */
  #rounds: Map<TimerName, number> | null = null;
  #request: SipRequest;
  #state: State;
  #last: SipRequest | SipResponse | undefined;

  constructor(
    machine: Machine<State, Event>,
    context: TransactionContext,
    key: string,
    request: SipRequest,
    transport: Transport,
    target: Target,
  ) {
    this.#machine = machine;
    this.#state = machine.initial;
    this.context = context;
    this.key = key;
    this.#request = request;
    this.transport = transport;
    this.target = target;
  }

  /** URI, headers and body are there until {@link forgetRequest}. */
  get request(): SipRequest {
    return this.#request;
  }

  get state(): State {
    return this.#state;
  }

  get terminated(): boolean {
    return this.#state === 'terminated';
  }

  /** Stops without telling anybody: the agent closes. */
  abandon(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.#state = 'terminated' as State;
    this.context.ended(this.key);
  }

  protected begin(message: SipRequest): void {
    this.#perform(this.#machine.begin, message);
  }

  protected allows(event: Event): boolean {
    return this.#machine.allows(this.#state, event);
  }

  protected responseEvent(status: number): Event {
    return this.#machine.responseEvent(status);
  }

  /** The one way on. What comes after the end (a late error of a socket) is dropped. */
  protected dispatch(event: Event, message?: SipRequest | SipResponse): void {
    if (this.terminated) return;
    const step = this.#machine.transition(this.#state, event);
    this.#state = step.next;
    if (this.terminated) this.#finish();
    this.#perform(step.actions, message);
  }

  protected abstract deliver(message: SipRequest | SipResponse): void;
  protected abstract timedOut(): void;
  protected abstract transportLost(error: Error): void;
  protected acknowledge(_response: SipResponse): void {
    // Only INVITE clients do.
  }
  protected sendTrying(): void {
    // Only INVITE servers do.
  }
  protected get timerECapped(): boolean {
    return false;
  }

  protected remember(message: SipRequest | SipResponse): void {
    this.#last = message;
    this.transmit(message);
  }

  /** Nobody will ask for more of it than its method. */
  protected forgetRequest(): void {
    const { kind, method, version } = this.#request;
    this.#request = { kind, method, uri: '', version, headers: NO_HEADERS, body: EMPTY_BODY };
  }

  /** It will not be sent again by this transaction. */
  protected forgetLast(): void {
    this.#last = undefined;
  }

  protected transmit(message: SipRequest | SipResponse): void {
    this.context.transmit(this.transport, message, this.target, (error) => {
      this.#error = error;
      this.dispatch('error' as Event);
    });
  }

  #error: Error | undefined;

  #perform(actions: readonly Action[], message: SipRequest | SipResponse | undefined): void {
    for (const action of actions) this.#do(action, message);
  }

  #do(action: Action, message: SipRequest | SipResponse | undefined): void {
    if (action === 'send') this.remember(message!);
    else if (action === 'resend') this.#resend();
    else if (action === 'deliver') this.deliver(message!);
    else if (action === 'ack') this.acknowledge(message as SipResponse);
    else if (action === 'trying') this.sendTrying();
    else if (action === 'timeout') this.timedOut();
    else if (action === 'lost') this.transportLost(this.#error ?? new Error('transport failed'));
    else this.#timer(action);
  }

  #resend(): void {
    if (this.#last !== undefined) this.transmit(this.#last);
  }

  #timer(action: `start ${TimerName}` | `stop ${TimerName}`): void {
    const [verb, name] = action.split(' ') as ['start' | 'stop', TimerName];
    this.#timers.get(name)?.cancel();
    this.#timers.delete(name);
    if (verb === 'stop' || this.terminated) return;
    const resends = name === 'A' || name === 'E' || name === 'G';
    if (resends && this.transport.reliable) return;
    const round = this.#rounds?.get(name) ?? 0;
    if (resends) (this.#rounds ??= new Map()).set(name, round + 1);
    const ms = timerDuration(name, this.context.timers, this.transport, round, this.timerECapped);
    if (ms === 0) return this.dispatch(name as string as Event);
    const timer = this.context.clock.after(ms, () => {
      this.#timers.delete(name);
      this.dispatch(name as string as Event);
    });
    this.#timers.set(name, timer);
  }

  #finish(): void {
    for (const timer of this.#timers.values()) timer.cancel();
    this.#timers.clear();
    this.context.ended(this.key);
  }
}

/** The layer's user on the answering side. */
export interface ServerUser {
  /** An ACK that belongs to a 2xx but came with the INVITE's branch (RFC 6026 §7.1). */
  onAck?(request: SipRequest, source: Source): void;
  /** No ACK came for a 300–699 (timer H). */
  onTimeout?(): void;
  onTransportError?(error: Error): void;
}

/** The layer's user on the asking side. Exactly one of a final response, a timeout or a transport error comes first. */
export interface ClientUser {
  /** Provisional and final responses; an INVITE's 2xx also when it is repeated. */
  onResponse(response: SipResponse): void;
  onTimeout(): void;
  onTransportError(error: Error): void;
}

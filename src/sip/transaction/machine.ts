import type { Step as AnyStep, Table as AnyTable } from '../table.ts';
import type { TimerName } from './timers.ts';

export { lookUp, to } from '../table.ts';

/**
 * What a machine asks of whoever runs it. `send` puts the event's message on the wire and remembers it, `resend` repeats the remembered one,
 * `deliver` hands the event's message to the user, `ack` acknowledges a refusal, `trying` makes and sends a 100, `timeout` and `lost`
 * tell the user that nothing came or that the transport failed.
 */
export type Action =
  'send' | 'resend' | 'deliver' | 'ack' | 'trying' | 'timeout' | 'lost' | `start ${TimerName}` | `stop ${TimerName}`;

export type Step<State extends string> = AnyStep<State, Action>;
export type Table<State extends string, Event extends string> = AnyTable<State, Event, Action>;

/** One of the four transaction machines: pure, without sockets or clocks. */
export interface Machine<State extends string, Event extends string> {
  readonly name: string;
  readonly initial: State;
  /** Done when the transaction is made. */
  readonly begin: readonly Action[];
  /** @throws IllegalTransition */
  transition(state: State, event: Event): Step<State>;
  allows(state: State, event: Event): boolean;
  /** The event that a response of this status is. */
  responseEvent(status: number): Event;
}

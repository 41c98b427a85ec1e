import type { SipMessage } from '../message.ts';

/** Counters since the start, and what is active now; a plain object for metrics. */
export interface AgentStats {
  readonly requestsIn: Readonly<Record<string, number>>;
  readonly requestsOut: Readonly<Record<string, number>>;
  /** By class: `1xx` … `6xx`. */
  readonly responsesIn: Readonly<Record<string, number>>;
  readonly responsesOut: Readonly<Record<string, number>>;
  /** Refused requests by `status reason`. */
  readonly refused: Readonly<Record<string, number>>;
  /** New calls for which there was no room. */
  readonly turnedAway: number;
  readonly transactions: number;
  readonly dialogs: number;
}

/** Names of other methods are the sender's to choose and must not make new counters. */
const METHODS = new Set([
  'INVITE',
  'ACK',
  'BYE',
  'CANCEL',
  'OPTIONS',
  'REGISTER',
  'UPDATE',
  'INFO',
  'PRACK',
  'REFER',
  'NOTIFY',
  'SUBSCRIBE',
  'MESSAGE',
  'PUBLISH',
]);

export class StatsCounter {
  readonly #requests = { in: new Map<string, number>(), out: new Map<string, number>() };
  readonly #responses = { in: new Map<string, number>(), out: new Map<string, number>() };
  readonly #refused = new Map<string, number>();

  count(direction: 'in' | 'out', message: SipMessage): void {
    if (message.kind === 'request') {
      count(this.#requests[direction], METHODS.has(message.method) ? message.method : 'other');
    } else count(this.#responses[direction], `${Math.floor(message.status / 100)}xx`);
  }

  refused(status: number, why: string): void {
    count(this.#refused, `${status} ${why}`);
  }

  snapshot(active: Pick<AgentStats, 'turnedAway' | 'transactions' | 'dialogs'>): AgentStats {
    return {
      requestsIn: Object.fromEntries(this.#requests.in),
      requestsOut: Object.fromEntries(this.#requests.out),
      responsesIn: Object.fromEntries(this.#responses.in),
      responsesOut: Object.fromEntries(this.#responses.out),
      refused: Object.fromEntries(this.#refused),
      ...active,
    };
  }
}

function count(counts: Map<string, number>, name: string): void {
  counts.set(name, (counts.get(name) ?? 0) + 1);
}

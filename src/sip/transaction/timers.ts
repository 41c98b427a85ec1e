/** Base values of RFC 3261 §17.1.1.1 in milliseconds, from which timers A to M are made (table 4, RFC 6026 §8). */
export interface TransactionTimers {
  /** Estimate of the round-trip time. */
  readonly t1: number;
  /** Longest interval between retransmissions of anything but an INVITE request. */
  readonly t2: number;
  /** How long a message may linger in the network. */
  readonly t4: number;
}

export const RFC_TIMERS: TransactionTimers = { t1: 500, t2: 4000, t4: 5000 };

/** Timers of the transaction machines, by the RFC's letters; `Try` is the 200 ms after which a 100 leaves (§17.2.1). */
export type TimerName = 'A' | 'B' | 'D' | 'E' | 'F' | 'G' | 'H' | 'I' | 'J' | 'K' | 'L' | 'M' | 'Try';

/**
 * How long a timer runs.
 * @param round how often it has been started before in this transaction
 * @param capped timer E once a provisional response is there: always T2 (§17.1.2.2)
 */
export function timerDuration(
  name: TimerName,
  timers: TransactionTimers,
  transport: { readonly reliable: boolean },
  round: number,
  capped = false,
): number {
  const { t1, t2, t4 } = timers;
  switch (name) {
    case 'A':
      return t1 * 2 ** round;
    case 'E':
    case 'G':
      return capped ? t2 : Math.min(t1 * 2 ** round, t2);
    case 'B':
    case 'F':
    case 'H':
    case 'L':
    case 'M':
      return 64 * t1;
    case 'J':
      return transport.reliable ? 0 : 64 * t1;
    case 'D':
      return transport.reliable ? 0 : Math.max(32_000, 64 * t1);
    case 'I':
    case 'K':
      return transport.reliable ? 0 : t4;
    case 'Try':
    default:
      return 200;
  }
}

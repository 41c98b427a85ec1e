import type { Clock, Timer } from '../../base/clock.ts';
import type { Alarms } from '../alarms.ts';

const EVERY_MS = 1000;
const STEP_MS = 1000;
/** A step is over when it has happened; it is shown this long. */
const STEP_SHOWN_MS = 600_000;
/** Refusals and drops count as over when none came for this long. */
const QUIET_MS = 60_000;
const CERTIFICATE_MS = 30 * 86_400_000;

export interface AlarmWatchParts {
  readonly alarms: Alarms;
  readonly clock: Clock;
  /** Calls turned away for want of room or health since the start. */
  readonly refused: () => number;
  /** Datagrams for our own sockets that the kernel threw away since our start, or null when it does not tell. */
  readonly dropped: () => number | null;
  /** When the certificate of SIP over TLS runs out, ms since 1970; null without TLS. */
  readonly certificateEnds: number | null;
}

/** Sees, once a second, what only shows by comparing: clock steps, refused calls, lost packets, a certificate that runs out. */
export class AlarmWatch {
  readonly #parts: AlarmWatchParts;
  readonly #refused: Growth;
  readonly #dropped: Growth;
  /** Wall minus monotonic time. */
  #offset: number;
  #stepped: { readonly at: number; readonly text: string } | null = null;
  #timer: Timer | undefined;

  constructor(parts: AlarmWatchParts) {
    this.#parts = parts;
    const { clock } = parts;
    this.#offset = clock.now() - clock.mono();
    this.#refused = new Growth(clock, parts.refused());
    this.#dropped = new Growth(clock, parts.dropped() ?? 0);
  }

  start(): void {
    this.#timer = this.#parts.clock.after(EVERY_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  look(): void {
    const { alarms, refused, dropped, clock, certificateEnds } = this.#parts;
    this.#lookAtClock();
    const calls = this.#refused.recent(refused());
    alarms.set('calls-refused', calls === 0 ? null : `${calls} calls were turned away: see limits, disk and ports.`);
    const packets = this.#dropped.recent(dropped() ?? 0);
    alarms.set(
      'packets-lost',
      packets === 0
        ? null
        : `The kernel threw ${packets} datagrams away: raise net.core.rmem_max, or take fewer calls.`,
    );
    const ends = certificateEnds !== null && certificateEnds - clock.now() < CERTIFICATE_MS;
    const day = ends ? new Date(certificateEnds).toISOString().slice(0, 10) : '';
    alarms.set('sip-certificate-old', ends ? `The certificate of SIP over TLS runs out on ${day}.` : null);
  }

  #lookAtClock(): void {
    const { alarms, clock } = this.#parts;
    const offset = clock.now() - clock.mono();
    const by = offset - this.#offset;
    this.#offset = offset;
    if (Math.abs(by) > STEP_MS) {
      // A second step is an alarm of its own.
      alarms.set('clock-step', null);
      const text = `The wall clock was set ${by > 0 ? 'forward' : 'back'} by ${(Math.abs(by) / 1000).toFixed(1)} s; durations are not affected.`;
      this.#stepped = { at: clock.mono(), text };
    }
    if (this.#stepped !== null && clock.mono() - this.#stepped.at >= STEP_SHOWN_MS) this.#stepped = null;
    alarms.set('clock-step', this.#stepped?.text ?? null);
  }
}

/** How much a counter has grown since it last stood still for {@link QUIET_MS}. */
class Growth {
  readonly #clock: Clock;
  #from: number;
  #last: number;
  #grewAt = Number.NEGATIVE_INFINITY;

  constructor(clock: Clock, value: number) {
    this.#clock = clock;
    this.#from = value;
    this.#last = value;
  }

  recent(value: number): number {
    const now = this.#clock.mono();
    if (value > this.#last) this.#grewAt = now;
    else if (now - this.#grewAt >= QUIET_MS) this.#from = value;
    this.#last = value;
    return Math.max(0, value - this.#from);
  }
}

import type { Clock, Timer } from '../base/clock.ts';
import type { Recorder } from './recorder.ts';
import type { RecordedCall } from './call/call.ts';
import type { StreamFigures } from './ports.ts';

const EVERY_MS = 1000;

export interface WatchLimits {
  readonly silenceSeconds: number;
  readonly maxCallHours: number;
}

/**
 * Closes the calls that nobody ends: no RTP while a stream should have some (after CANCEL some clients send nothing more), or
 * older than any call may be.
 */
export class CallWatch {
  readonly #recorder: Recorder;
  readonly #figures: (callId: string) => readonly StreamFigures[];
  readonly #limits: WatchLimits;
  readonly #clock: Clock;
  #timer: Timer | undefined;

  constructor(
    recorder: Recorder,
    figures: (callId: string) => readonly StreamFigures[],
    limits: WatchLimits,
    clock: Clock,
  ) {
    this.#recorder = recorder;
    this.#figures = figures;
    this.#limits = limits;
    this.#clock = clock;
  }

  start(): void {
    this.#timer = this.#clock.after(EVERY_MS, () => {
      this.look();
      this.start();
    });
  }

  stop(): void {
    this.#timer?.cancel();
  }

  look(): void {
    const now = this.#clock.mono();
    for (const call of this.#recorder.running) {
      if (call.phase !== 'running') continue;
      if (now - call.identity.openedMono > this.#limits.maxCallHours * 3_600_000)
        void this.#recorder.hangUp(call, 'max-age');
      else if (this.#silentFor(call, now) > this.#limits.silenceSeconds * 1000)
        void this.#recorder.hangUp(call, 'silence');
    }
  }

  /** Ms without any packet on any stream; 0 while the whole session is held, where silence is right. */
  #silentFor(call: RecordedCall, now: number): number {
    const active = call.streams.journal.filter((stream) => stream.state === 'active');
    if (active.length === 0) {
      if (call.streams.journal.some((stream) => stream.state === 'held')) call.attendedSince = now;
      return now - call.attendedSince;
    }
    let least = now - call.attendedSince;
    for (const stream of this.#figures(call.identity.callId)) {
      if (stream.msSinceLastPacket !== null) least = Math.min(least, stream.msSinceLastPacket);
    }
    return least;
  }
}

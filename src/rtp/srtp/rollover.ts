/** Half of the range of sequence numbers. */
const HALF = 0x8000;
/** A source that was silent this long may have wrapped its sequence numbers meanwhile. */
const SILENCE_MS = 2000;
/** Packets of 2.5 ms; no audio comes faster. */
const MOST_PACKETS_PER_MS = 0.4;
/** A stream that is handed to us in the midst of a call may have wrapped this often: a day of packets of 20 ms. */
const LATE_START = 66;
/** Trials a second beyond the two likely ones: a flood of forged packets must not cost more. */
const TRIALS_PER_SECOND = 1000;

/** The rollover counter that the packet most likely has (RFC 3711, appendix A); -1: from before the first. */
export function estimateRoc(roc: number, highest: number, sequence: number): number {
  if (highest < HALF) return sequence - highest > HALF ? roc - 1 : roc;
  return highest - HALF > sequence ? roc + 1 : roc;
}

/** Counters to try, the likely ones first: what is expected, then all from 0 on. */
export function* candidates(expected: number, most: number): Generator<number> {
  yield expected;
  for (let roc = 0; roc <= Math.max(most, expected + 1); roc++) if (roc !== expected) yield roc;
}

/**
 * How far the search for an unknown rollover counter may go. The counter is not signalled; who comes late, after a restart or in the midst of a stream, has to
 * try. It grows by one in 65,536 packets, so that the stream's age bounds it.
 */
export class RolloverSearch {
  #most = LATE_START;
  #trials = TRIALS_PER_SECOND;
  #since = 0;

  /** The highest counter that makes sense. */
  get most(): number {
    return this.#most;
  }

  /** @param ageMs since the call's opening */
  setAge(ageMs: number): void {
    this.#most = LATE_START + this.mostIn(ageMs);
  }

  isSilent(silenceMs: number): boolean {
    return silenceMs >= SILENCE_MS;
  }

  /** How often a counter may have grown in this time. */
  mostIn(durationMs: number): number {
    return 1 + Math.floor((Math.max(0, durationMs) * MOST_PACKETS_PER_MS) / 0x1_0000);
  }

  /** Whether one more trial may be made; the first two counters cost nothing. */
  allows(roc: number, nowMs: number): boolean {
    if (roc <= 1) return true;
    if (nowMs - this.#since >= 1000) {
      this.#since = nowMs;
      this.#trials = TRIALS_PER_SECOND;
    }
    if (this.#trials === 0) return false;
    this.#trials--;
    return true;
  }
}

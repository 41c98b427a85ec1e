import type { RecordingPast } from '../link/recordings.ts';
import type { RecordedCall } from './call/call.ts';
import { heldOf } from './call/live-keep.ts';
import { hasVoid, isVoid } from './call/unwanted.ts';
import type { DoneCalls } from './done-calls.ts';
import type { VoidRecords } from './ports.ts';

/** So long what nobody asked for in time is left: who asked the service at the last moment has been promised it. */
const GRACE_MS = 300_000;

function isFreshlyOver(call: RecordedCall): boolean {
  const held = heldOf(call.past);
  if (held?.kept !== false || held.keptBy?.via !== 'timer') return false;
  return call.mono < (call.endedMono ?? 0) + (held.keepMinutes ?? 0) * 60_000 + GRACE_MS;
}

/** What counts of it now: a segment that others' void records are taken out of must not lose what is left for a while. */
function pastNow(call: RecordedCall): RecordingPast {
  if (!isFreshlyOver(call)) return call.past;
  const recordings = call.past.recordings.map((one) => (one.by === 'live-keep' ? { ...one, kept: null } : one));
  return { ...call.past, recordings };
}

/**
 * What of the audio log has become void before its calls are done with: destroyed by a `deny` (D2), held and dropped (S8). It must go soon,
 * also from segments that other calls still need.
 */
export class VoidCalls implements VoidRecords {
  readonly #live: () => Iterable<RecordedCall>;
  readonly #done: DoneCalls;
  /** Calls that are done, all records of which are void. */
  readonly #whole = new Set<string>();

  constructor(live: () => Iterable<RecordedCall>, done: DoneCalls) {
    this.#live = live;
    this.#done = done;
  }

  /** A call that is done, and of which something was void. */
  add(callId: string): void {
    this.#whole.add(callId);
  }

  get calls(): ReadonlySet<string> {
    const calls = new Set<string>();
    for (const callId of this.#whole) {
      // The log holds nothing of it any more.
      if (this.#done.has(callId)) calls.add(callId);
      else this.#whole.delete(callId);
    }
    for (const call of this.#live()) if (hasVoid(pastNow(call))) calls.add(call.identity.callId);
    return calls;
  }

  /** For each look at the log: who is void, asked of many records. */
  look(): (callId: string, baseUs: number, isAudio: boolean) => boolean {
    const pasts = new Map([...this.#live()].map((call) => [call.identity.callId, pastNow(call)]));
    return (callId, baseUs, isAudio) => {
      if (this.#whole.has(callId)) return true;
      const past = pasts.get(callId);
      return past !== undefined && isVoid(past, baseUs, isAudio);
    };
  }
}

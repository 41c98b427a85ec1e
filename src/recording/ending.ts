import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { EndReason } from '../link/journal.ts';
import type { RecordedCall } from './call/call.ts';
import type { CaptureClosing, CapturePort, JournalPort } from './ports.ts';

/** So long a call that ended waits for the disk with its ports and its place under the cap. */
const LET_GO_MS = 10_000;
/** So long its end waits to be journalled: what the log still holds in memory comes to the disk before, or never. */
const GIVE_UP_MS = 60_000;

export interface EndingParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly capture: CapturePort;
  readonly journal: JournalPort;
  readonly alarm: (code: string, text: string | null) => void;
}

/**
 * Brings calls to their end: audio synced, then the end journalled. A disk that does not answer holds up neither ports nor signalling.
 */
export class CallEnding {
  readonly #parts: EndingParts;
  readonly #late = new Set<string>();

  constructor(parts: EndingParts) {
    this.#parts = parts;
  }

  /** Resolves when the call is ended for good, or when it waited for the disk for long enough and may be let go of. */
  async close(call: RecordedCall, reason: EndReason): Promise<void> {
    const { callId } = call.identity;
    const journalled = this.#journal(call, reason);
    if ((await this.#within(LET_GO_MS, journalled)) === 'done') return;
    this.#late.add(callId);
    this.#tellLate();
    this.#parts.log.error({ callId }, 'the disk does not take the end of a call; its ports are given back');
    void journalled.finally(() => {
      this.#late.delete(callId);
      this.#tellLate();
    });
  }

  /** Never rejects: a call ends, whatever the disk says. */
  async #journal(call: RecordedCall, reason: EndReason): Promise<'done'> {
    const { capture, journal, log } = this.#parts;
    const { callId } = call.identity;
    const closing = await this.#within(
      GIVE_UP_MS,
      capture.close(callId).catch((error: unknown) => {
        log.error({ callId, error: messageOf(error) }, 'the capture of a call could not be closed');
        return undefined;
      }),
    );
    try {
      if (closing === undefined) journal.appendLazy(call.changed([UNKNOWN_END]));
      await journal.append(call.ended(reason, closing ?? NOTHING_KNOWN));
    } catch (error) {
      // It is queued and comes to the disk when that takes anything again.
      log.error({ callId, error: messageOf(error) }, 'the end of a call is not on the disk yet');
    }
    call.step('synced');
    call.rest();
    return 'done';
  }

  #tellLate(): void {
    const text = `Calls that ended: ${this.#late.size}, of which the disk has not taken the last of the audio yet.`;
    this.#parts.alarm('call-end-late', this.#late.size === 0 ? null : text);
  }

  #within<T>(ms: number, work: Promise<T>): Promise<T | undefined> {
    return new Promise((resolve, reject) => {
      const timer = this.#parts.clock.after(ms, () => resolve(undefined));
      work.finally(() => timer.cancel()).then(resolve, reject);
    });
  }
}

const NOTHING_KNOWN: CaptureClosing = { segments: [], lastSequence: 0 };

const UNKNOWN_END = {
  type: 'capture-gap',
  text: 'The disk did not confirm the last of the audio; what is missing at the end is not known.',
} as const;

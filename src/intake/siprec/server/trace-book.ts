import { maskTrace } from '../../../sip/agent/trace.ts';
import type { TraceEntry } from '../../../sip/agent/api.ts';

const MOST_WAITING = 2000;
const MOST_OF_ONE = 16;
const MOST_WAITING_BYTES = 16 * 1024 * 1024;

/** One SIP message as it is kept with the call: a line of JSON, secrets and digits masked. */
export interface TraceLine {
  /** Wall time, ms. */
  readonly at: number;
  readonly direction: 'in' | 'out';
  readonly transport: string;
  /** `address:port` of the peer. */
  readonly remote: string;
  readonly text: string;
}

/**
 * Sorts SIP messages to the sessions they belong to. Messages that come before their session is known (the INVITE itself, the 100)
 * wait for it; those of dialogs that come to nothing are forgotten, oldest first.
 */
export class TraceBook {
  readonly #note: (sessionId: string, bytes: Uint8Array) => void;
  readonly #sessions = new Map<string, string>();
  readonly #waiting = new Map<string, TraceEntry[]>();
  #waitingBytes = 0;

  constructor(note: (sessionId: string, bytes: Uint8Array) => void) {
    this.#note = note;
  }

  take(entry: TraceEntry): void {
    if (entry.callId === undefined) return;
    const sessionId = this.#sessions.get(entry.callId);
    if (sessionId === undefined) this.#wait(entry.callId, entry);
    else this.#note(sessionId, lineOf(entry));
  }

  /** From now on messages of this Call-ID belong to the session. */
  open(sipCallId: string, sessionId: string): void {
    this.#sessions.set(sipCallId, sessionId);
    for (const entry of this.#waiting.get(sipCallId) ?? []) this.#note(sessionId, lineOf(entry));
    this.forget(sipCallId);
  }

  close(sipCallId: string): void {
    this.#sessions.delete(sipCallId);
  }

  forget(sipCallId: string): void {
    for (const { bytes } of this.#waiting.get(sipCallId) ?? []) this.#waitingBytes -= bytes.length;
    this.#waiting.delete(sipCallId);
  }

  /** Only an INVITE can become a session; floods of anything else must neither be held nor push the INVITEs out. */
  #wait(sipCallId: string, entry: TraceEntry): void {
    let entries = this.#waiting.get(sipCallId);
    if (entries === undefined) {
      if (entry.direction === 'out' || !isInvite(entry.bytes)) return;
      this.#waiting.set(sipCallId, (entries = []));
    }
    if (entries.length >= MOST_OF_ONE) return;
    entries.push(entry);
    this.#waitingBytes += entry.bytes.length;
    if (refuses(entry)) return this.forget(sipCallId);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_WAITING && this.#waitingBytes <= MOST_WAITING_BYTES) break;
      this.forget(oldest);
    }
    return undefined;
  }
}

function isInvite(bytes: Buffer): boolean {
  return bytes.subarray(0, 7).toString('latin1') === 'INVITE ';
}

/** A final refusal of ours; a challenge is followed by another INVITE with the same Call-ID. */
function refuses({ direction, bytes }: TraceEntry): boolean {
  if (direction === 'in') return false;
  const status = /^SIP\/2\.0 ([3-6]\d\d) /.exec(bytes.subarray(0, 12).toString('latin1'))?.[1];
  return status !== undefined && status !== '401';
}

function lineOf(entry: TraceEntry): Buffer {
  const remote = entry.address.includes(':') ? `[${entry.address}]:${entry.port}` : `${entry.address}:${entry.port}`;
  const line: TraceLine = {
    at: entry.at,
    direction: entry.direction,
    transport: entry.protocol,
    remote,
    text: maskTrace(entry.bytes).toString('utf8'),
  };
  return Buffer.from(JSON.stringify(line));
}

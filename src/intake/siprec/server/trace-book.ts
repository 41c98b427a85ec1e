import { maskTrace } from '../../../sip/agent/trace.ts';
import type { TraceEntry } from '../../../sip/agent/api.ts';

const MOST_WAITING = 2000;
const MOST_OF_ONE = 16;

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
  readonly #waiting = new Map<string, Buffer[]>();

  constructor(note: (sessionId: string, bytes: Uint8Array) => void) {
    this.#note = note;
  }

  take(entry: TraceEntry): void {
    if (entry.callId === undefined) return;
    const sessionId = this.#sessions.get(entry.callId);
    const line = lineOf(entry);
    if (sessionId === undefined) this.#wait(entry.callId, line);
    else this.#note(sessionId, line);
  }

  /** From now on messages of this Call-ID belong to the session. */
  open(sipCallId: string, sessionId: string): void {
    this.#sessions.set(sipCallId, sessionId);
    for (const line of this.#waiting.get(sipCallId) ?? []) this.#note(sessionId, line);
    this.#waiting.delete(sipCallId);
  }

  close(sipCallId: string): void {
    this.#sessions.delete(sipCallId);
  }

  forget(sipCallId: string): void {
    this.#waiting.delete(sipCallId);
  }

  #wait(sipCallId: string, line: Buffer): void {
    const lines = this.#waiting.get(sipCallId) ?? [];
    if (lines.length < MOST_OF_ONE) lines.push(line);
    this.#waiting.set(sipCallId, lines);
    for (const oldest of this.#waiting.keys()) {
      if (this.#waiting.size <= MOST_WAITING) break;
      this.#waiting.delete(oldest);
    }
  }
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

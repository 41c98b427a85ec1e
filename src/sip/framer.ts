import type { SipMessage } from './message.ts';
import type { SipParseError } from './parse-error.ts';

export interface FramerLimits {
  /** Start line and headers, bytes. Default 65,536. */
  readonly headerBytes?: number;
  /** Body, bytes. Default 2 MiB. */
  readonly bodyBytes?: number;
}

/**
 * Cuts a byte stream (TCP, TLS) into messages by Content-Length (RFC 3261 §18.3). `keepalive` is the double CRLF of
 * RFC 5626 §3.5.1, to be answered with a CRLF. After an error whose `fatal` is set nothing more comes: close the connection.
 */
export class StreamFramer {
  readonly #limits: FramerLimits;

  constructor(limits: FramerLimits = {}) {
    this.#limits = limits;
  }

  push(chunk: Buffer): (SipMessage | 'keepalive' | SipParseError)[] {
    throw new Error(`to be filled in: ${chunk.length} ${this.#limits.bodyBytes ?? 0}`);
  }

  /** Bytes of an unfinished message; not zero for long means a slow or broken sender. */
  get buffered(): number {
    return 0;
  }
}

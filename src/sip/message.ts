import type { Headers } from './headers.ts';

/** A SIP request (RFC 3261 §7.1). The body is bytes; its Content-Length is set when it is serialised. */
export interface SipRequest {
  readonly kind: 'request';
  readonly method: string;
  /** Request-URI as text; {@link parseUri} reads it. */
  readonly uri: string;
  /** `SIP/2.0`. */
  readonly version: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

/** A SIP response (RFC 3261 §7.2). */
export interface SipResponse {
  readonly kind: 'response';
  /** 100 to 699. */
  readonly status: number;
  readonly reason: string;
  readonly version: string;
  readonly headers: Headers;
  readonly body: Buffer;
}

export type SipMessage = SipRequest | SipResponse;

export const SIP_VERSION = 'SIP/2.0';

/** No body. */
export const EMPTY_BODY: Buffer = Buffer.alloc(0);

/**
 * Bytes in memory of their own. A transaction keeps its messages for half a minute (timers J and L), and with them all of the memory that they share: 64 kB
 * of Node's pool, or what a datagram was read into.
 */
export function ownBytes(content: string | Uint8Array): Buffer {
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(content));
  if (typeof content === 'string') bytes.write(content);
  else bytes.set(content);
  return bytes;
}

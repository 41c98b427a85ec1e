import type { SipMessage } from './message.ts';

/** The message as it goes on the wire; Content-Length is set to the body's length. */
export function serialize(message: SipMessage): Buffer {
  throw new Error(`to be filled in: ${message.kind}`);
}

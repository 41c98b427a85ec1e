import type { Socket } from 'node:net';
import { messageOf } from '../../base/errors.ts';
import { StreamFramer } from '../framer.ts';
import type { SipMessage } from '../message.ts';
import { SipParseError } from '../parse-error.ts';
import type { PeerIdentity } from './types.ts';

export interface ConnectionLimits {
  /** Without any byte either way a connection is closed after this. */
  readonly idleMs: number;
  /** A message must be whole within this, and a connection or TLS handshake must be there. */
  readonly slowMs: number;
  /** Bytes that may wait for a peer that does not read. */
  readonly unsentBytes: number;
}

interface Unsent {
  readonly bytes: Buffer;
  readonly failed: (error: Error) => void;
}

export interface ConnectionUser {
  message(connection: Connection, message: SipMessage | SipParseError): void;
  closed(connection: Connection): void;
}

/** One TCP or TLS connection: frames what comes in, holds what goes out until it is up, and gives up on peers that stall. */
export class Connection {
  readonly flow: number;
  readonly peer: { readonly address: string; readonly port: number };
  readonly socket: Socket;
  tlsNames: readonly string[] = [];
  certificate: PeerIdentity | undefined;
  readonly #limits: ConnectionLimits;
  readonly #user: ConnectionUser;
  readonly #framer = new StreamFramer();
  #unsent: Unsent[] | undefined;
  #failures = new Set<(error: Error) => void>();
  #lastActive: number;
  #partialSince: number | undefined;
  #ending = false;
  #closed = false;

  /** @param up false: bytes wait for {@link opened} */
  constructor(
    flow: number,
    socket: Socket,
    peer: { address: string; port: number },
    up: boolean,
    limits: ConnectionLimits,
    user: ConnectionUser,
    now: number,
  ) {
    this.flow = flow;
    this.socket = socket;
    this.peer = peer;
    this.#limits = limits;
    this.#user = user;
    this.#lastActive = now;
    this.#unsent = up ? undefined : [];
    socket.setNoDelay(true);
  }

  /** Bytes that are held for this peer: of a message that is not whole yet, and of what it has not read. */
  get held(): number {
    return this.#framer.buffered + this.socket.writableLength;
  }

  get closed(): boolean {
    return this.#closed;
  }

  /** Mono time of the last byte either way. */
  get lastActive(): number {
    return this.#lastActive;
  }

  /** The connection (and its handshake) is there: what waits goes out. */
  opened(now: number): void {
    const waiting = this.#unsent ?? [];
    this.#unsent = undefined;
    this.#lastActive = now;
    for (const { bytes, failed } of waiting) this.send(bytes, failed, now);
  }

  received(chunk: Buffer, now: number): void {
    if (this.#ending) return;
    this.#lastActive = now;
    for (const item of this.#cut(chunk)) {
      if (item === 'keepalive') {
        if (this.#unsent === undefined) this.socket.write('\r\n');
        continue;
      }
      this.#user.message(this, item);
      // The end of that message is unknown; whatever followed would be read as nonsense. The answer still leaves.
      if (item instanceof SipParseError && item.fatal) return this.#end(now);
    }
    this.#partialSince = this.#framer.buffered === 0 ? undefined : (this.#partialSince ?? now);
    return undefined;
  }

  send(bytes: Buffer, failed: (error: Error) => void, now: number): void {
    if (this.#closed) return failed(new Error('the connection is closed'));
    if (this.socket.writableLength + bytes.length > this.#limits.unsentBytes) {
      failed(new Error('the peer does not read'));
      return this.destroy(new Error('the peer does not read'));
    }
    if (this.#unsent !== undefined) {
      this.#unsent.push({ bytes, failed });
      return undefined;
    }
    this.#lastActive = now;
    this.#failures.add(failed);
    // A write that failed is told by `destroy`, which the socket's error brings about.
    this.socket.write(bytes, (error) => (error === undefined || error === null) && this.#failures.delete(failed));
    return undefined;
  }

  /** Called every few seconds: closes what is idle, slow to connect, or slow to finish a message. */
  check(now: number): void {
    const { idleMs, slowMs } = this.#limits;
    if (this.#unsent !== undefined && now - this.#lastActive >= slowMs)
      this.destroy(new Error('no connection in time'));
    else if (this.#partialSince !== undefined && now - this.#partialSince >= slowMs) {
      this.destroy(new Error('unfinished message'));
    } else if (now - this.#lastActive >= idleMs) this.destroy(new Error('idle'));
  }

  /** Ends it at once; everything that has not left is told so. Idempotent. */
  destroy(error: Error): void {
    if (this.#closed) return;
    this.#closed = true;
    this.socket.destroy();
    const failures = [...(this.#unsent ?? []).map((one) => one.failed), ...this.#failures];
    this.#unsent = undefined;
    this.#failures = new Set();
    this.#user.closed(this);
    for (const failed of failures) failed(error);
  }

  /** Says goodbye; a peer that does not hang up as well is cut off by {@link check}. */
  #end(now: number): void {
    this.#ending = true;
    this.#partialSince = now;
    this.socket.end();
  }

  #cut(chunk: Buffer): (SipMessage | 'keepalive' | SipParseError)[] {
    try {
      const items = this.#framer.push(chunk);
      // A whole message came out of what was waiting: the sender is not stuck.
      if (items.length > 0) this.#partialSince = undefined;
      return items;
    } catch (error) {
      return [new SipParseError(400, 'Bad Request', { at: messageOf(error), fatal: true })];
    }
  }
}

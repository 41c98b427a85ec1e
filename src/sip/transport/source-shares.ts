import type { Connection } from './connection.ts';

interface Share {
  connections: number;
  bytes: number;
}

/** What each address takes of a transport: connections, and bytes that are held for it. */
export class SourceShares {
  readonly #shares = new Map<string, Share>();
  readonly #held = new Map<Connection, number>();

  connections(address: string): number {
    return this.#shares.get(address)?.connections ?? 0;
  }

  joined(address: string): void {
    const share = this.#shares.get(address);
    if (share === undefined) this.#shares.set(address, { connections: 1, bytes: 0 });
    else share.connections += 1;
  }

  /** Takes down what is held for the connection now. @returns bytes held for its address */
  hold(address: string, connection: Connection): number {
    const share = this.#shares.get(address);
    if (share === undefined) return 0;
    const now = connection.held;
    share.bytes += now - (this.#held.get(connection) ?? 0);
    if (now === 0) this.#held.delete(connection);
    else this.#held.set(connection, now);
    return share.bytes;
  }

  left(connection: Connection): void {
    const { address } = connection.peer;
    const share = this.#shares.get(address);
    if (share === undefined) return;
    share.bytes -= this.#held.get(connection) ?? 0;
    this.#held.delete(connection);
    share.connections -= 1;
    if (share.connections <= 0) this.#shares.delete(address);
  }
}

import { createSocket } from 'node:dgram';
import { isIP } from 'node:net';
import { isUnspecified, nearestLocalAddress, plainAddress } from './address.ts';

const MOST_KNOWN = 4096;
const MOST_ASKED_AT_ONCE = 64;

/** Asks the kernel, without sending anything, which address of ours packets to `remote` would carry. */
export type AskRoute = (remote: string, answer: (local: string | undefined) => void) => void;

/**
 * Which of our addresses a peer sees. A socket bound to one address has that; one bound to all has the one that the routing
 * table says, which is asked for once per peer.
 */
export class LocalRoutes {
  readonly #bound: string | undefined;
  readonly #ask: AskRoute;
  readonly #known = new Map<string, string>();
  readonly #waiting = new Map<string, (() => void)[]>();

  constructor(host: string, ask: AskRoute = askKernel) {
    this.#bound = isUnspecified(host) ? undefined : plainAddress(host);
    this.#ask = ask;
  }

  /** What is known now, else a guess by the networks of the interfaces. */
  get(remote: string): string {
    return this.#bound ?? this.#known.get(remote) ?? nearestLocalAddress(remote);
  }

  /** Runs `task` once the address towards `remote` is known; at once, and in order, when it is. */
  whenKnown(remote: string, task: () => void): void {
    if (this.#bound !== undefined || this.#known.has(remote)) return task();
    const others = this.#waiting.get(remote);
    if (others !== undefined) {
      others.push(task);
      return undefined;
    }
    if (this.#waiting.size >= MOST_ASKED_AT_ONCE) return task();
    const tasks = [task];
    this.#waiting.set(remote, tasks);
    this.#ask(remote, (local) => {
      this.#waiting.delete(remote);
      this.#remember(remote, local === undefined ? nearestLocalAddress(remote) : plainAddress(local));
      for (const one of tasks) one();
    });
    return undefined;
  }

  #remember(remote: string, local: string): void {
    if (this.#known.size >= MOST_KNOWN) {
      const [oldest] = this.#known.keys();
      if (oldest !== undefined) this.#known.delete(oldest);
    }
    this.#known.set(remote, local);
  }
}

function askKernel(remote: string, answer: (local: string | undefined) => void): void {
  const probe = createSocket(isIP(remote) === 6 ? 'udp6' : 'udp4');
  let answered = false;
  const finish = (local: string | undefined): void => {
    if (answered) return;
    answered = true;
    probe.close();
    answer(local);
  };
  probe.on('error', () => finish(undefined));
  // Connecting a datagram socket sends nothing; it makes the kernel choose route and source address. 9 is "discard".
  probe.connect(9, remote, () => finish(probe.address().address));
}

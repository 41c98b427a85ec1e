import { connect, type Socket } from 'node:net';
import type { Clock, Timer } from '../base/clock.ts';
import { readLines, writeLine } from './lines.ts';
import type { ServiceHello, ToRecorder, ToService } from './messages.ts';

const RETRY_MS = 250;

/** The service's end of the local socket: connects, says hello, and comes back after every loss. */
export class LinkClient {
  readonly #options: LinkClientOptions;
  #socket: Socket | undefined;
  #ready = false;
  #retry: Timer | undefined;
  #closed = false;

  constructor(options: LinkClientOptions) {
    this.#options = options;
    this.#connect();
  }

  get connected(): boolean {
    return this.#ready;
  }

  /** Sends if connected; what must arrive is said again in `onConnect`. Returns whether it was sent. */
  send(message: ToRecorder): boolean {
    if (this.#socket === undefined || !this.#ready) return false;
    writeLine(this.#socket, message);
    return true;
  }

  close(): void {
    this.#closed = true;
    this.#retry?.cancel();
    this.#socket?.destroy();
  }

  #connect(): void {
    const socket = connect(this.#options.path);
    this.#socket = socket;
    socket.on('connect', () => {
      this.#ready = true;
      writeLine(socket, this.#options.hello);
      this.#options.onConnect();
    });
    socket.on('error', () => undefined);
    socket.on('close', () => this.#lost());
    readLines(socket, (message) => this.#options.onMessage(message as ToService));
  }

  #lost(): void {
    const was = this.#ready;
    this.#ready = false;
    if (was) this.#options.onLost();
    if (!this.#closed) this.#retry = this.#options.clock.after(RETRY_MS, () => this.#connect());
  }
}

export interface LinkClientOptions {
  readonly path: string;
  readonly hello: ServiceHello;
  readonly clock: Clock;
  readonly onConnect: () => void;
  readonly onMessage: (message: ToService) => void;
  readonly onLost: () => void;
}

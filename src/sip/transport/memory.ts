import type { Clock } from '../../base/clock.ts';
import { messageOf } from '../../base/errors.ts';
import { parseMessage } from '../parse.ts';
import { SipParseError } from '../parse-error.ts';
import type { Inbound, InboundSink, Protocol, Target, Transport } from './types.ts';

/** What becomes of a message on its way: how many copies arrive, each after how many milliseconds. None: it is lost. */
export type Fate = (bytes: Buffer, to: { readonly address: string; readonly port: number }) => readonly number[];

/** A network within one process, driven by a clock: for tests of everything above the sockets. */
export class MemoryNetwork {
  /** May be exchanged at any time. */
  fate: Fate = () => [0];
  /** Every message that was sent, lost ones as well, with its time. */
  readonly sent: { readonly at: number; readonly from: string; readonly to: string; readonly text: string }[] = [];
  readonly #clock: Clock;
  readonly #nodes = new Map<string, MemoryTransport>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  transport(address: string, port: number, protocol: Protocol = 'udp'): Transport {
    const node = new MemoryTransport(this, protocol, address, port);
    this.#nodes.set(key(protocol, address, port), node);
    return node;
  }

  /** @internal */
  carry(from: MemoryTransport, bytes: Buffer, target: Target, failed: (error: Error) => void): void {
    const to = key(from.protocol, target.address, target.port);
    const at = this.#clock.mono();
    this.sent.push({
      at,
      from: `${from.host}:${from.port}`,
      to: `${target.address}:${target.port}`,
      text: bytes.toString(),
    });
    if (from.reliable && !this.#nodes.has(to)) return failed(new Error('connection refused'));
    for (const delay of this.fate(bytes, target)) {
      this.#clock.after(delay, () => this.#nodes.get(to)?.arrive(from, Buffer.from(bytes)));
    }
    return undefined;
  }

  /** @internal */
  remove(node: MemoryTransport): void {
    const name = key(node.protocol, node.host, node.port);
    if (this.#nodes.get(name) === node) this.#nodes.delete(name);
  }
}

class MemoryTransport implements Transport {
  readonly protocol: Protocol;
  readonly host: string;
  readonly port: number;
  readonly #network: MemoryNetwork;
  #sink: InboundSink | undefined;

  constructor(network: MemoryNetwork, protocol: Protocol, host: string, port: number) {
    this.#network = network;
    this.protocol = protocol;
    this.host = host;
    this.port = port;
  }

  get reliable(): boolean {
    return this.protocol !== 'udp';
  }

  localAddressFor(): string {
    return this.host;
  }

  hasFlow(): boolean {
    return false;
  }

  start(sink: InboundSink): void {
    this.#sink = sink;
  }

  send(bytes: Buffer, target: Target, failed: (error: Error) => void): void {
    this.#network.carry(this, bytes, target, failed);
  }

  arrive(from: MemoryTransport, bytes: Buffer): void {
    const source = {
      protocol: this.protocol,
      address: from.host,
      port: from.port,
      localAddress: this.host,
      localPort: this.port,
      flow: undefined,
      tlsNames: [],
    };
    this.#sink?.({ message: read(bytes), bytes, source });
  }

  close(): Promise<void> {
    this.#network.remove(this);
    return Promise.resolve();
  }
}

function key(protocol: Protocol, address: string, port: number): string {
  return `${protocol} ${address} ${port}`;
}

function read(bytes: Buffer): Inbound['message'] {
  try {
    return parseMessage(bytes);
  } catch (error) {
    return error instanceof SipParseError ? error : new SipParseError(400, 'Bad Request', { at: messageOf(error) });
  }
}

import { getSystemErrorMap } from 'node:util';
import type { Clock, Timer } from '../../../base/clock.ts';
import { LAST, type ReceiverAddon, ROW } from './addon.ts';
import { bindFailure, localAddress, type SourceOptions } from './node.ts';
import { Peers } from './peers.ts';
import { Datagram, type BoundPort, type Hear, type PacketSource } from './source.ts';

/** More room than one batch takes of the longest datagrams; what is never used is never in memory. */
const PACKETS_BYTES = 4 * 1024 * 1024;
const ROWS = 512;
const LAST_ROW = ROWS * ROW.words;
const ALL = -1;
/** How long a round goes on before others have their turn; longer the later it is, so that it never falls behind what comes. */
const TURN_MS = 2;
const TURN_SHARE = 0.25;
/** The others have their turn after so many batches of one port. */
const MOST_BATCHES = 64;
/** A port with more datagrams than this at once is flooded: its buffer would not last until the next round. */
const LOUD = 64;
const LOUD_MS = 5;

/**
 * Sockets that are read in batches by native/receiver.c, which costs a third of what Node's sockets cost. Datagrams wait in the kernel until they are asked for;
 * their arrival is the kernel's own stamp.
 */
export class BatchSource implements PacketSource {
  readonly peers = new Peers();
  readonly #options: SourceOptions;
  readonly #addon: ReceiverAddon;
  readonly #receiver: unknown;
  readonly #packets = Buffer.allocUnsafeSlow(PACKETS_BYTES);
  readonly #table = new Int32Array((ROWS + 1) * ROW.words);
  readonly #tableBytes = Buffer.from(this.#table.buffer);
  readonly #datagram = new Datagram();
  readonly #ports: (BatchPort | null)[] = [];
  readonly #read = (slot: number): void => this.#receive(slot);
  #isHandingOver = false;
  #isOnRound = false;
  #roundAt = 0;
  #again: Timer | null = null;

  constructor(addon: ReceiverAddon, options: SourceOptions) {
    this.#addon = addon;
    this.#options = options;
    this.#receiver = addon.open();
    this.#datagram.bytes = this.#packets;
  }

  async bind(port: number, ipv6: boolean, hear: Hear): Promise<BoundPort> {
    const { host, receiveBufferBytes, clock } = this.#options;
    const slot = this.#addon.bind(this.#receiver, localAddress(host, ipv6), port, receiveBufferBytes);
    if (slot < 0) throw bindFailure(port, systemError(-slot));
    const bound = new BatchPort(slot, port, hear, microseconds(clock), this.#read, () => this.#close(bound));
    this.#ports[slot] = bound;
    return bound;
  }

  /** Begins a round through all ports, unless one is under way; within a {@link Hear} as soon as that is over. */
  receive(): void {
    if (this.#isOnRound) return;
    this.#isOnRound = true;
    this.#roundAt = this.#options.clock.mono();
    if (this.#isHandingOver) setImmediate(() => this.#goOn());
    else this.#goOn();
  }

  /** Goes on with the round for a while; then the thread serves whoever asks it for something, before it goes on again. */
  #goOn(): void {
    const { clock } = this.#options;
    const until = clock.mono() + Math.max(TURN_MS, TURN_SHARE * (clock.mono() - this.#roundAt));
    let isDone = this.#readBatch(ALL);
    while (!isDone && clock.mono() < until) isDone = this.#readBatch(ALL);
    this.#isOnRound = !isDone;
    if (!isDone) setImmediate(() => this.#goOn());
  }

  /** All that one port has; a flood not for ever. */
  #receive(slot: number): void {
    for (let batch = 0; batch < MOST_BATCHES; batch++) if (this.#readBatch(slot)) return;
    this.#soon(0);
  }

  /** @returns whether nothing is left to be read */
  #readBatch(slot: number): boolean {
    if (this.#isHandingOver) return true;
    const table = this.#table;
    const count = this.#addon.receive(this.#receiver, slot, this.#packets, table);
    const isDone = table[LAST_ROW + LAST.isDone] !== 0;
    if (table[LAST_ROW + LAST.failure] !== 0) this.#report();
    this.#isHandingOver = true;
    try {
      this.#handOver(count, 0x1_0000_0000 * table[LAST_ROW + LAST.nowHigh]! + (table[LAST_ROW + LAST.nowLow]! >>> 0));
    } finally {
      this.#isHandingOver = false;
    }
    return isDone;
  }

  #handOver(count: number, nowUs: number): void {
    const table = this.#table;
    const datagram = this.#datagram;
    let run = 0;
    let slot = -1;
    for (let row = 0; row < count; row++) {
      const at = row * ROW.words;
      run = table[at + ROW.slot] === slot ? run + 1 : 0;
      if (run === LOUD) this.#soon(LOUD_MS);
      slot = table[at + ROW.slot]!;
      const port = this.#ports[slot];
      if (port === null || port === undefined) continue;
      this.#describe(datagram, at, port, nowUs);
      port.hear(datagram);
    }
  }

  #describe(datagram: Datagram, at: number, port: BatchPort, nowUs: number): void {
    const table = this.#table;
    if (table[at + ROW.isSamePeer] === 0) this.#readPeer(at, port);
    else if (!this.peers.knows(port.peer)) port.peer = this.peers.number(port.peerAddress, port.peerPort);
    if (table[at + ROW.dropped] !== 0) port.dropped = table[at + ROW.dropped]! >>> 0;
    const start = table[at + ROW.offset]!;
    datagram.start = start;
    datagram.end = start + table[at + ROW.length]!;
    datagram.peer = port.peer;
    port.atUs = Math.max(port.atUs, nowUs - table[at + ROW.ageUs]!);
    datagram.atUs = port.atUs;
  }

  #readPeer(at: number, port: BatchPort): void {
    const from = 4 * (at + ROW.address);
    const isSix = this.#table[at + ROW.isSix] !== 0;
    port.peerAddress = isSix ? sixAddress(this.#tableBytes, from) : fourAddress(this.#tableBytes, from);
    port.peerPort = this.#table[at + ROW.port]!;
    port.peer = this.peers.number(port.peerAddress, port.peerPort);
  }

  #soon(ms: number): void {
    if (this.#again !== null) return;
    this.#again = this.#options.clock.after(ms, () => {
      this.#again = null;
      this.receive();
    });
  }

  #report(): void {
    const port = this.#ports[this.#table[LAST_ROW + LAST.failedSlot]!];
    this.#options.onError(port?.number ?? 0, systemError(this.#table[LAST_ROW + LAST.failure]!));
  }

  #close(port: BatchPort): void {
    this.#ports[port.slot] = null;
    port.dropped = this.#addon.close(this.#receiver, port.slot);
  }
}

class BatchPort implements BoundPort {
  dropped = 0;
  readonly slot: number;
  readonly number: number;
  readonly hear: Hear;
  /** Of the latest datagram. */
  atUs: number;
  peer = -1;
  peerAddress = '';
  peerPort = 0;
  readonly #read: (slot: number) => void;
  readonly #onClose: () => void;
  #isOpen = true;

  constructor(
    slot: number,
    number: number,
    hear: Hear,
    boundUs: number,
    read: (slot: number) => void,
    onClose: () => void,
  ) {
    this.slot = slot;
    this.number = number;
    this.hear = hear;
    this.atUs = boundUs;
    this.#read = read;
    this.#onClose = onClose;
  }

  receive(): void {
    if (this.#isOpen) this.#read(this.slot);
  }

  close(): void {
    if (!this.#isOpen) return;
    this.#isOpen = false;
    this.#onClose();
  }
}

function microseconds(clock: Clock): number {
  return Math.round(clock.mono() * 1000);
}

function systemError(errno: number): Error {
  const [code = 'UNKNOWN', text = `error ${errno}`] = getSystemErrorMap().get(-errno) ?? [];
  return Object.assign(new Error(text), { code });
}

function fourAddress(bytes: Buffer, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** As RFC 5952 writes it: the longest run of zero groups, if more than one, as `::`. */
function sixAddress(bytes: Buffer, at: number): string {
  const groups = Array.from({ length: 8 }, (_, group) => bytes.readUInt16BE(at + 2 * group).toString(16));
  const text = groups.join(':');
  const runs = text.match(/(?<=^|:)0(:0)+(?=:|$)/g) ?? [];
  const longest = runs.reduce((best, run) => (run.length > best.length ? run : best), '');
  if (longest === '') return text;
  const start = text.search(new RegExp(`(?<=^|:)${longest}(?=:|$)`));
  return `${text.slice(0, start).replace(/:$/, '')}::${text.slice(start + longest.length).replace(/^:/, '')}`;
}

import { createSocket, type Socket } from 'node:dgram';
import { setTimeout as delay } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../../base/clock.ts';
import { addonPath } from '../../../base/addon.ts';
import { loadReceiver, type ReceiverAddon } from './addon.ts';
import { BatchSource } from './batch.ts';
import { NodeSource, type SourceOptions } from './node.ts';
import type { BoundPort, Hear, PacketSource } from './source.ts';

const clock = systemClock();
const loaded = loadReceiver();
/** Below the ports that the system gives out by itself. */
let nextPort = 30_000 + (process.pid % 4) * 120;

interface Heard {
  readonly port: number;
  readonly bytes: Buffer;
  readonly from: string;
  readonly atUs: number;
}

let open: { close(): void }[];
let heard: Heard[];
let errors: Error[];

beforeEach(() => {
  open = [];
  heard = [];
  errors = [];
});

afterEach(() => {
  for (const one of open) one.close();
  if (errors.length > 0) throw errors[0]!;
});

const options = (host = '127.0.0.1'): SourceOptions => ({
  host,
  receiveBufferBytes: 1024 * 1024,
  onError: (_port, error) => errors.push(error),
  clock,
});

/** Binds a port of ours; what it hears goes to `heard`, copied. */
async function listen(
  source: PacketSource,
  port = nextPort++,
  ipv6 = false,
  also: Hear = () => {},
): Promise<BoundPort> {
  const bound = await source.bind(port, ipv6, (datagram) => {
    const { bytes, start, end, peer, atUs } = datagram;
    const from = `${source.peers.address(peer)} ${source.peers.port(peer)}`;
    heard.push({ port, bytes: Buffer.from(bytes.subarray(start, end)), from, atUs });
    also(datagram);
  });
  open.push(bound);
  return bound;
}

async function sender(address = '127.0.0.1'): Promise<Socket> {
  const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4');
  open.push(socket);
  await new Promise<void>((resolve) => socket.bind(0, address, resolve));
  return socket;
}

/** Resolves when the kernel has taken it. */
function send(socket: Socket, port: number, bytes: Buffer | string, target = '127.0.0.1'): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.send(bytes, port, target, (error) => (error === null ? resolve() : reject(error)));
  });
}

/** Asks and waits until it is so. */
async function until(isSo: () => boolean, source: PacketSource): Promise<void> {
  const deadline = clock.mono() + 10_000;
  while (!isSo() && clock.mono() < deadline) {
    source.receive();
    await delay(1);
  }
}

/** Asks and waits until so many datagrams were heard. */
async function hearing(source: PacketSource, count: number): Promise<void> {
  await until(() => heard.length >= count, source);
  expect(heard).toHaveLength(count);
}

/** Whatever was sent before is read. */
async function settled(source: PacketSource): Promise<void> {
  const before = heard.length;
  const port = nextPort++;
  await listen(source, port);
  await send(await sender(), port, 'last');
  await until(() => heard.at(-1)?.port === port, source);
  expect(heard.pop()?.port).toBe(port);
  expect(heard.length).toBeGreaterThanOrEqual(before);
}

function contract(make: (options: SourceOptions) => PacketSource): void {
  it.each([
    ['0.0.0.0', false, '127.0.0.1'],
    ['::', false, '127.0.0.1'],
    ['0.0.0.0', true, '::1'],
    ['::', true, '::1'],
    ['::1', false, '::1'],
  ])('of host %s hears its stream (IPv6: %s) from %s, under its plain address', async (host, ipv6, peer) => {
    const source = make(options(host));
    const port = nextPort++;
    await listen(source, port, ipv6);
    const socket = await sender(peer);
    await send(socket, port, 'packet', peer);
    await hearing(source, 1);
    expect(heard).toMatchObject([{ from: `${peer} ${socket.address().port}`, bytes: Buffer.from('packet') }]);
  });

  it('keeps the ports of a pair apart', async () => {
    const source = make(options());
    const port = (nextPort += 2);
    await listen(source, port);
    await listen(source, port + 1);
    nextPort += 2;
    const socket = await sender();
    await send(socket, port + 1, 'report');
    await send(socket, port, 'media');
    await hearing(source, 2);
    expect(heard.find((one) => one.port === port)?.bytes.toString()).toBe('media');
    expect(heard.find((one) => one.port === port + 1)?.bytes.toString()).toBe('report');
  });

  it('says which port another program holds, and binds it when that is gone', async () => {
    const source = make(options());
    const port = nextPort++;
    const other = createSocket('udp4');
    await new Promise<void>((resolve) => other.bind(port, '127.0.0.1', resolve));
    await expect(listen(source, port)).rejects.toMatchObject({ code: 'PORT_IN_USE', key: 'rtp.ports' });
    await new Promise<void>((resolve) => other.close(resolve));
    await listen(source, port);
  });

  it('refuses an address that is not of this machine', async () => {
    await expect(listen(make(options('192.0.2.1')))).rejects.toMatchObject({ code: 'UNAVAILABLE', key: 'rtp.ports' });
  });

  it('gives a port back at once, and what was on its way to nobody', async () => {
    const source = make(options());
    const port = nextPort++;
    const socket = await sender();
    for (let round = 0; round < 20; round++) {
      const bound = await listen(source, port);
      await send(socket, port, `late ${round}`);
      bound.close();
      bound.close();
    }
    await listen(source, port);
    await send(socket, port, 'in time');
    await hearing(source, 1);
    await settled(source);
    expect(heard.map(({ bytes }) => bytes.toString())).toEqual(['in time']);
  });

  it('hands nothing over to a port that was closed by what it heard, nor to the next one in its place', async () => {
    const source = make(options());
    const [port, other] = [nextPort++, nextPort++];
    let bound: BoundPort | undefined = undefined;
    const rebound: Promise<BoundPort>[] = [];
    bound = await listen(source, port, false, () => {
      bound?.close();
      if (rebound.length === 0) rebound.push(listen(source, other));
    });
    const socket = await sender();
    for (let index = 0; index < 50; index++) await send(socket, port, `packet ${index}`);
    await hearing(source, 1);
    await Promise.all(rebound);
    await settled(source);
    expect(heard.map(({ bytes }) => bytes.toString())).toEqual(['packet 0']);
  });

  it('is not confused by being asked for more in the midst of handing over', async () => {
    const source = make(options());
    const port = nextPort++;
    const bound: BoundPort = await listen(source, port, false, () => {
      source.receive();
      bound.receive();
    });
    const socket = await sender();
    const sent = Array.from({ length: 100 }, (_, index) => `packet ${index}`);
    for (const text of sent) await send(socket, port, text);
    await hearing(source, 100);
    expect(heard.map(({ bytes }) => bytes.toString())).toEqual(sent);
  });

  it('takes empty datagrams and the longest there are', async () => {
    const source = make(options());
    const port = nextPort++;
    await listen(source, port);
    const socket = await sender();
    const sent = [0, 1, 172, 65_507, 0, 1500, 65_507, 65_506, 2].map((length, index) =>
      Buffer.alloc(length, index + 1),
    );
    for (const bytes of sent) {
      await send(socket, port, bytes);
      await hearing(source, sent.indexOf(bytes) + 1);
    }
    expect(heard.map(({ bytes }) => bytes)).toEqual(sent);
  });

  it('takes 65,536 datagrams over sixteen ports, each once, whole, in order', async () => {
    const source = make(options());
    const ports = Array.from({ length: 16 }, () => nextPort++);
    const next = new Map(ports.map((port) => [port, 0]));
    let count = 0;
    for (const port of ports) {
      const bound = await source.bind(port, false, ({ bytes, start, end }) => {
        const number = next.get(port)!;
        if (end - start !== 4 + (number % 400) || bytes.readUInt32BE(start) !== number) errors.push(new Error('order'));
        next.set(port, number + 1);
        count++;
      });
      open.push(bound);
    }
    const socket = await sender();
    for (let number = 0; number < 4096; number += 128) {
      const burst = ports.flatMap((port) =>
        Array.from({ length: 128 }, (_, index) => ({ port, number: number + index })),
      );
      await Promise.all(
        burst.map(async ({ port, number: own }) => {
          const bytes = Buffer.alloc(4 + (own % 400));
          bytes.writeUInt32BE(own);
          await send(socket, port, bytes);
        }),
      );
      const due = 16 * (number + 128);
      await until(() => count >= due, source);
    }
    expect(count).toBe(65_536);
  }, 60_000);

  it('says of each datagram truly who sent it, however the senders take turns', async () => {
    const source = make(options('0.0.0.0'));
    const ports = [nextPort++, nextPort++];
    for (const port of ports) await listen(source, port);
    const senders = await Promise.all(
      ['127.0.0.1', '127.0.0.1', '127.0.0.2', '127.1.2.3', '127.255.255.254'].map((address) => sender(address)),
    );
    for (let round = 0; round < 400; round++) {
      const socket = senders[(round * round + (round >> 3)) % senders.length]!;
      const { address, port } = socket.address();
      await send(socket, ports[round % 2]!, `${address} ${port}`);
    }
    await hearing(source, 400);
    for (const { from, bytes } of heard) expect(bytes.toString()).toBe(from);
    expect(new Set(heard.map(({ from }) => from)).size).toBe(5);
  });

  it('tells arrivals by the monotonic clock, never backwards on a port', async () => {
    const source = make(options());
    const port = nextPort++;
    await listen(source, port);
    const socket = await sender();
    const before = Math.floor(clock.mono() * 1000) - 1;
    for (let index = 0; index < 200; index++) await send(socket, port, `${clock.mono() * 1000}`);
    await hearing(source, 200);
    const after = clock.mono() * 1000 + 1;
    for (const [index, { atUs }] of heard.entries()) {
      expect(Number.isInteger(atUs)).toBe(true);
      expect(atUs).toBeGreaterThanOrEqual(heard[index - 1]?.atUs ?? before);
      expect(atUs).toBeLessThanOrEqual(after);
    }
  });
}

describe('Node’s sockets', () => {
  contract((given) => new NodeSource(given));
});

describe.skipIf(loaded.addon === null)('the batch receiver', () => {
  const addon = loaded.addon as ReceiverAddon;
  const make = (given: SourceOptions) => new BatchSource(addon, given);
  contract(make);

  it('tells when a datagram came, not when it was read', async () => {
    const source = make(options());
    const port = nextPort++;
    await listen(source, port);
    const socket = await sender();
    source.receive();
    const sent: number[] = [];
    for (let index = 0; index < 5; index++) {
      await send(socket, port, 'packet');
      sent.push(clock.mono() * 1000);
      await delay(30);
    }
    source.receive();
    expect(heard).toHaveLength(5);
    for (const [index, { atUs }] of heard.entries()) expect(Math.abs(atUs - sent[index]!)).toBeLessThan(15_000);
  });

  it('reads one port at once when asked for it, and leaves the others', async () => {
    const source = make(options());
    const [one, other] = [nextPort++, nextPort++];
    const bound = await listen(source, one);
    await listen(source, other);
    const socket = await sender();
    await send(socket, other, 'other');
    await send(socket, one, 'one');
    bound.receive();
    expect(heard.map(({ bytes }) => bytes.toString())).toEqual(['one']);
    await hearing(source, 2);
  });

  it('does not let the reading of one port take the others their round: where it falls due meanwhile, it follows', async () => {
    const source = make(options());
    const [one, other] = [nextPort++, nextPort++];
    const bound = await listen(source, one, false, () => source.receive());
    await listen(source, other);
    const socket = await sender();
    await send(socket, other, 'other');
    await send(socket, one, 'one');
    bound.receive();
    expect(heard.map(({ bytes }) => bytes.toString())).toEqual(['one']);
    await new Promise((resolve) => setImmediate(resolve));
    expect(heard.map(({ bytes }) => bytes.toString())).toEqual(['one', 'other']);
  });

  it('lets others have their turn in the middle of a long round', async () => {
    const source = make(options());
    const ports = Array.from({ length: 40 }, () => nextPort++);
    const busy = (): void => {
      const end = performance.now() + 0.02;
      while (performance.now() < end);
    };
    for (const port of ports) await listen(source, port, false, busy);
    const socket = await sender();
    for (const port of ports) for (let index = 0; index < 30; index++) await send(socket, port, 'packet');
    source.receive();
    const first = heard.length;
    expect(first).toBeGreaterThan(0);
    expect(first).toBeLessThan(40 * 30);
    // Nobody asks again: the round goes on by itself.
    while (heard.length < 40 * 30) await delay(1);
    expect(new Set(heard.map(({ port }) => port)).size).toBe(40);
  });

  it('counts what the kernel threw away, while it goes on and when it ends', async () => {
    const source = make(options());
    const port = nextPort++;
    const bound = await listen(source, port);
    const socket = await sender();
    for (let index = 0; index < 4000; index++) await send(socket, port, Buffer.alloc(1000));
    bound.receive();
    const first = heard.length;
    expect(first).toBeGreaterThan(100);
    expect(first).toBeLessThan(4000);
    await send(socket, port, 'the first after them brings the count');
    await hearing(source, first + 1);
    expect(bound.dropped).toBe(4000 - first);
    for (let index = 0; index < 4000; index++) await send(socket, port, Buffer.alloc(1000));
    bound.receive();
    bound.close();
    expect(bound.dropped).toBe(8001 - heard.length);
  });

  it('writes IPv6 addresses as everybody does', async () => {
    const rows: number[][] = [];
    const texts = [
      '::',
      '::1',
      '2001:db8::',
      '2001:db8:0:1::1',
      '1:0:0:2::3',
      '1:2:3:4:5:6:7:8',
      '1:0:2:3:4:5:6:7',
      'fe80::10:0:0:1',
    ];
    for (const text of texts) rows.push([...sixBytes(text)]);
    const source = new BatchSource(rowsOf(rows), options());
    await listen(source, 1, true);
    source.receive();
    expect(heard.map(({ from }) => from)).toEqual(texts.map((text) => `${text} 7`));
  });

  it('frees its ports when its thread ends without a word', async () => {
    const port = nextPort++;
    const code = `
      const { workerData, parentPort } = require('node:worker_threads');
      const addon = require(workerData.path);
      const receiver = addon.open();
      parentPort.postMessage(addon.bind(receiver, '127.0.0.1', workerData.port, 0));
      setInterval(() => receiver, 1000);`;
    const worker = new Worker(code, { eval: true, workerData: { path: addonPath('receiver'), port } });
    expect(await new Promise((resolve) => worker.once('message', resolve))).toBe(0);
    const source = make(options());
    await expect(listen(source, port)).rejects.toMatchObject({ code: 'PORT_IN_USE' });
    await worker.terminate();
    await listen(source, port);
  });

  it('turns wrong arguments down', () => {
    const receiver = addon.open();
    const wrong = addon as unknown as Record<string, (...args: unknown[]) => unknown>;
    for (const [name, ...args] of [
      ['bind', {}, '127.0.0.1', 1, 1],
      ['bind', receiver],
      ['receive', receiver, -1, Buffer.alloc(1), new Float64Array(99)],
      ['receive', receiver, -1, Buffer.alloc(1), new Int32Array(3)],
      ['close', null, 1],
    ] as [string, ...unknown[]][])
      expect(() => wrong[name]?.(...args)).toThrow(TypeError);
    expect(addon.close(receiver, 12)).toBe(0);
    expect(addon.bind(receiver, 'not an address', 30_999, 0)).toBeLessThan(0);
    expect(addon.receive(receiver, 5, Buffer.alloc(9), new Int32Array(99))).toBe(0);
  });
});

function sixBytes(text: string): Buffer {
  const [head = '', tail] = text.split('::');
  const groups = (part: string) => (part === '' ? [] : part.split(':'));
  const [first, last] = [groups(head), groups(tail ?? '')];
  const all = [...first, ...Array.from({ length: 8 - first.length - last.length }, () => '0'), ...last];
  return Buffer.from(all.map((group) => group.padStart(4, '0')).join(''), 'hex');
}

/** An add-on that hears from these IPv6 addresses, once. */
function rowsOf(addresses: readonly (readonly number[])[]): ReceiverAddon {
  let isRead = false;
  return {
    open: () => null,
    bind: () => 0,
    close: () => 0,
    receive: (_receiver, _slot, _packets, table) => {
      if (isRead) return 0;
      isRead = true;
      table[table.length - 12] = 1;
      const bytes = Buffer.from(table.buffer);
      for (const [index, address] of addresses.entries()) {
        table.set([0, 0, 1, 0, 0, 0, 1, 7], index * 12);
        Buffer.from(address).copy(bytes, (index * 12 + 8) * 4);
      }
      return addresses.length;
    },
  };
}

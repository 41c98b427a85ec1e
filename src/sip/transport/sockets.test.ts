import { createSocket } from 'node:dgram';
import { connect, type Socket } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import { systemClock, VirtualClock, type Clock } from '../../base/clock.ts';
import { EarshotError } from '../../base/errors.ts';
import { silentLog } from '../../base/log.ts';
import { requestText } from '../raw-peer.fixture.ts';
import { SipParseError } from '../parse-error.ts';
import type { StreamLimits } from './stream.ts';
import { openTcp } from './tcp.ts';
import type { Inbound, Transport } from './types.ts';
import { openUdp } from './udp.ts';

const open: { close(): Promise<void> | void }[] = [];
const sockets: Socket[] = [];

afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const one of open.splice(0)) await one.close();
});

/** What arrives at a transport, one by one. */
function inbox(transport: Transport): { next(): Promise<Inbound>; readonly count: number } {
  const arrived: Inbound[] = [];
  const waiting: ((inbound: Inbound) => void)[] = [];
  let count = 0;
  transport.start((inbound) => {
    count++;
    const taker = waiting.shift();
    if (taker === undefined) arrived.push(inbound);
    else taker(inbound);
  });
  return {
    next: () => {
      const [first] = arrived.splice(0, 1);
      return first === undefined ? new Promise((resolve) => waiting.push(resolve)) : Promise.resolve(first);
    },
    get count() {
      return count;
    },
  };
}

async function udp(host = '127.0.0.1', port = 0): Promise<Transport> {
  const transport = await openUdp({ host, port, log: silentLog });
  open.push(transport);
  return transport;
}

async function tcp(limits: Partial<StreamLimits> = {}, clock: Clock = systemClock(), host = '127.0.0.1') {
  const transport = await openTcp({ host, port: 0, clock, log: silentLog, limits });
  open.push(transport);
  return transport;
}

function dial(port: number, host = '127.0.0.1'): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect(port, host, () => resolve(socket));
    sockets.push(socket);
    socket.on('error', reject);
  });
}

const closed = (socket: Socket): Promise<void> =>
  new Promise((resolve) => {
    socket.resume();
    socket.on('close', () => resolve());
  });

const failure = (transport: Transport, port: number, bytes = Buffer.from('x')): Promise<Error> =>
  new Promise((resolve) => transport.send(bytes, { address: '127.0.0.1', port }, resolve));

const text = ({ message }: Inbound): string => {
  if (message instanceof SipParseError) throw message;
  return message.body.toString();
};

describe('UDP', () => {
  it('carries messages of 60 kB both ways', async () => {
    const [one, two] = [await udp(), await udp()];
    const [atOne, atTwo] = [inbox(one), inbox(two)];
    const body = 'x'.repeat(60_000);
    one.send(Buffer.from(requestText({ body })), { address: '127.0.0.1', port: two.port }, (error) => {
      throw error;
    });
    const got = await atTwo.next();
    expect(text(got)).toBe(body);
    expect(got.source).toMatchObject({
      protocol: 'udp',
      address: '127.0.0.1',
      port: one.port,
      localAddress: '127.0.0.1',
      localPort: two.port,
    });
    two.send(got.bytes!, got.source, (error) => {
      throw error;
    });
    expect(text(await atOne.next())).toBe(body);
  });

  it('tells what cannot be sent, and lives on', async () => {
    const transport = await udp();
    expect(await failure(transport, 5060, Buffer.alloc(70_000))).toBeInstanceOf(Error);
    expect(await failure(transport, 99_999)).toBeInstanceOf(Error);
    const [other, mine] = [await udp(), inbox(transport)];
    other.send(Buffer.from(requestText()), { address: '127.0.0.1', port: transport.port }, () => undefined);
    expect((await mine.next()).source.port).toBe(other.port);
  });

  it('takes nonsense as an error, and line ends for nothing', async () => {
    const transport = await udp();
    const mine = inbox(transport);
    const socket = createSocket('udp4');
    open.push({ close: () => void socket.close() });
    socket.send('\r\n\r\n', transport.port, '127.0.0.1');
    socket.send('nonsense', transport.port, '127.0.0.1');
    expect((await mine.next()).message).toBeInstanceOf(SipParseError);
    expect(mine.count).toBe(1);
  });

  it('bound to all addresses says which of them a peer sees, for IPv4 and IPv6 on one socket', async () => {
    const transport = await udp('::');
    const mine = inbox(transport);
    for (const host of ['127.0.0.1', '::1']) {
      const other = await udp(host);
      other.send(Buffer.from(requestText()), { address: host, port: transport.port }, () => undefined);
      const { source } = await mine.next();
      expect([source.address, source.localAddress]).toEqual([host, host]);
      const theirs = inbox(other);
      transport.send(Buffer.from(requestText({ body: 'back' })), source, () => undefined);
      expect(text(await theirs.next())).toBe('back');
    }
  });

  it('names the setting and the remedy when the port is taken', async () => {
    const { port } = await udp();
    const error = await openUdp({ host: '127.0.0.1', port, log: silentLog }).catch((caught: unknown) => caught);
    expect(error).toBeInstanceOf(EarshotError);
    expect(error).toMatchObject({
      code: 'PORT_IN_USE',
      key: 'EARSHOT_SIP_PORT',
      remedy: expect.stringContaining('EARSHOT_SIP_PORT') as string,
    });
  });

  it('names the setting when the address is not ours', async () => {
    const error = await openUdp({ host: '192.0.2.77', port: 0, log: silentLog }).catch((caught: unknown) => caught);
    expect(error).toMatchObject({ code: 'CONFIG_INVALID', key: 'EARSHOT_SIP_HOST' });
  });
});

describe('TCP', () => {
  it('gives one address no more connections than its share, and a place back for each that ends', async () => {
    const server = await tcp({ connectionsPerSource: 2 });
    const inbound = inbox(server);
    const first = await dial(server.port);
    await dial(server.port);
    const third = await dial(server.port);
    await closed(third);
    first.destroy();
    await expect.poll(() => server.connections).toBe(1);
    (await dial(server.port)).write(requestText());
    expect((await inbound.next()).message).toMatchObject({ method: 'INVITE' });
  });

  it('holds no more unfinished messages for one address than its share, over all of its connections', async () => {
    const server = await tcp({ bytesPerSource: 300_000 });
    const inbound = inbox(server);
    const half = `${requestText().replace('Content-Length: 0', 'Content-Length: 200000')}${'x'.repeat(120_000)}`;
    const [one, other, third] = [await dial(server.port), await dial(server.port), await dial(server.port)];
    one.write(half);
    other.write(half);
    third.write(half);
    await Promise.race([one, other, third].map((socket) => closed(socket)));
    await expect.poll(() => server.connections).toBe(2);
    const whole = await dial(server.port);
    whole.write(requestText());
    expect((await inbound.next()).message).toMatchObject({ method: 'INVITE' });
  });

  it('takes messages in pieces and several at once, and answers keep-alives with a line end (RFC 5626 §3.5.1)', async () => {
    const server = await tcp();
    const mine = inbox(server);
    const socket = await dial(server.port);
    const pongs: string[] = [];
    socket.on('data', (chunk) => pongs.push(chunk.toString()));
    const whole = requestText({ body: 'one' }) + requestText({ body: 'two' });
    socket.write(whole.slice(0, 40));
    await new Promise((resolve) => setImmediate(resolve));
    socket.write(whole.slice(40));
    expect([text(await mine.next()), text(await mine.next())]).toEqual(['one', 'two']);
    socket.write('\r\n\r\n');
    await new Promise((resolve) => socket.once('data', resolve));
    expect(pongs.join('')).toBe('\r\n');
  });

  it('answers over the connection that a request came by, and over a new one when it is gone (RFC 3261 §18.2.2)', async () => {
    const [server, client] = [await tcp(), await tcp()];
    const [atServer, atClient] = [inbox(server), inbox(client)];
    client.send(Buffer.from(requestText()), { address: '127.0.0.1', port: server.port }, () => undefined);
    const { source } = await atServer.next();
    expect(source.port).not.toBe(client.port);
    expect(server.hasFlow(source.flow!)).toBe(true);
    server.send(Buffer.from(requestText({ body: 'same' })), { ...source, port: client.port }, () => undefined);
    const same = await atClient.next();
    expect([text(same), same.source.port]).toEqual(['same', server.port]);
    const target = { address: '127.0.0.1', port: client.port, flow: 999 };
    server.send(Buffer.from(requestText({ body: 'new' })), target, () => undefined);
    const fresh = await atClient.next();
    expect(text(fresh)).toBe('new');
    expect(fresh.source.port).not.toBe(server.port);
  });

  it('uses one connection for many messages', async () => {
    const [server, client] = [await tcp(), await tcp()];
    const mine = inbox(server);
    const ports = new Set<number>();
    for (let n = 0; n < 5; n++)
      client.send(Buffer.from(requestText()), { address: '127.0.0.1', port: server.port }, () => undefined);
    for (let n = 0; n < 5; n++) ports.add((await mine.next()).source.port);
    expect(ports.size).toBe(1);
    expect([server.connections, client.connections]).toEqual([1, 1]);
  });

  it('tells when nobody listens', async () => {
    const other = await tcp();
    const { port } = other;
    await other.close();
    expect(await failure(await tcp(), port)).toBeInstanceOf(Error);
  });

  it('closes what is idle, and what leaves a message unfinished', async () => {
    const clock = new VirtualClock();
    const server = await tcp({ idleMs: 60_000, slowMs: 20_000 }, clock);
    const mine = inbox(server);
    const [idle, slow] = [await dial(server.port), await dial(server.port)];
    idle.write(requestText());
    await mine.next();
    slow.write(`${requestText({ body: 'first' })}INVITE sip:x SIP/2.0\r\n`);
    await mine.next();
    clock.advance(19_000);
    slow.write('Via: ');
    await expect.poll(() => server.connections).toBe(2);
    clock.advance(2000);
    await closed(slow);
    expect(server.connections).toBe(1);
    clock.advance(60_000);
    await closed(idle);
    expect(server.connections).toBe(0);
    expect(clock.waiting).toBe(0);
  });

  it('closes a connection whose framing is lost, and a peer that does not read', async () => {
    const server = await tcp({ unsentBytes: 4_000_000 });
    const mine = inbox(server);
    const broken = await dial(server.port);
    broken.write('INVITE sip:x SIP/2.0\r\nContent-Length: -5\r\n\r\n');
    expect((await mine.next()).message).toBeInstanceOf(SipParseError);
    await closed(broken);
    const deaf = await dial(server.port);
    deaf.pause();
    deaf.write(requestText());
    const { source } = await mine.next();
    const big = Buffer.alloc(1_000_000, 0x78);
    const errors: Error[] = [];
    for (let n = 0; n < 20; n++) server.send(big, { ...source, port: 9 }, (error) => errors.push(error));
    await expect.poll(() => errors.length).toBeGreaterThan(0);
    expect(server.hasFlow(source.flow!)).toBe(false);
  });

  it('turns away what exceeds its limit, or gives it the place of one that was long idle', async () => {
    const clock = new VirtualClock();
    const server = await tcp({ connections: 2 }, clock);
    const mine = inbox(server);
    const first = await dial(server.port);
    const second = await dial(server.port);
    await expect.poll(() => server.connections).toBe(2);
    await closed(await dial(server.port));
    clock.advance(61_000);
    second.write(requestText());
    await mine.next();
    const fourth = await dial(server.port);
    await closed(first);
    fourth.write(requestText({ body: 'in' }));
    expect(text(await mine.next())).toBe('in');
    expect(server.connections).toBe(2);
  });

  it('names the setting and the remedy when the port is taken', async () => {
    const { port } = await tcp();
    const error = await openTcp({ host: '127.0.0.1', port, clock: systemClock(), log: silentLog }).catch(
      (caught: unknown) => caught,
    );
    expect(error).toMatchObject({ code: 'PORT_IN_USE', key: 'EARSHOT_SIP_PORT' });
  });

  it('serves IPv6', async () => {
    const server = await tcp({}, systemClock(), '::1');
    const mine = inbox(server);
    (await dial(server.port, '::1')).write(requestText({ body: 'six' }));
    const got = await mine.next();
    expect([text(got), got.source.address, got.source.localAddress]).toEqual(['six', '::1', '::1']);
  });
});

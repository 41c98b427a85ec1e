import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { type IncomingMessage, request as httpRequest } from 'node:http';
import { request as httpsRequest } from 'node:https';
import { connect, createServer, type Socket } from 'node:net';
import { networkInterfaces } from 'node:os';
import { connect as connectTls } from 'node:tls';
import * as fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ensureSecrets, readSecret } from '../vault/secrets.ts';
import { listen, type Listening, type ListenOptions } from './listen.ts';
import { FakeAudio, ID, liveCall, LOCAL_TOKEN, openTestApi, PASSWORD, type TestApi } from './testing.ts';

let api: TestApi;
let server: Listening;
let options: ListenOptions;

beforeAll(async () => {
  const folder = mkdtempSync('/tmp/earshot-listen-');
  await ensureSecrets(folder, { now: Date.now(), hostNames: ['localhost'] });
  const [key, certificate] = await Promise.all([readSecret(folder, 'httpKey'), readSecret(folder, 'httpCertificate')]);
  rmSync(folder, { recursive: true });
  api = await openTestApi();
  options = { host: '0.0.0.0', port: 0, key, certificate, trustProxy: [] };
  server = await listen(api.app, options);
}, 30_000);
afterAll(() => server.close());

interface Answer {
  readonly status: number;
  readonly headers: IncomingMessage['headers'];
  readonly body: string;
}

function ask(url: string, headers: Record<string, string> = {}, method = 'GET', sent?: object): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const send = url.startsWith('https:') ? httpsRequest : httpRequest;
    const request = send(url, { headers, method, rejectUnauthorized: false, agent: false }, (response) => {
      let body = '';
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, headers: response.headers, body }));
    });
    request.on('error', reject).end(sent === undefined ? undefined : JSON.stringify(sent));
  });
}

/** Sends bytes as they are; gives all that comes back until the other side closes. */
function raw(bytes: Buffer | string): Promise<string> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1');
    let text = '';
    socket.on('data', (chunk: Buffer) => (text += chunk.toString('latin1')));
    socket.on('error', () => undefined);
    socket.on('close', () => resolve(text));
    socket.end(bytes);
  });
}

/** An address of this machine that is not loopback, if it has one. */
const outside = Object.values(networkInterfaces())
  .flat()
  .find((address) => address?.family === 'IPv4' && !address.internal)?.address;

const health = (host: string, scheme = 'http') => `${scheme}://${host}:${server.port}/api/v1/health`;

describe('one port', () => {
  it('answers HTTPS and, on loopback, plain HTTP', async () => {
    expect(await ask(health('127.0.0.1'))).toMatchObject({ status: 200, body: '{"status":"ok"}' });
    expect(await ask(health('127.0.0.1', 'https'))).toMatchObject({ status: 200, body: '{"status":"ok"}' });
  });

  it('gives a cookie that only HTTPS carries under HTTPS, and one of another name on plain loopback', async () => {
    const json = { 'content-type': 'application/json' };
    const person = { login: 'alice', password: PASSWORD };
    const cookies = await Promise.all(
      ['http', 'https'].map(async (scheme) => {
        const url = `${scheme}://127.0.0.1:${server.port}/api/v1/session`;
        const { headers } = await ask(url, json, 'POST', person);
        const [cookie = ''] = headers['set-cookie'] ?? [];
        expect((await ask(url, { cookie: cookie.split(';')[0] ?? '' })).status).toBe(200);
        return cookie;
      }),
    );
    expect(cookies[0]).toMatch(/^earshot=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Lax$/);
    expect(cookies[1]).toMatch(/^__Host-earshot=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Lax$/);
    const plainCookie = { cookie: cookies[0]?.split(';')[0] ?? '' };
    expect((await ask(`https://127.0.0.1:${server.port}/api/v1/session`, plainCookie)).status).toBe(401);
  });

  it('keeps a connection open for the next request', async () => {
    const request = `GET /api/v1/health HTTP/1.1\r\nhost: localhost\r\n`;
    const text = await raw(`${request}\r\n${request}connection: close\r\n\r\n`);
    expect(text.match(/HTTP\/1\.1 200 OK/g)).toHaveLength(2);
  });

  it.skipIf(outside === undefined)(
    'sends plain HTTP from elsewhere to https, and refuses what carries a secret',
    async () => {
      const url = `http://${outside}:${server.port}/recordings?q=x`;
      const page = await ask(url);
      expect([page.status, page.headers.location]).toEqual([308, `https://${outside}:${server.port}/recordings?q=x`]);
      for (const [headers, method] of [
        [{ authorization: `Bearer ${LOCAL_TOKEN}` }, 'GET'],
        [{ cookie: 'earshot=x' }, 'GET'],
        [{}, 'POST'],
      ] as const) {
        const refused = await ask(url, headers, method);
        expect(refused.status).toBe(403);
        expect(JSON.parse(refused.body)).toMatchObject({ code: 'NOT_ALLOWED' });
      }
      expect((await ask(health(outside!, 'https'))).status).toBe(200);
    },
  );

  it.skipIf(outside === undefined)('takes plain HTTP from a declared proxy', async () => {
    const behind = await listen((await openTestApi()).app, { ...options, trustProxy: ['10.0.0.0/8', `${outside}/32`] });
    expect((await ask(`http://${outside}:${behind.port}/api/v1/health`)).status).toBe(200);
    await behind.close();
  });

  it('takes the local token from this machine only', async () => {
    const authorization = `Bearer ${LOCAL_TOKEN}`;
    const url = `https://127.0.0.1:${server.port}/api/v1/session`;
    expect(JSON.parse((await ask(url, { authorization })).body)).toMatchObject({ kind: 'operator', user: null });
    expect((await ask(url, { authorization, 'x-forwarded-for': '192.0.2.1' })).status).toBe(401);
  });

  it('that belongs to another program is a clear error that names the setting', async () => {
    const other = createServer();
    await new Promise<void>((resolve) => void other.listen(0, '127.0.0.1', resolve));
    const { port } = other.address() as { port: number };
    await expect(listen(api.app, { ...options, host: '127.0.0.1', port })).rejects.toMatchObject({
      code: 'PORT_IN_USE',
      key: 'EARSHOT_HTTP_PORT',
    });
    other.close();
  });

  it('with an address or a certificate that cannot be used names the setting', async () => {
    const wrong = { code: 'CONFIG_INVALID' };
    await expect(listen(api.app, { ...options, host: '192.0.2.1' })).rejects.toMatchObject({
      ...wrong,
      key: 'EARSHOT_HTTP_HOST',
    });
    await expect(listen(api.app, { ...options, key: 'no key' })).rejects.toMatchObject({
      ...wrong,
      key: 'EARSHOT_HTTP_CERT',
    });
  });
});

describe('what is not HTTP', () => {
  it.each([
    ['a request that is none', 'hello\r\n\r\n', '400'],
    ['a header without an end', `GET / HTTP/1.1\r\nx: ${'x'.repeat(40_000)}\r\n\r\n`, '431'],
    ['two lengths', 'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 1\r\ncontent-length: 2\r\n\r\nxx', '400'],
    [
      'length and chunks at once',
      'POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      '400',
    ],
    ['no host', 'GET / HTTP/1.1\r\n\r\n', '400'],
  ])('%s gets a short answer', async (_name, bytes, status) => {
    expect(await raw(bytes)).toMatch(new RegExp(`^HTTP/1\\.1 ${status} `));
  });

  it('a TLS greeting that is none is dropped', async () => {
    expect(await raw(Buffer.from('160301ffff00', 'hex'))).not.toContain('HTTP');
    expect(await raw(Buffer.of(0x16))).toBe('');
  });

  it('of any kind, plain or under TLS, stops nothing', async () => {
    const start = fc.constantFrom(
      '',
      'GET / HTTP/1.1\r\n',
      'PUT /api/v1/settings HTTP/1.1\r\nhost: x\r\n',
      '\x16\x03\x01',
    );
    const rest = fc.oneof(
      fc.string(),
      fc.uint8Array({ maxLength: 200 }).map((bytes) => Buffer.from(bytes).toString('latin1')),
    );
    await fc.assert(
      fc.asyncProperty(start, rest, async (head, tail) => {
        await raw(Buffer.from(head + tail, 'latin1'));
      }),
      { numRuns: 150 },
    );
    await new Promise<void>((resolve) => {
      const socket = connectTls({ port: server.port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
        socket.end('\x00\x01 nothing that is HTTP\r\n\r\n');
      });
      socket
        .resume()
        .on('close', () => resolve())
        .on('error', () => undefined);
    });
    expect((await ask(health('127.0.0.1'))).status).toBe(200);
  });
});

/** A reader of the wire that has sent a request, read the beginning of its answer, and then does as the test says. */
function open(path: string, headers: Record<string, string>): Promise<Socket> {
  return new Promise((resolve) => {
    const socket = connect(server.port, '127.0.0.1', () => {
      const lines = Object.entries({ host: 'localhost', ...headers }).map(([name, value]) => `${name}: ${value}\r\n`);
      socket.write(`GET ${path} HTTP/1.1\r\n${lines.join('')}\r\n`);
    });
    socket.once('data', () => {
      socket.pause();
      resolve(socket);
    });
  });
}

/** Asks again and again until it holds; fails with the test's own time limit. */
async function until(holds: () => boolean): Promise<void> {
  while (!holds()) await new Promise((resolve) => void setImmediate(resolve));
}

describe('a slow reader', () => {
  it('of audio is not read ahead for, and one that goes away frees the audio', async () => {
    api.context.fakeAudio = new FakeAudio(50_000_000);
    const socket = await open(`/api/v1/recordings/${ID}/audio`, api.cookie);
    let before = -1;
    await until(() => {
      const stands = api.context.fakeAudio.framesRead === before;
      before = api.context.fakeAudio.framesRead;
      return stands && before > 0;
    });
    // What the sockets of both sides hold, and no more: of 200 MB.
    expect(4 * api.context.fakeAudio.framesRead).toBeLessThan(20_000_000);
    expect(api.context.fakeAudio.closed).toBe(0);
    socket.destroy();
    await until(() => api.context.fakeAudio.closed === 1);
  });

  it('of events is cut off before much has piled up, and one that goes away leaves nothing behind', async () => {
    const before = api.context.clock.waiting;
    const gone = await open('/api/v1/events', api.cookie);
    expect(api.context.clock.waiting).toBe(before + 2);
    gone.destroy();
    await until(() => api.context.clock.waiting === before);
    const stalled = await open('/api/v1/events', api.cookie);
    const warnings = ['x'.repeat(100_000)];
    for (let i = 0; api.context.clock.waiting > before; i++) {
      api.context.say(liveCall({ callId: `call-${i}`, warnings }));
      await new Promise((resolve) => void setImmediate(resolve));
      expect(i).toBeLessThan(1000);
    }
    stalled.destroy();
  });
});

describe('closing', () => {
  it('ends readers of events and idle connections at once, and can be asked for twice', async () => {
    const other = await openTestApi();
    const listening = await listen(other.app, { ...options, host: '127.0.0.1' });
    const idle = connect(listening.port, '127.0.0.1');
    const events = httpRequest(`http://127.0.0.1:${listening.port}/api/v1/events`, { headers: other.cookie });
    events.end();
    const [[response]] = (await Promise.all([once(events, 'response'), once(idle, 'connect')])) as [
      [IncomingMessage],
      unknown,
    ];
    const ended = once(response.resume(), 'close').catch(() => undefined);
    const started = performance.now();
    await Promise.all([listening.close(), listening.close()]);
    await ended;
    expect(performance.now() - started).toBeLessThan(1500);
    idle.destroy();
    expect(other.context.clock.waiting).toBe(0);
  });
});

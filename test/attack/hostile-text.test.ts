import { mkdirSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { RecordingDetail } from '../../src/api/recordings/schema.ts';
import { metadataOf, RecordedSession } from '../e2e/recorded-session.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import { shown } from './shown.ts';
import { Shelf } from '../e2e/shelf.ts';

const server = new TestServer({ basePort: 31_000 });
const shelf = new Shelf(server);
let client: RecordingClient;
/** Set-up of calls with metadata that is as it should be, ms. */
let usualMs: number;

beforeAll(async () => {
  await server.start();
  client = await RecordingClient.open(server, 'tcp');
  for (let n = 0; n < 5; n++) usualMs = (await setUp(`+155506${String(n).padStart(2, '0')}`)).ms;
});

afterAll(async () => {
  await server.remove();
  await client.close();
});

function plain(number: string, name = 'Alice'): string {
  const party = (one: string, aor: string) => ({ name: one, aor: `sip:${aor}@example.com` });
  return metadataOf(number, party(name, number), party('Bob', `9${number}`));
}

/** A call with this metadata that ends at once. */
async function setUp(number: string, metadata = plain(number)): Promise<{ ms: number }> {
  const from = performance.now();
  const call = await RecordedSession.open(client, { from: number, metadata });
  const ms = performance.now() - from;
  await call.speak(Buffer.alloc(160 * 5, 0xff), Buffer.alloc(160 * 5, 0x7f));
  await call.end();
  return { ms };
}

const entities = Array.from({ length: 30 }, (_, n) => `<!ENTITY e${n + 1} "&e${n};&e${n};&e${n};&e${n};">`).join('');

describe('metadata made to harm', () => {
  it.each<[string, (good: string) => string]>([
    ['a document type', (good) => good.replace('<recording ', '<!DOCTYPE recording><recording ')],
    [
      'entities that multiply',
      (good) =>
        good.replace('<recording ', `<!DOCTYPE r [<!ENTITY e0 "ha">${entities}]><recording `).replace('Alice', '&e30;'),
    ],
    [
      'an entity from a file',
      (good) =>
        good
          .replace('<recording ', '<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]><recording ')
          .replace('Alice', '&x;'),
    ],
    [
      'an entity from the network',
      (good) =>
        good
          .replace('<recording ', '<!DOCTYPE r [<!ENTITY x SYSTEM "http://127.0.0.1:9/x">]><recording ')
          .replace('Alice', '&x;'),
    ],
    [
      '10,000 levels',
      () =>
        `<recording xmlns="urn:ietf:params:xml:ns:recording:1">${'<a>'.repeat(10_000)}${'</a>'.repeat(10_000)}</recording>`,
    ],
    ['an attribute of a megabyte', (good) => good.replace('<recording ', `<recording x="${'y'.repeat(1_000_000)}" `)],
    [
      '100,000 attributes',
      (good) =>
        good.replace('<recording ', `<recording ${Array.from({ length: 100_000 }, (_, n) => `a${n}=""`).join(' ')} `),
    ],
    ['nothing but an opening', () => '<recording'],
    ['bytes without sense', () => '\u0000\u0001\u00ff<<<>>>&&&'],
  ])('%s: the call is taken nearly as fast as any, and carries a warning', async (name, harm) => {
    const number = `+1555061${String(name.length).padStart(2, '0')}${name.charCodeAt(0)}`;
    const { ms } = await setUp(number, harm(plain(number)));
    await shown(
      `metadata with ${name}`,
      'set-up takes at most 50 ms more than any, no file or network opened, audio recorded',
      `${(ms - usualMs).toFixed(0)} ms more`,
      async () => {
        expect(ms - usualMs).toBeLessThan(50);
        const detail = await shelf.find(number);
        expect(detail.warnings.join()).not.toBe('');
        expect(detail.playable).toBe(true);
        expect(JSON.stringify(detail)).not.toContain('root:');
        expect(JSON.stringify(detail).length).toBeLessThan(50_000);
      },
    );
  });
});

describe('metadata in another encoding than it says', () => {
  it.each<[string, (good: string) => string]>([
    ['UTF-16 without a mark', (good) => Buffer.from(good, 'utf16le').toString('latin1')],
    ['an encoding that nobody knows', (good) => good.replace('UTF-8', 'KLINGON-8')],
    ['said to be UTF-16, and is not', (good) => good.replace('UTF-8', 'UTF-16')],
  ])('%s: the call is taken, and either understood or warned of', async (name, harm) => {
    const number = `+1555065${name.length}`;
    const { ms } = await setUp(number, harm(plain(number)));
    expect(ms - usualMs).toBeLessThan(50);
    const detail = await shelf.find(number);
    expect(detail.playable).toBe(true);
    if (detail.warnings.length === 0) expect(detail.parties[0]!.name).toBe('Alice');
  });
});

const HOSTILE = {
  html: '<script>alert(1)</script><img src=x onerror=alert(1)>',
  path: '../../../../etc/passwd',
  sql: `Robert'); DROP TABLE recordings; --`,
  shell: '$(touch /tmp/owned); `id` | cat',
  format: '%s%n%x {{7*7}} ${7*7}',
  direction: 'abc\u202etxt.exe',
  null: 'nul&#0;l',
} as const;

describe('hostile text', () => {
  it.each(Object.entries(HOSTILE))('of kind %s in the metadata is kept and shown as text', async (kind, text) => {
    const number = `+1555062${kind.length}${kind.charCodeAt(0)}`;
    await setUp(number, plain(number, text));
    const detail = await shelf.find(number);
    const [caller] = detail.parties;
    // Escaped by the sender, it is the sender's very text; a reference to a character that XML does not have makes it unreadable.
    if (kind === 'direction') expect(caller!.name).toMatch(/abc.?txt\.exe/);
    else if (kind !== 'null') expect(caller!.name).toBe(text);
    // oxlint-disable-next-line no-control-regex
    expect(JSON.stringify(detail)).not.toMatch(/[\u0000-\u001f]/);
    const found = await server
      .api<{ items: RecordingDetail[] }>('GET', `/recordings?q=${encodeURIComponent(text)}`)
      .catch((error: unknown) => error);
    expect(String(found)).not.toMatch(/: 5\d\d /);
  });

  it('in SIP fields changes no path, no header and no log line', async () => {
    const before = readdirSync(dirname(server.dataDir)).length;
    const number = '+15550631';
    const { agent, protocol, destination } = client;
    const { session, response } = await agent.invite({
      target: `sip:recorder@127.0.0.1:${destination.port}`,
      destination,
      protocol,
      from: `"${HOSTILE.html.replaceAll('"', '')} \u0007 ${HOSTILE.shell}" <sip:${number}@example.com;x=../../..>`,
      callId: `../../../${'a'.repeat(200)}@%00/etc/passwd'--`,
      headers: {
        Subject: HOSTILE.sql,
        'User-Agent': '\u001b[31mred\u001b[0m',
        'X-Long': 'x'.repeat(50_000),
        'Call-Info': '<http://127.0.0.1:9/>;purpose=icon',
      },
      body: 'v=0\r\no=<script> 1 1 IN IP4 127.0.0.1\r\ns=<b>\r\nc=IN IP4 127.0.0.1\r\nt=0 0\r\nm=audio 9000 RTP/AVP 0\r\na=label:../../x\r\na=sendonly\r\n',
      contentType: 'application/sdp',
    });
    expect(response.status).toBe(200);
    await session!.bye();
    const detail = await shelf.find(number);
    expect(detail.parties[0]!.number).toBe(number);
    expect(readdirSync(dirname(server.dataDir)).length).toBeLessThanOrEqual(before + 1);
    expect(server.output).not.toContain('\u001b[31m');
    const trace = await fetch(`${server.url}/api/v1/recordings/${detail.id}/trace`, {
      headers: { authorization: `Bearer ${server.localToken}` },
    });
    expect(trace.headers.get('content-type')).toMatch(/json|text\/plain/);
    expect(trace.headers.get('x-content-type-options')).toBe('nosniff');
  });

  it('of a megabyte in a name is cut, and costs no call', async () => {
    const number = '+15550641';
    await setUp(number, plain(number, `${'<b>'.repeat(100_000)}${'\u{1f600}'.repeat(10_000)}`));
    const detail = await shelf.find(number);
    expect(detail.playable).toBe(true);
    expect(JSON.stringify(detail).length).toBeLessThan(50_000);
  });

  it('is shown under a strict Content-Security-Policy, everywhere', async () => {
    for (const path of ['/', '/recordings/x', '/api/v1/health', '/nowhere/../x']) {
      const response = await fetch(`${server.url}${path}`);
      const policy = response.headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/default-src 'self'/);
      expect(policy).toMatch(/script-src 'self'(;|$)/);
      expect(policy).toMatch(/object-src 'none'/);
      expect(policy).toMatch(/base-uri 'none'/);
      expect(policy).toMatch(/frame-ancestors 'none'/);
      expect(response.headers.get('x-content-type-options')).toBe('nosniff');
    }
  });

  it('has written nothing outside of the data folder', () => {
    mkdirSync(server.dataDir, { recursive: true });
    const names = readdirSync(server.dataDir).sort();
    expect(names.filter((name) => !/^[a-z-]+$/.test(name))).toEqual([]);
    expect(() => readdirSync(join('/tmp', 'owned'))).toThrow(/ENOENT/);
  });
});

import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { noise } from '../e2e/noise.ts';
import { describe as sdpOf } from '../e2e/recorded-session.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import { Shelf } from '../e2e/shelf.ts';
import { newKeys, SecureCall } from '../e2e/srtp/secure-call.ts';
import { shown } from './shown.ts';

const folder = mkdtempSync(join(tmpdir(), 'earshot-demands-'));
const path = (name: string): string => join(folder, name);

function issue(name: string, by?: string): { certificate: string; key: string } {
  const parameters = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  parameters.push('-subj', `/CN=${name}`, '-keyout', path(`${name}.key`), '-out', path(`${name}.crt`));
  if (by !== undefined) parameters.push('-CA', path(`${by}.crt`), '-CAkey', path(`${by}.key`));
  execFileSync('openssl', parameters, { stdio: 'pipe' });
  return { certificate: readFileSync(path(`${name}.crt`), 'utf8'), key: readFileSync(path(`${name}.key`), 'utf8') };
}

const [, , mine, theirs] = [issue('mine-ca'), issue('theirs-ca'), issue('sbc', 'mine-ca'), issue('other', 'theirs-ca')];
writeFileSync(
  path('earshot.yaml'),
  `trunks:
  - name: secure
    addresses: 127.0.0.1
    media: 127.0.0.1
    tls: certificate
    tlsCa: ${path('mine-ca.crt')}
    srtp: required
  - name: neighbour
    addresses: 127.0.0.77
    tlsCa: ${path('theirs-ca.crt')}
`,
);
const server = new TestServer({ basePort: 13_000, env: { EARSHOT_CONFIG: path('earshot.yaml') } });
const clients: RecordingClient[] = [];

beforeAll(() => server.start());
afterAll(async () => {
  for (const client of clients) await client.close();
  await server.remove();
  rmSync(folder, { recursive: true });
});

async function clientBy(protocol: 'udp' | 'tls', identity = {}): Promise<RecordingClient> {
  const client = await RecordingClient.open(server, protocol, '127.0.0.1', undefined, identity);
  clients.push(client);
  return client;
}

async function answerTo(client: RecordingClient, profile: string): Promise<string> {
  const { response, session } = await client.agent.invite({
    target: `sip:recorder@127.0.0.1:${client.destination.port}`,
    destination: client.destination,
    protocol: client.protocol,
    from: '<sip:+15550700@example.com>',
    body: sdpOf([30_000, 30_002]).replaceAll('RTP/AVP', profile),
    contentType: 'application/sdp',
  });
  await session?.bye();
  return `${response.status} ${response.reason} ${response.headers.get('Warning') ?? ''}`.trim();
}

describe('a trunk that demands a client certificate and SRTP', () => {
  it.each([
    ['over UDP', 'udp', {}, '403 TLS With Client Certificate Required'],
    ['over TLS without a certificate', 'tls', {}, '403 Client Certificate Required'],
    ['with a certificate of another trunk', 'tls', theirs, '403 Client Certificate Not Accepted'],
    [
      'with a certificate, but plain media',
      'tls',
      mine,
      '488 Not Acceptable Here 399 earshot "this trunk takes media under SRTP only',
    ],
  ] as const)('refuses a call %s, and says why', async (how, protocol, identity, expected) => {
    const answer = await answerTo(await clientBy(protocol, identity), 'RTP/AVP');
    await shown(`a call ${how}, where certificate and SRTP are demanded`, 'refused, with the reason', answer, () =>
      expect(answer.startsWith(expected)).toBe(true),
    );
  });

  it('names the trunk and what was wrong in the log', () => {
    expect(server.output).toMatch(/"trunk":"secure","reason":"TLS With Client Certificate Required"/);
    expect(server.output).not.toContain('BEGIN CERTIFICATE');
  });

  it('takes one with both, and keeps it', async () => {
    const client = await clientBy('tls', mine);
    const payload = noise(700, 50);
    const call = await SecureCall.open(client, '+15550701', newKeys('AEAD_AES_128_GCM'));
    await call.speak(payload, 50);
    await call.end();
    const detail = await new Shelf(server).find('+15550701');
    expect([detail.trunk, detail.tracks[0]!.packets]).toEqual(['secure', 50]);
  });
});

import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { connect } from 'node:tls';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { DEFAULT_TRUNK, type TrunkConfig } from '../../base/trunks.ts';
import { trunkFinder } from '../agent/trunks.ts';
import { requestText } from '../raw-peer.fixture.ts';
import { certificateNames, openTls, type TlsOptions } from './tls.ts';
import type { Inbound, Transport } from './types.ts';

interface Identity {
  readonly certificate: string;
  readonly key: string;
}

const open: Transport[] = [];
let folder: string;
let authority: Identity;
let server: Identity;
let client: Identity;
let stranger: Identity;

const fingerprintOf = ({ certificate }: Identity): string => new X509Certificate(certificate).fingerprint256;

/** A certificate by openssl, signed by `by` or by itself. */
function issue(name: string, names?: string, by?: string, file = name, more: readonly string[] = []): Identity {
  const [certificate, key] = [join(folder, `${file}.crt`), join(folder, `${file}.key`)];
  const parameters = [
    'req',
    '-x509',
    '-newkey',
    'ec',
    '-pkeyopt',
    'ec_paramgen_curve:P-256',
    '-nodes',
    '-days',
    '2',
    ...more,
  ];
  parameters.push('-subj', `/CN=${name}`, '-keyout', key, '-out', certificate);
  if (names !== undefined) parameters.push('-addext', `subjectAltName=${names}`);
  if (by !== undefined) parameters.push('-CA', join(folder, `${by}.crt`), '-CAkey', join(folder, `${by}.key`));
  if (by !== undefined && !more.includes('basicConstraints=critical,CA:TRUE'))
    parameters.push('-addext', 'basicConstraints=critical,CA:FALSE');
  execFileSync('openssl', parameters, { stdio: 'pipe' });
  return { certificate: readFileSync(certificate, 'utf8'), key: readFileSync(key, 'utf8') };
}

beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'earshot-tls-'));
  authority = issue('authority');
  server = issue('recorder', 'DNS:localhost,IP:127.0.0.1', 'authority');
  client = issue('sbc', 'DNS:sbc.example.com,URI:sip:Carrier.example.com', 'authority');
  stranger = issue('sbc.example.com');
});

afterAll(() => rmSync(folder, { recursive: true }));

afterEach(async () => {
  for (const one of open.splice(0)) await one.close();
});

async function tls(options: Partial<TlsOptions>): Promise<Transport> {
  const transport = await openTls({
    host: '127.0.0.1',
    port: 0,
    clock: systemClock(),
    log: silentLog,
    ...server,
    ...options,
  });
  open.push(transport);
  return transport;
}

/** One message from a client with these options to a server with those. */
async function exchange(atClient: Partial<TlsOptions>, atServer: Partial<TlsOptions>): Promise<Inbound | Error> {
  const [listener, caller] = [await tls(atServer), await tls({ serverCa: authority.certificate, ...atClient })];
  return new Promise((resolve) => {
    listener.start(resolve);
    const target = { address: '127.0.0.1', port: listener.port, serverName: 'localhost' };
    caller.send(Buffer.from(requestText({ body: 'x'.repeat(30_000) })), target, resolve);
  });
}

describe('TLS', () => {
  it('carries messages without a client certificate, and then knows no name', async () => {
    const got = (await exchange({}, {})) as Inbound;
    expect(got.source).toMatchObject({ protocol: 'tls', address: '127.0.0.1', tlsNames: [] });
    expect('body' in got.message && got.message.body.length).toBe(30_000);
  });

  it('gives the names of a client certificate that the authority signed to the trunk check', async () => {
    const { source } = (await exchange(client, { clientCa: authority.certificate })) as Inbound;
    expect(source.tlsNames).toEqual(['sbc', 'sbc.example.com', 'carrier.example.com']);
    expect(source.certificate).toEqual({ fault: null, chain: [client, authority].map(fingerprintOf) });
  });

  it('gives no name of a certificate that the authority did not sign, but says what is wrong with it', async () => {
    const { source } = (await exchange(stranger, { clientCa: authority.certificate })) as Inbound;
    expect(source.tlsNames).toEqual([]);
    expect(source.certificate).toEqual({ fault: expect.stringMatching(/SELF_SIGNED|self.signed/), chain: [] });
  });

  it('refuses a server whose certificate it does not trust, unless told to take any', async () => {
    const other = issue('localhost', 'DNS:localhost');
    expect(await exchange({}, other)).toBeInstanceOf(Error);
    expect(await exchange({ insecure: true }, other)).not.toBeInstanceOf(Error);
  });

  it('names the TLS port when it is taken, and the certificate when it cannot be read', async () => {
    const { port } = await tls({});
    await expect(tls({ port })).rejects.toMatchObject({ code: 'PORT_IN_USE', key: 'EARSHOT_SIP_TLS_PORT' });
    await expect(tls({ certificate: 'nonsense' })).rejects.toMatchObject({
      code: 'KEY_INVALID',
      key: 'EARSHOT_SIP_CERT',
    });
  });

  it('reads no name out of a quoted one (CVE-2021-44532)', () => {
    const subjectaltname = String.raw`DNS:"a, DNS:evil.example.com", DNS:good.example.com, URI:sip:x.example.com`;
    expect(certificateNames({ subject: { CN: 'One', C: '', ST: '', L: '', O: '', OU: '' }, subjectaltname })).toEqual([
      'one',
      'good.example.com',
      'x.example.com',
    ]);
  });
});

describe('a trunk that demands a client certificate', () => {
  let other: Identity;
  /** Of the same name as the authority, with a key of its own. */
  let namesake: Identity;

  beforeAll(() => {
    other = issue('other-authority');
    namesake = issue('authority', undefined, undefined, 'namesake');
  });

  /** Both authorities are known to the listener, as each has a trunk of its own. */
  async function ask(by: Partial<TlsOptions>, demand: Partial<TrunkConfig>, clientCa: string | null = null) {
    const known = [authority, other, namesake, stranger].map(({ certificate }) => certificate);
    const { source } = (await exchange(by, { clientCa: known })) as Inbound;
    const find = trunkFinder([{ ...DEFAULT_TRUNK, name: 'carrier', ...demand }], clientCa);
    return { trunk: find(source)?.name, why: find.whyNot(source) };
  }

  const mine = () => ({ tls: 'certificate' as const, tlsCa: authority.certificate });

  it('takes one by its own authority', async () => {
    expect(await ask(client, mine())).toEqual({ trunk: 'carrier', why: undefined });
  });

  it('takes one by the authority of the node where it has none of its own', async () => {
    expect(await ask(client, { tls: 'certificate' }, authority.certificate)).toMatchObject({ trunk: 'carrier' });
    expect(await ask(client, { tls: 'certificate' }, other.certificate)).toMatchObject({ trunk: undefined });
    expect(await ask(client, { tls: 'certificate' }, null)).toMatchObject({ trunk: undefined });
  });

  it('takes one by an authority in between that stands in the same file', async () => {
    const between = issue('between', undefined, 'authority', 'between', [
      '-addext',
      'basicConstraints=critical,CA:TRUE',
    ]);
    const leaf = issue('leaf', undefined, 'between');
    const tlsCa = authority.certificate + between.certificate;
    const known = { clientCa: [tlsCa, other.certificate] };
    const { source } = (await exchange(leaf, known)) as Inbound;
    expect(source.certificate).toEqual({ fault: null, chain: [leaf, between, authority].map(fingerprintOf) });
    expect(trunkFinder([{ ...DEFAULT_TRUNK, tlsCa }])(source)).toBeDefined();
  });

  it('takes the very certificate that it names, and no other that signs itself', async () => {
    expect(await ask(stranger, { tlsCa: stranger.certificate })).toMatchObject({ trunk: 'carrier' });
    expect(await ask(stranger, mine())).toMatchObject({ trunk: undefined });
  });

  it('refuses a caller who shows none', async () => {
    // A transport that only calls out and has no certificate.
    const bare = { certificate: undefined, key: undefined, port: undefined } as unknown as Partial<TlsOptions>;
    expect(await ask(bare, mine())).toMatchObject({ trunk: undefined, why: { reason: 'Client Certificate Required' } });
  });

  it('refuses one of an authority that only another trunk trusts, also when that has the same name', async () => {
    const theirs = issue('sbc', undefined, 'other-authority', 'theirs');
    const alike = issue('sbc', undefined, 'namesake', 'alike');
    // The true authority is sent along, in the hope that it is taken for the signer.
    const posing = { ...alike, certificate: alike.certificate + namesake.certificate + authority.certificate };
    for (const one of [theirs, alike, posing]) {
      const { trunk, why } = await ask(one, mine());
      expect(trunk).toBeUndefined();
      expect(why?.reason).toBe('Client Certificate Not Accepted');
    }
  });

  it('refuses another name than the one that it wants, wildcards of one label included', async () => {
    const wild = issue('wild', 'DNS:*.example.com', 'authority');
    expect(await ask(client, { ...mine(), tlsName: 'SBC.example.com' })).toMatchObject({ trunk: 'carrier' });
    expect(await ask(wild, { ...mine(), tlsName: 'sbc.example.com' })).toMatchObject({ trunk: 'carrier' });
    expect(await ask(wild, { ...mine(), tlsName: 'example.com' })).toMatchObject({ trunk: undefined });
    expect(await ask(client, { ...mine(), tlsName: 'pbx.example.com' })).toMatchObject({
      trunk: undefined,
      why: { detail: 'it does not carry the name pbx.example.com' },
    });
  });

  it('knows the chain of each connection anew: a session cannot be resumed', async () => {
    const listener = await tls({ clientCa: authority.certificate });
    listener.start(() => undefined);
    const dial = (session?: Buffer) =>
      new Promise<{ reused: boolean; session: Buffer | undefined }>((resolve) => {
        const options = {
          host: '127.0.0.1',
          port: listener.port,
          rejectUnauthorized: false,
          ...(session && { session }),
        };
        const socket = connect({ ...options, cert: client.certificate, key: client.key }, () => {
          socket.write('\r\n\r\n');
          socket.once('data', () => {
            resolve({ reused: socket.isSessionReused(), session: socket.getSession() });
            socket.destroy();
          });
        });
      });
    const first = await dial();
    expect((await dial(first.session)).reused).toBe(false);
  });
});

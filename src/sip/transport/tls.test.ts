import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
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

/** A certificate by openssl, signed by `by` or by itself. */
function issue(name: string, names?: string, by?: string): Identity {
  const [certificate, key] = [join(folder, `${name}.crt`), join(folder, `${name}.key`)];
  const parameters = ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2'];
  parameters.push('-subj', `/CN=${name}`, '-keyout', key, '-out', certificate);
  if (names !== undefined) parameters.push('-addext', `subjectAltName=${names}`);
  if (by !== undefined) parameters.push('-CA', join(folder, `${by}.crt`), '-CAkey', join(folder, `${by}.key`));
  if (by !== undefined) parameters.push('-addext', 'basicConstraints=critical,CA:FALSE');
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
    const trunk = { ...DEFAULT_TRUNK, name: 'carrier', tlsName: 'SBC.example.com' };
    expect(trunkFinder([trunk])(source)?.name).toBe('carrier');
  });

  it('gives no name of a certificate that the authority did not sign, so that the trunk refuses it', async () => {
    const { source } = (await exchange(stranger, { clientCa: authority.certificate })) as Inbound;
    expect(source.tlsNames).toEqual([]);
    expect(trunkFinder([{ ...DEFAULT_TRUNK, tlsName: 'sbc.example.com' }])(source)).toBeUndefined();
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

import { execFileSync } from 'node:child_process';
import { connect, createServer } from 'node:tls';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { describe, expect, it } from 'vitest';
import {
  type CertifiedKey,
  loadCertificate,
  makeOwnerCertificate,
  makeServerCertificate,
  requireValid,
} from './certificate.ts';

const now = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;

/** What OpenSSL, which shares nothing with our writer, reads in it. */
function opensslText(pair: CertifiedKey): string {
  return execFileSync('openssl', ['x509', '-noout', '-text'], { input: pair.certificate }).toString();
}

describe('the owner certificate', () => {
  it('is RSA 3072, self-signed, for wrapping keys, and OpenSSL accepts it', async () => {
    const pair = await makeOwnerCertificate('Earshot owner', { now });
    const text = opensslText(pair);
    expect(text).toContain('Public-Key: (3072 bit)');
    expect(text).toContain('Key Encipherment, Data Encipherment');
    expect(text).toContain('CA:FALSE');
    const { certificate, expiresAt } = loadCertificate(pair, 'test');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.subject).toBe('CN=Earshot owner');
    // Past 2050 the time has another form.
    expect(expiresAt).toBe(now + 30 * 365 * DAY);
  });
});

describe('a server certificate', () => {
  const names = ['rec.example.com', 'localhost', '127.0.0.1', '::1', 'fe80::1%eth0', '2001:db8::12:0:5'];

  it('names hosts and addresses', async () => {
    const { certificate } = loadCertificate(await makeServerCertificate(names, { now }), 'test');
    expect(certificate.verify(certificate.publicKey)).toBe(true);
    expect(certificate.checkHost('rec.example.com')).toBe('rec.example.com');
    const addresses = ['127.0.0.1', '::1', 'fe80::1', '2001:db8::12:0:5'];
    expect(addresses.filter((address) => certificate.checkIP(address) === undefined)).toEqual([]);
    expect(certificate.checkIP('192.0.2.1')).toBeUndefined();
  });

  it('carries a TLS connection that trusts it', async () => {
    const pair = await makeServerCertificate(names, { now: Date.now() });
    const server = createServer({ cert: pair.certificate, key: pair.key }, (socket) => socket.end('hello'));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as AddressInfo;
    const socket = connect({ port, host: '127.0.0.1', ca: pair.certificate, servername: 'localhost' });
    const [data] = (await once(socket, 'data')) as [Buffer];
    expect(data.toString()).toBe('hello');
    socket.destroy();
    server.close();
  });
});

describe('loading', () => {
  it('refuses a key of another certificate and texts that are none', async () => {
    const [one, two] = [await makeServerCertificate(['a'], { now }), await makeServerCertificate(['b'], { now })];
    expect(() => loadCertificate({ ...one, key: two.key }, 'http')).toThrow(/http: the key does not belong/);
    expect(() => loadCertificate({ ...one, key: 'nonsense' }, 'http')).toThrow(/http: the key cannot be read/);
    expect(() => loadCertificate({ ...one, certificate: '' }, 'http')).toThrow(/http: the certificate cannot be read/);
  });

  it('refuses a server certificate before and after its time', async () => {
    const loaded = loadCertificate(await makeServerCertificate(['a'], { now }), 'http');
    expect(() => requireValid(loaded, now, 'http')).not.toThrow();
    expect(() => requireValid(loaded, now - 2 * DAY, 'http')).toThrow(/only from/);
    expect(() => requireValid(loaded, now + 826 * DAY, 'http')).toThrow(/ran out/);
  });
});

import { execFileSync } from 'node:child_process';
import { createPrivateKey, createPublicKey } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { openBytes } from '../seal/age/open.ts';
import { rsaIdentity, x25519Private } from '../seal/age/recipients.ts';
import { sealBytes } from '../seal/age/seal.ts';
import { loadCertificate } from '../seal/certificate.ts';
import { exportKeys, importKeys, loadLedgerKey, loadOwnerKeys, loadServerKeys, readKeyBundle } from './keys.ts';
import { manifestKey, openDetail, writeManifest } from './manifest.ts';
import { sampleDetail, sampleManifest } from './testing.ts';
import { loadManifest, openVault } from './vault.ts';
import { ensureSecrets, readSecret, SECRETS, secretPath } from './secrets.ts';

const now = Date.UTC(2026, 10, 20);
const DAY = 86_400_000;
const none = { certificate: null, key: null };
let dir: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'secrets-test-'));
});
afterEach(() => rm(dir, { recursive: true }));

async function contents(): Promise<Record<string, string>> {
  const names = await readdir(join(dir, 'secrets'));
  return Object.fromEntries(
    await Promise.all(names.map(async (name) => [name, await readFile(join(dir, 'secrets', name), 'utf8')] as const)),
  );
}

/** Every public half belongs to its private half. */
async function expectWhole(): Promise<void> {
  expect((await readdir(join(dir, 'secrets'))).toSorted()).toEqual(Object.values(SECRETS).toSorted());
  await loadOwnerKeys(dir);
  await loadLedgerKey(dir);
  await loadServerKeys(dir, 'http', none, now);
  await loadServerKeys(dir, 'sip', none, now);
  const raw = Buffer.from(await readSecret(dir, 'spoolPrivate'), 'base64');
  const x = createPublicKey(x25519Private(raw)).export({ format: 'jwk' }).x ?? '';
  expect(await readSecret(dir, 'spoolPublic')).toBe(Buffer.from(x, 'base64url').toString('base64'));
}

describe('ensureSecrets', () => {
  it('makes all of them, for nobody else to read, and changes none the second time', async () => {
    await ensureSecrets(dir, { now });
    await expectWhole();
    expect((await stat(join(dir, 'secrets'))).mode & 0o777).toBe(0o700);
    for (const name of Object.values(SECRETS))
      expect((await stat(join(dir, 'secrets', name))).mode & 0o777).toBe(0o600);
    const first = await contents();
    await ensureSecrets(dir, { now: now + 700 * DAY });
    expect(await contents()).toEqual(first);
  });

  it('ends with halves that fit when several processes race', async () => {
    const racers = Array.from({ length: 5 }, () => ensureSecrets(dir, { now }));
    expect(await Promise.allSettled(racers)).toMatchObject(racers.map(() => ({ status: 'fulfilled' })));
    await expectWhole();
  });

  it('goes on where a killed process stopped', async () => {
    await ensureSecrets(dir, { now });
    const before = await contents();
    for (const name of ['ownerCertificate', 'spoolPublic', 'httpCertificate', 'localToken'] as const) {
      await rm(secretPath(dir, name));
    }
    await ensureSecrets(dir, { now });
    await expectWhole();
    expect((await contents())['owner-key.pem']).toBe(before['owner-key.pem']);
  });

  it('never makes a new key in place of a lost one', async () => {
    await ensureSecrets(dir, { now });
    await rm(secretPath(dir, 'ownerKey'));
    await expect(ensureSecrets(dir, { now })).rejects.toMatchObject({ code: 'KEY_MISSING', key: 'owner-key.pem' });
    await expect(loadOwnerKeys(dir)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });

  it('renews the servers’ certificates before they run out, with the same key', async () => {
    await ensureSecrets(dir, { now });
    const before = await loadServerKeys(dir, 'http', none, now);
    await ensureSecrets(dir, { now: now + 800 * DAY });
    const after = await loadServerKeys(dir, 'http', none, now + 900 * DAY);
    expect(after.key).toBe(before.key);
    expect(after.certificate).not.toBe(before.certificate);
  });
});

describe('a configured certificate', () => {
  it('is used in place of our own and named by its setting when it cannot be read', async () => {
    await ensureSecrets(dir, { now });
    const [certificate, key] = [secretPath(dir, 'sipCertificate'), secretPath(dir, 'sipKey')];
    expect((await loadServerKeys(dir, 'http', { certificate, key }, now)).key).toBe(await readFile(key, 'utf8'));
    await expect(loadServerKeys(dir, 'http', { certificate: '/nowhere', key }, now)).rejects.toMatchObject({
      code: 'KEY_MISSING',
      key: 'http.certificate',
    });
    const mixed = { certificate, key: secretPath(dir, 'httpKey') };
    await expect(loadServerKeys(dir, 'http', mixed, now)).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });
});

describe('exported keys', () => {
  it('open a recording with Debian’s age, as one file', async () => {
    await ensureSecrets(dir, { now });
    const { recipient, identity } = await loadOwnerKeys(dir);
    const sealed = sealBytes([recipient], Buffer.from('evidence'));
    expect((await openBytes(identity, sealed)).toString()).toBe('evidence');
    await writeFile(join(dir, 'export.pem'), await exportKeys(dir));
    const opened = execFileSync('age', ['-d', '-i', join(dir, 'export.pem')], { input: sealed });
    expect(opened.toString()).toBe('evidence');
  });

  it('may be locked with a passphrase that OpenSSL and we can unlock', async () => {
    await ensureSecrets(dir, { now });
    const bundle = await exportKeys(dir, 'open sesame');
    expect(bundle).toContain('ENCRYPTED');
    const plain = execFileSync('openssl', ['pkey', '-passin', 'pass:open sesame'], { input: bundle });
    const key = createPrivateKey(await readSecret(dir, 'ownerKey'));
    expect(createPrivateKey(plain).equals(key)).toBe(true);
    const read = readKeyBundle(bundle, 'open sesame');
    const sealed = sealBytes([(await loadOwnerKeys(dir)).recipient], Buffer.from('x'));
    expect((await openBytes(rsaIdentity(read.privateKey), sealed)).toString()).toBe('x');
    expect(() => readKeyBundle(bundle, 'wrong')).toThrow(/key cannot be read/);
    expect(
      loadCertificate({ certificate: bundle.slice(bundle.indexOf('-----BEGIN CERT')), key: plain.toString() }, 'x')
        .expiresAt,
    ).toBeGreaterThan(now);
  });

  it('let another machine read what this one kept', async () => {
    const other = join(dir, 'other');
    await ensureSecrets(dir, { now });
    await ensureSecrets(other, { now });
    const [here, before] = [await openVault(dir, 'a'), await openVault(other, 'b')];
    const bytes = writeManifest(sampleManifest('r1'), sampleDetail(), here.recipients, here.signer);
    await before.store.createIfAbsent(manifestKey('r1'), bytes);
    await expect(loadManifest(before, 'r1')).rejects.toMatchObject({ code: 'KEY_MISSING' });
    const bundle = await exportKeys(dir, 'open sesame');
    await expect(importKeys(other, bundle, 'wrong')).rejects.toMatchObject({ code: 'KEY_INVALID' });
    expect(await importKeys(other, bundle, 'open sesame')).toBe(true);
    expect(await importKeys(other, await exportKeys(dir))).toBe(false);
    const after = await openVault(other, 'b');
    expect(await openDetail(await loadManifest(after, 'r1'), after.identities)).toEqual(sampleDetail());
    for (const vault of [here, before, after]) await vault.close();
    await writeFile(join(other, 'secrets', 'imported', 'broken.pem'), 'x');
    await expect(openVault(other, 'b')).rejects.toMatchObject({ code: 'KEY_INVALID' });
  });
});

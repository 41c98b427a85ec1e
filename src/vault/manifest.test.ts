import { createPublicKey, generateKeyPairSync } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import type { JsonValue } from '../base/json.ts';
import { rsaIdentity, rsaRecipient } from '../seal/age/recipients.ts';
import { canonicalJson } from './canonical.ts';
import { objectKey, recordingFolder, recordingIdOf, recordingOf } from './layout.ts';
import { manifestKey, openDetail, readManifest, writeManifest } from './manifest.ts';
import { MemoryStore } from './memory-store.ts';
import { sha256, signerOf, trust } from './signing.ts';
import { sampleDetail, sampleManifest, testOwnerKey } from './testing.ts';
import { readTombstone, writeTombstone } from './tombstone.ts';
import { verifyRecordings } from './verify.ts';

const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
const stranger = signerOf(generateKeyPairSync('ed25519').privateKey);
const keys = trust(signer);
const recipients = [rsaRecipient(createPublicKey(testOwnerKey))];
const id = recordingIdOf('c1');
const write = (): Buffer => writeManifest(sampleManifest(id), sampleDetail(), recipients, signer);

describe('a manifest', () => {
  it('comes back as it was written, its detail for the owner only', async () => {
    const manifest = readManifest(write(), keys);
    expect(manifest).toMatchObject(sampleManifest(id));
    expect(await openDetail(manifest, rsaIdentity(testOwnerKey))).toEqual(sampleDetail());
    const other = rsaIdentity(generateKeyPairSync('rsa', { modulusLength: 2048 }).privateKey);
    await expect(openDetail(manifest, other)).rejects.toMatchObject({ code: 'KEY_MISSING' });
  });

  it('shows no name and no number in the clear', () => {
    const text = write().toString();
    for (const secret of ['Alice', '5550100', 'x@example.com', 'sbc', 'verdict']) expect(text).not.toContain(secret);
  });

  it('is refused after any change of a field, and after a field more or less', () => {
    const original = JSON.parse(write().toString()) as Record<string, JsonValue>;
    for (const field of Object.keys(original)) {
      const value = original[field];
      const changed = typeof value === 'number' ? value + 1 : value === null ? 0 : `${JSON.stringify(value)}A`;
      for (const forged of [
        { ...original, [field]: changed },
        { ...original, [field]: undefined },
      ]) {
        const code = expect.stringMatching(/MANIFEST_CORRUPT|KEY_MISSING/) as string;
        expect(() => readManifest(Buffer.from(JSON.stringify(forged)), keys)).toThrow(
          expect.objectContaining({ code }),
        );
      }
    }
    expect(() => readManifest(Buffer.from(JSON.stringify({ ...original, extra: 1 })), keys)).toThrow(
      /cannot be trusted/,
    );
  });

  it.each(['', '{}', '[]', 'null', '{"format":"earshot-manifest/2"}', '\0\0\0', '{"recordingId":'])(
    'is refused when it is %j',
    (text) => {
      expect(() => readManifest(Buffer.from(text), keys)).toThrow(
        expect.objectContaining({ code: 'MANIFEST_CORRUPT' }),
      );
    },
  );

  it('of an unknown signer is said to be so', () => {
    const forged = writeManifest(sampleManifest(id), sampleDetail(), recipients, stranger);
    expect(() => readManifest(forged, keys)).toThrow(expect.objectContaining({ code: 'KEY_MISSING' }));
  });

  it('is refused at writing when it could not be read', () => {
    const bad = { ...sampleManifest(id), recordId: 0 };
    expect(() => writeManifest(bad, sampleDetail(), recipients, signer)).toThrow(/recordId/);
    const detail = { ...sampleDetail(), durationMs: Number.NaN };
    expect(() => writeManifest(sampleManifest(id), detail, recipients, signer)).toThrow(/durationMs/);
  });
});

describe('verification of recordings', () => {
  it('tells which are whole, and what is wrong with the others', async () => {
    const store = new MemoryStore();
    const put = async (name: string, change: (bytes: Buffer) => void = () => undefined): Promise<void> => {
      const own = recordingIdOf(name);
      const content = Buffer.from(`sealed ${name}`);
      const key = objectKey(0, own, 'a', 'wav');
      const audio = { key, bytes: content.length, sha256: sha256(content) };
      const manifest = writeManifest({ ...sampleManifest(own), audio }, sampleDetail(), recipients, signer);
      change(content);
      if (content.length > 0 && name !== 'missing') await store.createIfAbsent(key, content);
      await store.createIfAbsent(manifestKey(own), name === 'forged' ? Buffer.from('{}') : manifest);
    };
    await put('whole');
    await put('changed', (bytes) => void (bytes[0]! ^= 1));
    await put('missing');
    await put('forged');
    const found = await Array.fromAsync(verifyRecordings({ store, keys }));
    const codes = new Map(found.map(({ key, error }) => [key, error?.code ?? 'whole']));
    const names = ['whole', 'changed', 'missing', 'forged'];
    expect(names.map((name) => codes.get(manifestKey(recordingIdOf(name))))).toEqual([
      'whole',
      'SEAL_CORRUPT',
      'OBJECT_MISSING',
      'MANIFEST_CORRUPT',
    ]);
  });
});

describe('a tombstone', () => {
  it('comes back, and is refused when changed', () => {
    const input = {
      recordingId: id,
      recordId: 7,
      accountId: 'main',
      deletedAt: 5,
      by: 'retention',
      reason: 'age',
      manifestSha256: 'c'.repeat(64),
    };
    const bytes = writeTombstone(input, signer);
    expect(readTombstone(bytes, keys)).toMatchObject(input);
    const forged = bytes.toString().replace('retention', 'somebody');
    expect(() => readTombstone(Buffer.from(forged), keys)).toThrow(/signature/);
    expect(() => readTombstone(bytes, trust(stranger))).toThrow(/signature/);
  });
});

describe('names', () => {
  it('of objects tell day and recording', () => {
    const key = objectKey(Date.UTC(2026, 0, 2, 23, 59), id, 'k3', 'wav');
    expect(key).toBe(`objects/2026/01/02/${id}/k3.wav.age`);
    expect(key.startsWith(recordingFolder(Date.UTC(2026, 0, 2), id))).toBe(true);
    expect(recordingOf(key)).toBe(id);
    expect(recordingOf('manifests/x.json')).toBeNull();
  });

  it('of recordings follow from the call', () => {
    expect(recordingIdOf('c1')).toBe(id);
    expect(recordingIdOf('c2')).not.toBe(id);
  });

  it('canonical JSON does not depend on the order of fields', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'é"' }], a: true })).toBe('{"a":true,"b":[1,{"c":"é\\"","d":null}]}');
  });
});

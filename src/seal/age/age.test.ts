import { execFileSync } from 'node:child_process';
import { generateKeyPairSync, randomBytes } from 'node:crypto';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { EarshotError } from '../../base/errors.ts';
import { accessOf, gather, type RandomAccess, streamOf } from '../access.ts';
import { openAge, openBytes, openStream } from './open.ts';
import {
  rsaIdentity,
  rsaRecipient,
  x25519Identity,
  x25519Private,
  x25519Public,
  x25519Recipient,
} from './recipients.ts';
import { sealBytes, sealStream } from './seal.ts';
import { CHUNK, SEALED_CHUNK } from './stream.ts';

const rsa = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const x25519 = generateKeyPairSync('x25519');
const recipients = [rsaRecipient(rsa.publicKey)];
const identity = rsaIdentity(rsa.privateKey);

async function* inParts(bytes: Uint8Array, step: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += step) yield bytes.subarray(at, at + step);
}

const seal = (bytes: Uint8Array, step = 10_000): Promise<Buffer> =>
  gather(sealStream(recipients, inParts(bytes, step)), 1e9);
const headerLength = (sealed: Buffer): number => sealed.indexOf('\n', sealed.indexOf('\n---') + 1) + 1;
const SIZES = [0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK, 3 * CHUNK + 17];

describe('an age file', () => {
  it.each(SIZES)('of %i bytes opens whole, streamed and byte by byte', async (size) => {
    const plain = randomBytes(size);
    const sealed = await seal(plain, 777);
    expect(await openBytes(identity, sealed)).toEqual(plain);
    expect(await gather(openStream(identity, inParts(sealed, 4099)), 1e9)).toEqual(plain);
    if (size > CHUNK + 1) return;
    expect(await gather(openStream(identity, inParts(sealed, 1)), 1e9)).toEqual(plain);
    expect(await openBytes(identity, await seal(plain, 1))).toEqual(plain);
  });

  it.each(SIZES)('of %i bytes is the same from memory as from a stream', async (size) => {
    const plain = randomBytes(size);
    const random = (n: number): Buffer => Buffer.alloc(n, 7);
    const payload = (sealed: Buffer): Buffer => sealed.subarray(headerLength(sealed));
    const streamed = await gather(sealStream(recipients, inParts(plain, 5000), random), 1e9);
    expect(payload(sealBytes(recipients, plain, random))).toEqual(payload(streamed));
  });

  it('opens for each of several recipients and for nobody else', async () => {
    const sealed = sealBytes([...recipients, x25519Recipient(x25519.publicKey)], Buffer.from('for two'));
    for (const one of [identity, x25519Identity(x25519.privateKey)]) {
      expect((await openBytes(one, sealed)).toString()).toBe('for two');
    }
    await expect(openBytes(rsaIdentity(other.privateKey), sealed)).rejects.toMatchObject({ code: 'KEY_MISSING' });
    expect((await openBytes([rsaIdentity(other.privateKey), identity], sealed)).toString()).toBe('for two');
  });

  it('refuses a key that is too short or of another kind', () => {
    const short = generateKeyPairSync('rsa', { modulusLength: 1024 });
    expect(() => rsaRecipient(short.publicKey)).toThrow(/2048 bits/);
    expect(() => rsaIdentity(x25519.privateKey)).toThrow(/must be RSA/);
  });
});

describe('a large stream', () => {
  it('is sealed and opened with a chunk or two in memory, however long it is', async () => {
    const total = 32 * 1024 * 1024;
    let made = 0;
    const source = async function* (): AsyncGenerator<Uint8Array> {
      for (; made < total; made += 10_000) yield Buffer.alloc(10_000, made % 251);
    };
    let between = 0;
    const counted = async function* (): AsyncGenerator<Uint8Array> {
      for await (const part of sealStream(recipients, source())) {
        between += part.length;
        yield part;
      }
    };
    let ahead = 0;
    let seen = 0;
    for await (const part of openStream(identity, counted())) {
      seen += part.length;
      ahead = Math.max(ahead, made - seen, between - seen);
    }
    expect(seen).toBe(made);
    expect(ahead).toBeLessThan(4 * SEALED_CHUNK);
  });
});

describe('reading a range', () => {
  it('gives the same bytes as the whole and fetches only the chunks it touches', async () => {
    const plain = randomBytes(10 * CHUNK + 5);
    const sealed = await seal(plain);
    let fetched = 0;
    const source: RandomAccess = {
      ...accessOf(sealed),
      read: async (offset, length) => {
        fetched += length;
        return sealed.subarray(offset, offset + length);
      },
    };
    const access = await openAge(identity, source);
    expect(access.size).toBe(plain.length);
    for (const [offset, length, chunks] of [
      [0, 10, 1],
      [CHUNK - 1, 2, 2],
      [5 * CHUNK, CHUNK, 1],
      [5 * CHUNK + 3, 100, 0],
      [9 * CHUNK + 1, 2 * CHUNK, 2],
      [plain.length, 5, 0],
    ] as const) {
      fetched = 0;
      expect(Buffer.from(await access.read(offset, length))).toEqual(plain.subarray(offset, offset + length));
      expect(fetched).toBeLessThanOrEqual(chunks * SEALED_CHUNK);
    }
  });

  it('keeps to the chunk where damage is and still reads the others', async () => {
    const plain = randomBytes(4 * CHUNK);
    const sealed = await seal(plain);
    const payload = headerLength(sealed) + 16;
    sealed[payload + SEALED_CHUNK + 5]! ^= 1;
    const access = await openAge(identity, accessOf(sealed));
    await expect(access.read(CHUNK, 1)).rejects.toMatchObject({ code: 'SEAL_CORRUPT' });
    expect(Buffer.from(await access.read(2 * CHUNK, 50))).toEqual(plain.subarray(2 * CHUNK, 2 * CHUNK + 50));
  });
});

describe('damage', () => {
  const plain = randomBytes(2 * CHUNK + 100);
  let sealed: Buffer;
  let header: number;
  beforeAll(async () => {
    sealed = await seal(plain);
    header = headerLength(sealed);
  });
  const codeOf = (work: Promise<unknown>): Promise<unknown> =>
    work.then(
      () => 'opened',
      (error: EarshotError) => (error.code === 'KEY_MISSING' ? 'SEAL_CORRUPT' : error.code),
    );
  /** Read at random places and as a stream; a changed stanza may look like somebody else's. */
  const both = async (bytes: Buffer): Promise<unknown[]> => [
    await codeOf(openAge(identity, accessOf(bytes)).then((access) => gather(streamOf(access), 1e9))),
    await codeOf(gather(openStream(identity, inParts(bytes, 50_000)), 1e9)),
  ];
  const refused = ['SEAL_CORRUPT', 'SEAL_CORRUPT'];

  it('of any header byte, of the nonce, of any chunk and of its tag is found', async () => {
    const places = [
      header,
      header + 15,
      header + 16,
      header + 16 + CHUNK + 3,
      header + 16 + SEALED_CHUNK,
      sealed.length - 1,
    ];
    for (let at = 0; at < header; at += 7) places.push(at);
    for (const at of places) {
      const changed = Buffer.from(sealed);
      changed[at]! ^= 1;
      expect(await both(changed)).toEqual(refused);
    }
  });

  it('by cutting at any border, by chunks swapped, dropped, repeated or added is found', async () => {
    const body = header + 16;
    const chunk = (index: number): Buffer =>
      sealed.subarray(body + index * SEALED_CHUNK, body + (index + 1) * SEALED_CHUNK);
    const head = sealed.subarray(0, body);
    for (const cut of [0, 10, header - 1, header, header + 8, body, body + 5, body + 16]) {
      expect(await both(sealed.subarray(0, cut))).toEqual(refused);
    }
    expect(await both(Buffer.concat([head, chunk(0)]))).toEqual(refused);
    expect(await both(Buffer.concat([head, chunk(0), chunk(1)]))).toEqual(refused);
    expect(await both(sealed.subarray(0, sealed.length - 1))).toEqual(refused);
    expect(await both(Buffer.concat([head, chunk(1), chunk(0), chunk(2)]))).toEqual(refused);
    expect(await both(Buffer.concat([head, chunk(0), chunk(2)]))).toEqual(refused);
    expect(await both(Buffer.concat([head, chunk(0), chunk(0), chunk(1), chunk(2)]))).toEqual(refused);
    expect(await both(Buffer.concat([sealed, Buffer.alloc(1)]))).toEqual(refused);
    expect(await both(Buffer.concat([sealed, chunk(2)]))).toEqual(refused);
  });

  it('never makes the parser do anything but refuse', async () => {
    const small = sealBytes(recipients, Buffer.from('small'));
    for (let round = 0; round < 500; round++) {
      const changed = Buffer.from(small.subarray(0, 1 + ((round * 131) % small.length)));
      for (let n = 0; n < 3; n++) changed[(round * 7919 + n * 104_729) % changed.length] = (round * 31 + n) & 0xff;
      if (changed.equals(small)) continue;
      await expect(openBytes(identity, changed)).rejects.toMatchObject({ name: 'EarshotError' });
    }
    await expect(openBytes(identity, Buffer.alloc(100_000, 'a'))).rejects.toMatchObject({ code: 'SEAL_CORRUPT' });
  });
});

describe('Debian’s age', () => {
  const dir = mkdtempSync(join(tmpdir(), 'age-test-'));
  const key = join(dir, 'key.pem');
  afterAll(() => rmSync(dir, { recursive: true }));

  it('opens our files with the RSA key in PEM', async () => {
    const plain = randomBytes(3 * CHUNK + 1);
    writeFileSync(key, rsa.privateKey.export({ format: 'pem', type: 'pkcs8' }));
    writeFileSync(join(dir, 'ours.age'), await seal(plain));
    expect(execFileSync('age', ['-d', '-i', key, join(dir, 'ours.age')], { maxBuffer: 1e7 })).toEqual(plain);
  });

  it('makes files that we open', async () => {
    const plain = randomBytes(CHUNK + 9);
    const jwk = rsa.publicKey.export({ format: 'jwk' });
    const field = (bytes: Buffer): Buffer =>
      Buffer.concat([Buffer.of(0, 0, bytes.length >> 8, bytes.length & 255), bytes]);
    const wire = Buffer.concat([
      field(Buffer.from('ssh-rsa')),
      field(Buffer.from(jwk.e ?? '', 'base64url')),
      field(Buffer.concat([Buffer.of(0), Buffer.from(jwk.n ?? '', 'base64url')])),
    ]);
    const theirs = execFileSync('age', ['-r', `ssh-rsa ${wire.toString('base64')}`], { input: plain, maxBuffer: 1e7 });
    expect(await openBytes(identity, theirs)).toEqual(plain);
  });

  it('and we open each other’s files by its native keys', async () => {
    const keys = execFileSync('age-keygen', { stdio: ['ignore', 'pipe', 'ignore'] }).toString();
    const secret = /AGE-SECRET-KEY-1\w+/.exec(keys)?.[0] ?? '';
    const recipient = /age1\w+/.exec(keys)?.[0] ?? '';
    const native = x25519Identity(x25519Private(bech32(secret)));
    const theirs = execFileSync('age', ['-r', recipient], { input: 'from them' });
    expect((await openBytes(native, theirs)).toString()).toBe('from them');
    const ours = sealBytes([x25519Recipient(x25519Public(bech32(recipient)))], Buffer.from('from us'));
    writeFileSync(join(dir, 'native.key'), secret);
    expect(execFileSync('age', ['-d', '-i', join(dir, 'native.key')], { input: ours }).toString()).toBe('from us');
  });
});

/** The 32 bytes in a Bech32 text (BIP 173); the last six letters are its checksum. */
function bech32(text: string): Buffer {
  const letters = text.toLowerCase();
  const bits = Array.from(letters.slice(letters.lastIndexOf('1') + 1, -6))
    .map((letter) => 'qpzry9x8gf2tvdw0s3jn54khce6mua7l'.indexOf(letter).toString(2).padStart(5, '0'))
    .join('');
  return Buffer.from(Array.from({ length: 32 }, (_, at) => Number.parseInt(bits.slice(at * 8, at * 8 + 8), 2)));
}

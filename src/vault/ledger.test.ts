import { generateKeyPairSync } from 'node:crypto';
import { appendFile, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Ledger, type LedgerHead, type LedgerRecord } from './ledger.ts';
import { MemoryStore } from './memory-store.ts';
import { sha256, signerOf, trust } from './signing.ts';
import { type LedgerCheck, verifyLedger } from './verify-ledger.ts';

const signer = signerOf(generateKeyPairSync('ed25519').privateKey);
const keys = trust(signer);
let dir: string;
let path: string;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'ledger-test-'));
  path = join(dir, 'ledger', 'node-1.jsonl');
});
afterEach(() => rm(dir, { recursive: true }));

const kept = (n: number): LedgerRecord => ({ kind: 'kept', recordingId: `r${n}`, sha256: sha256(Buffer.of(n & 255)) });

async function fill(count: number): Promise<LedgerHead> {
  const ledger = await Ledger.open(path, signer);
  await Promise.all(Array.from({ length: count }, (_, n) => ledger.append(kept(n), 1000 + n)));
  await ledger.close();
  return ledger.head;
}

async function codes(check: Partial<LedgerCheck> = {}): Promise<string[]> {
  const { findings } = await verifyLedger(path, { keys, ...check });
  return [...new Set(findings.map(({ code }) => code))].toSorted();
}

const lines = async (): Promise<string[]> => (await readFile(path, 'utf8')).trimEnd().split('\n');
const rewrite = (all: readonly string[]): Promise<void> => writeFile(path, all.map((line) => `${line}\n`).join(''));

describe('the ledger', () => {
  it('chains what comes at once and one after the other, over restarts', async () => {
    const first = await fill(5);
    expect(first.sequence).toBe(5);
    const ledger = await Ledger.open(path, signer);
    expect(ledger.head).toEqual(first);
    expect((await ledger.append({ kind: 'deleted', recordingId: 'r1', sha256: 'd'.repeat(64) }, 9)).sequence).toBe(6);
    await ledger.close();
    expect(await verifyLedger(path, { keys, anchor: first })).toMatchObject({ entries: 6, findings: [] });
  });

  it('writes an entry once, however often it is asked to', async () => {
    await fill(3);
    const ledger = await Ledger.open(path, signer);
    const heads = await Promise.all([ledger.append(kept(1), 5), ledger.append(kept(7), 5), ledger.append(kept(7), 5)]);
    expect(heads.map(({ sequence }) => sequence)).toEqual([2, 4, 4]);
    await ledger.close();
    expect(await lines()).toHaveLength(4);
  });

  it('cuts off a torn last line and goes on', async () => {
    const head = await fill(3);
    const torn = (await lines())[2] ?? '';
    await appendFile(path, torn.slice(0, 50));
    expect(await codes()).toEqual([]);
    const ledger = await Ledger.open(path, signer);
    expect(ledger.head).toEqual(head);
    await ledger.append(kept(9), 1);
    await ledger.close();
    expect(await verifyLedger(path, { keys })).toMatchObject({ entries: 4, findings: [] });
  });

  it('goes on after the last entry of a file larger than what it reads at its start', async () => {
    const head = await fill(3500);
    expect((await readFile(path)).length).toBeGreaterThan(1024 * 1024);
    await appendFile(path, '{"torn');
    const ledger = await Ledger.open(path, signer);
    expect(ledger.head).toEqual(head);
    expect((await ledger.append(kept(3500), 1)).sequence).toBe(3501);
    await ledger.close();
    expect(await verifyLedger(path, { keys, anchor: head })).toMatchObject({ entries: 3501, findings: [] });
  });

  it('does not begin anew over a file that is no ledger', async () => {
    await fill(1);
    await rewrite(['not a ledger']);
    await expect(Ledger.open(path, signer)).rejects.toMatchObject({ code: 'MANIFEST_CORRUPT' });
  });
});

describe('verification finds', () => {
  it('a removed, a repeated, a swapped and an unreadable line', async () => {
    const anchor = await fill(6);
    const [a = '', b = '', c = '', ...rest] = await lines();
    await rewrite([a, c, ...rest]);
    expect(await codes()).toEqual(['chain-broken', 'sequence-broken']);
    await rewrite([a, b, b, c, ...rest]);
    expect(await codes()).toEqual(['chain-broken', 'sequence-broken']);
    await rewrite([b, a, c, ...rest]);
    expect(await codes()).toEqual(['chain-broken', 'sequence-broken']);
    await rewrite([a, 'x', b, c, ...rest]);
    expect(await codes({ anchor })).toEqual(['line-unreadable']);
  });

  it('a changed entry, even where the chain was mended by somebody without the key', async () => {
    await fill(3);
    const [a = '', b = '', c = ''] = await lines();
    const forged = b.replace('"recordingId":"r1"', '"recordingId":"rX"');
    const mended = c.replace(sha256(Buffer.from(b)), sha256(Buffer.from(forged)));
    await rewrite([a, forged, mended]);
    expect(await codes()).toEqual(['signature-wrong']);
    await rewrite([a, b, c]);
    expect(await codes({ keys: new Map() })).toEqual(['signature-wrong']);
  });

  it('a roll-back, by a head noted earlier', async () => {
    const anchor = await fill(4);
    await rewrite((await lines()).slice(0, 3));
    expect(await codes()).toEqual([]);
    expect(await codes({ anchor })).toEqual(['rolled-back']);
    await rm(path);
    expect(await codes({ anchor })).toEqual(['rolled-back']);
  });

  it('manifests that are gone, changed or in no entry', async () => {
    await fill(3);
    const store = new MemoryStore();
    for (const n of [0, 1, 2]) await store.createIfAbsent(`manifests/r${n}.json`, Buffer.of(n));
    expect(await codes({ store })).toEqual([]);
    await store.delete('manifests/r0.json');
    expect(await codes({ store })).toEqual(['manifest-missing']);
    await store.createIfAbsent('tombstones/r0.json', Buffer.of(0));
    await store.createIfAbsent('manifests/new.json', Buffer.of(0));
    expect(await codes({ store })).toEqual(['manifest-unlisted']);
    expect(await codes({ store, unlisted: false })).toEqual([]);
    await store.delete('manifests/r1.json');
    await store.createIfAbsent('manifests/r1.json', Buffer.of(2));
    expect(await codes({ store, unlisted: false })).toEqual(['manifest-changed']);
  });
});

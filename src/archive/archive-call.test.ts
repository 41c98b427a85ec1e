import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { OtherPackets } from '../audio/emit.ts';
import { decodePeaks } from '../audio/peaks.ts';
import type { CallState } from '../link/fold.ts';
import { gather, streamOf } from '../seal/access.ts';
import { FileStore } from '../vault/file-store.ts';
import { recordingIdOf } from '../vault/layout.ts';
import { ledgerPath } from '../vault/ledger.ts';
import { type ManifestDetail, openDetail } from '../vault/manifest.ts';
import { MemoryStore } from '../vault/memory-store.ts';
import type { Store } from '../vault/store.ts';
import { testOwnerKey, testVault } from '../vault/testing.ts';
import { writeTombstone } from '../vault/tombstone.ts';
import { loadManifest, openObject, type Vault } from '../vault/vault.ts';
import { verifyLedger } from '../vault/verify-ledger.ts';
import { archiveCall } from './archive-call.ts';
import { PACKETS_MAGIC } from './call-reading.ts';
import { recordingRow } from './recording-row.ts';
import { rebuildCatalogue } from './rebuild.ts';
import {
  archiveParts,
  decision,
  endedCall,
  MemoryCatalogue,
  MemoryLog,
  recordsOf,
  sound,
  stream,
  T0,
  type Talk,
} from './testing.ts';
import { ARCHIVE_STEPS, type ArchiveParts } from './types.ts';

let dir: string;
let vault: Vault;
let log: MemoryLog;
let catalogue: MemoryCatalogue;
let parts: ArchiveParts;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'archive-test-'));
  vault = await testVault(await FileStore.open(join(dir, 'vault')), ledgerPath(dir, 'node-1'));
  log = new MemoryLog();
  catalogue = new MemoryCatalogue();
  parts = archiveParts(vault, { log, catalogue });
});
afterEach(async () => {
  await vault.close();
  await rm(dir, { recursive: true });
});

function captured(call: CallState, talk: Talk = { packets: 100 }): CallState {
  log.calls.set(call.callId, recordsOf(talk));
  return call;
}

async function opened(key: string | undefined): Promise<Buffer> {
  const access = await openObject(vault, key ?? '');
  try {
    return await gather(streamOf(access), 1e9);
  } finally {
    await access.close();
  }
}

async function detailOf(call: CallState): Promise<ManifestDetail> {
  return openDetail(await loadManifest(vault, recordingIdOf(call.callId)), vault.identities);
}

async function allFiles(folder: string): Promise<Buffer[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true });
  return Promise.all(
    entries.filter((entry) => entry.isFile()).map((entry) => readFile(join(entry.parentPath, entry.name))),
  );
}

describe('an ended call', () => {
  it('becomes a row, a manifest and a sealed WAV with each party’s own samples, which age opens', async () => {
    const call = captured(endedCall());
    expect(await archiveCall(parts, call)).toBe('archived');
    const [row] = [...catalogue.rows.values()];
    expect(row).toMatchObject({
      id: recordingIdOf(call.callId),
      recordId: 1,
      callId: call.callId,
      conversationId: call.callId,
      container: 'wav',
      codec: 'PCMU',
      channels: 2,
      durationMs: 2000,
      direction: 'IN',
      trunk: 'sbc',
      endReason: 'bye',
      startedAt: new Date(T0),
      retainUntil: new Date(T0 + 2000 + 90 * 86_400_000),
      warnings: ['metadata was partly unreadable'],
    });
    expect(row?.parties.map(({ name, channel, position }) => [name, channel, position])).toEqual([
      ['Alice', 0, 0],
      ['Bob', 1, 1],
    ]);
    expect(row?.tracks.map(({ packets, lost }) => [packets, lost])).toEqual([
      [100, 0],
      [100, 0],
    ]);
    const wav = await opened(row?.objectKey ?? '');
    const frames = wav.subarray(wav.length - 2 * 16_000);
    const left = Buffer.from(frames.filter((_, at) => at % 2 === 0));
    const sent = Buffer.concat(Array.from({ length: 100 }, (_, n) => sound(0, n)));
    expect(left.equals(sent)).toBe(true);
    await writeFile(join(dir, 'key.pem'), testOwnerKey.export({ format: 'pem', type: 'pkcs8' }));
    const path = join(dir, 'vault', row?.objectKey ?? '');
    expect(execFileSync('age', ['-d', '-i', join(dir, 'key.pem'), path], { maxBuffer: 1e8 }).equals(wav)).toBe(true);
    expect((await detailOf(call)).audioSha256).toBe(createHash('sha256').update(wav).digest('hex'));
  });

  it('whose signalling was lost with the journal is heard all the same, as its packets tell, with the warning', async () => {
    const facts = { trunk: 'unknown', parties: [], direction: 'UNKNOWN' as const, vendorIds: {} };
    const lost = { facts, streams: [], warnings: ['the journal was damaged'] };
    const call = captured(endedCall({ opened: { ...lost, decision: { ...decision(), accountId: '' } } }));
    expect(await archiveCall(parts, call)).toBe('archived');
    const [row] = [...catalogue.rows.values()];
    expect(row).toMatchObject({ channels: 2, durationMs: 2000, accountId: 'main', codec: 'PCMU' });
    expect(row?.warnings).toContain('the journal was damaged');
    const wav = await opened(row?.objectKey ?? '');
    const right = Buffer.from(wav.subarray(wav.length - 2 * 16_000).filter((_, at) => at % 2 === 1));
    expect(right.equals(Buffer.concat(Array.from({ length: 100 }, (_, n) => sound(1, n))))).toBe(true);
  });

  it('has its peaks and its SIP trace with raw metadata sealed beside it', async () => {
    const call = captured(endedCall());
    await archiveCall(parts, call);
    const manifest = await loadManifest(vault, recordingIdOf(call.callId));
    expect(decodePeaks(await opened(manifest.peaks?.key))?.channels).toHaveLength(2);
    const lines = (await opened(manifest.trace?.key))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as object);
    expect(lines).toEqual([
      { kind: 'trace', atUs: 0, text: 'INVITE sip:srs@192.0.2.9 SIP/2.0' },
      { kind: 'metadata', atUs: 0, text: '<recording/>' },
    ]);
    expect(manifest.packets).toBeNull();
  });

  it('leaves no plaintext in any file: no sound, no name, no number, no SIP', async () => {
    await archiveCall(parts, captured(endedCall()));
    const files = await allFiles(dir);
    expect(files.length).toBeGreaterThan(4);
    const secrets = [
      sound(0, 7).subarray(0, 16),
      sound(1, 93).subarray(0, 16),
      ...['Alice', '5550101', 'abc@example.com', 'INVITE', 'RIFF'].map((text) => Buffer.from(text)),
    ];
    for (const secret of secrets) expect(files.filter((file) => file.includes(secret))).toEqual([]);
  });

  it('keeps a long SIP trace whole, though it is too long to be held', async () => {
    const call = endedCall();
    const base = { kind: 'trace' as const, epoch: 0, baseUs: 0 };
    const long = Array.from({ length: 6 }, (_, n) => ({
      ...base,
      sequence: n + 1,
      body: Buffer.alloc(1024 * 1024, 65 + n),
    }));
    log.calls.set(call.callId, [...long, { ...base, sequence: 7, body: Buffer.of(0xff, 0xfe) }]);
    await archiveCall(parts, call);
    const { trace } = await loadManifest(vault, recordingIdOf(call.callId));
    const lines = (await opened(trace?.key))
      .toString()
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { text?: string; base64?: string });
    expect(lines.map(({ text, base64 }) => base64 ?? text?.[0])).toEqual(['A', 'B', 'C', 'D', 'E', 'F', '//4=']);
  });

  it('is refused while it runs', async () => {
    const call = endedCall();
    call.ended = null;
    await expect(archiveCall(parts, call)).rejects.toThrow(RangeError);
  });
});

describe('a call that is not as it should be', () => {
  it('without any audio is a row all the same', async () => {
    const call = captured(endedCall(), { packets: 0 });
    expect(await archiveCall(parts, call)).toBe('archived');
    const [row] = [...catalogue.rows.values()];
    expect(row).toMatchObject({ container: 'none', objectKey: null, objectBytes: 0, durationMs: 0, channels: 0 });
    expect(row?.warnings).toContain('No audio arrived.');
    expect(await archiveCall(parts, endedCall())).toBe('archived');
    expect(catalogue.rows.size).toBe(2);
  });

  it('keeps raw packets of a codec that cannot be decoded', async () => {
    const codecs = [{ payloadType: 96, name: 'X-SECRET', clockRate: 8000, channels: 1 }];
    const call = captured(endedCall({ opened: { streams: [stream(0, { codecs }), stream(1, { codecs })] } }), {
      packets: 40,
      payloadType: 96,
    });
    await archiveCall(parts, call);
    expect([...catalogue.rows.values()]).toMatchObject([{ container: 'none', objectKey: null, codec: 'X-SECRET' }]);
    const manifest = await loadManifest(vault, recordingIdOf(call.callId));
    const raw = await opened(manifest.packets?.key);
    expect(raw.toString('latin1', 0, PACKETS_MAGIC.length)).toBe(PACKETS_MAGIC);
    expect(raw.length).toBe(PACKETS_MAGIC.length + 80 * (4 + 8 + 12 + 160));
    expect(raw.includes(sound(1, 39))).toBe(true);
  });

  it('is made anew, and not given up, when records were taken out of the log between its readings', async () => {
    const failing = archiveParts(vault, { log, catalogue, render: () => Promise.reject(new OtherPackets('others')) });
    const call = captured(endedCall());
    await expect(archiveCall(failing, call)).rejects.toThrow('the audio log changed while it was read');
    expect(await archiveCall(parts, call)).toBe('archived');
  });

  it('keeps raw packets when the layout fails, and says why', async () => {
    const failing = archiveParts(vault, { log, catalogue, render: () => Promise.reject(new Error('table overflow')) });
    const call = captured(endedCall());
    expect(await archiveCall(failing, call)).toBe('archived');
    const [row] = [...catalogue.rows.values()];
    expect(row?.warnings.join()).toContain('table overflow');
    const manifest = await loadManifest(vault, recordingIdOf(call.callId));
    expect((await opened(manifest.packets?.key)).includes(sound(0, 99))).toBe(true);
  });

  it('tries again when the audio log fails, and commits nothing', async () => {
    const broken = {
      readCall: () => {
        throw new Error('EIO');
      },
    };
    const failing = archiveParts(vault, { log: broken, catalogue });
    await expect(archiveCall(failing, captured(endedCall()))).rejects.toThrow(/audio log/);
    expect(catalogue.rows.size).toBe(0);
    expect(await Array.fromAsync(vault.store.list('manifests/'))).toEqual([]);
  });

  it('declares the records that could not be read', async () => {
    const call = endedCall({ lastSequence: 9 });
    log.calls.set(
      call.callId,
      recordsOf({ packets: 100 }).filter(({ sequence }) => sequence !== 2),
    );
    await archiveCall(parts, call);
    const [row] = [...catalogue.rows.values()];
    expect(row?.warnings.filter((text) => text.includes('could not be read'))).toHaveLength(2);
    expect(row?.events.filter(({ type }) => type === 'capture-gap')).toHaveLength(2);
    expect((await detailOf(call)).gaps).toMatchObject([
      { from: 2, to: 2 },
      { from: 8, to: 9 },
    ]);
    expect(row?.tracks.map(({ packets, lost }) => [packets, lost])).toEqual([
      [80, 20],
      [80, 20],
    ]);
  });
});

describe('a call that was never answered', () => {
  it('is acknowledged, and stands nowhere', async () => {
    const call = captured(endedCall(), { packets: 0 });
    call.ended = { ...call.ended!, reason: 'refused' };
    expect(await archiveCall(parts, call)).toBe('not-recorded');
    expect([catalogue.rows.size, catalogue.calls.size]).toEqual([0, 0]);
    expect(await Array.fromAsync(vault.store.list('manifests/'))).toEqual([]);
  });
});

describe('what policy did not want', () => {
  it('is acknowledged without a recording', async () => {
    const call = captured(endedCall({ opened: { decision: decision('ignore') } }));
    expect(await archiveCall(parts, call)).toBe('not-recorded');
    expect(catalogue.rows.size).toBe(0);
    expect(await Array.fromAsync(vault.store.list('objects/'))).toEqual([]);
    expect(await Array.fromAsync(vault.store.list('manifests/'))).toEqual([]);
  });

  it('becomes silence within a call that is recorded in part', async () => {
    const call = captured(endedCall({ changes: [{ mono: 1000, decision: decision('ignore') }] }));
    await archiveCall(parts, call);
    const [row] = [...catalogue.rows.values()];
    const wav = await opened(row?.objectKey ?? '');
    // Interleaved, so look for one side's samples: the second half must be silence.
    const left = Buffer.from(wav.subarray(wav.length - 32_000).filter((_, at) => at % 2 === 0));
    expect(left.includes(sound(0, 10))).toBe(true);
    expect(left.includes(sound(0, 80))).toBe(false);
    expect(new Set(left.subarray(-7000)).size).toBe(1);
  });

  it('is decided now when it was held for want of settings', async () => {
    const held = (): CallState => captured(endedCall({ opened: { decision: decision('hold') } }));
    expect(await archiveCall(archiveParts(vault, { log, catalogue, decide: () => decision('ignore') }), held())).toBe(
      'not-recorded',
    );
    expect(await archiveCall(archiveParts(vault, { log, catalogue, decide: () => decision('record') }), held())).toBe(
      'archived',
    );
    // Without any settings to this day: kept, for the platform's operator to see.
    expect(await archiveCall(archiveParts(vault, { log, catalogue, decide: () => decision('hold') }), held())).toBe(
      'archived',
    );
    expect([...catalogue.rows.values()].map(({ accountId }) => accountId)).toEqual(['main', 'unassigned']);
  });
});

describe.each(['memory', 'file'])('killed at any step, on a %s store', (kind) => {
  it.each(ARCHIVE_STEPS)('%s: each call once', async (step) => {
    const store: Store = kind === 'file' ? vault.store : new MemoryStore();
    const own = { ...vault, store };
    const call = captured(endedCall());
    const dying = archiveParts(own, {
      log,
      catalogue,
      reached: (at) => {
        if (at === step) throw new Error(`killed at ${at}`);
      },
    });
    await expect(archiveCall(dying, call)).rejects.toThrow(`killed at ${step}`);
    const rowsBefore = [...catalogue.rows.values()];
    const again = archiveParts(own, { log, catalogue });
    await archiveCall(again, call);
    expect(await archiveCall(again, call)).toBe('existing');
    expect(catalogue.rows.size).toBe(1);
    const id = recordingIdOf(call.callId);
    const manifest = await loadManifest(own, id);
    const rows = [...catalogue.rows.values()];
    if (rowsBefore.length > 0) expect(rows).toEqual(rowsBefore);
    expect(rows[0]?.objectKey).toBe(manifest.audio?.key);
    expect(rows[0]?.recordId).toBe(manifest.recordId);
    expect(await Array.fromAsync(store.list('manifests/'))).toHaveLength(1);
    const { entries, findings } = await verifyLedger(ledgerPath(dir, 'node-1'), { keys: vault.keys, store });
    expect({ entries, findings }).toEqual({ entries: 1, findings: [] });
  });

  it('two that race make one recording', async () => {
    const call = captured(endedCall());
    const outcomes = await Promise.all([archiveCall(parts, call), archiveCall(parts, call), archiveCall(parts, call)]);
    expect(outcomes.toSorted()).toEqual(['archived', 'existing', 'existing']);
    expect(catalogue.rows.size).toBe(1);
  });
});

describe('a retry', () => {
  it('does not acknowledge a recording whose object was damaged', async () => {
    const call = captured(endedCall());
    await archiveCall(parts, call);
    const { audio } = await loadManifest(vault, recordingIdOf(call.callId));
    const path = join(dir, 'vault', audio?.key ?? '');
    const bytes = await readFile(path);
    bytes[5000]! ^= 1;
    await writeFile(path, bytes);
    await expect(archiveCall(parts, call)).rejects.toMatchObject({ code: 'SEAL_CORRUPT' });
    await rm(path);
    await expect(archiveCall(parts, call)).rejects.toMatchObject({ code: 'OBJECT_MISSING' });
  });

  it('does not bring back what was deleted', async () => {
    const call = captured(endedCall());
    catalogue.deleted.add(recordingIdOf(call.callId));
    expect(await archiveCall(parts, call)).toBe('deleted');
    await vault.store.createIfAbsent(`tombstones/${recordingIdOf(call.callId)}.json`, Buffer.of(1));
    await vault.store.delete(`manifests/${recordingIdOf(call.callId)}.json`);
    expect(await archiveCall(parts, call)).toBe('deleted');
    expect(await vault.store.exists(`manifests/${recordingIdOf(call.callId)}.json`)).toBe(false);
  });
});

describe('a rebuild', () => {
  it('gives the same rows as the archiving did, and reports what it cannot read', async () => {
    for (let n = 0; n < 3; n++) await archiveCall(parts, captured(endedCall({ lastSequence: 20 })));
    const fresh = new MemoryCatalogue();
    await vault.store.createIfAbsent('manifests/bad.json', Buffer.from('{}'));
    const report = await rebuildCatalogue(vault, fresh);
    expect(report).toMatchObject({ inserted: 3, existing: 0, unreadable: [{ key: 'manifests/bad.json' }] });
    const byId = (rows: MemoryCatalogue): unknown[] =>
      [...rows.rows.values()].toSorted((a, b) => a.recordId - b.recordId);
    expect(byId(fresh)).toEqual(byId(catalogue));
    expect(fresh.floor).toBe(3);
    expect(await rebuildCatalogue(vault, fresh)).toMatchObject({ inserted: 0, existing: 3 });
  });

  it('brings back the tombstones, and has upkeep finish what was not finished', async () => {
    const [kept, done, begun] = [captured(endedCall()), captured(endedCall()), captured(endedCall())];
    for (const call of [kept, done, begun]) await archiveCall(parts, call);
    for (const call of [done, begun]) {
      const id = recordingIdOf(call.callId);
      const { recordId, manifestSha256 } = catalogue.rows.get(id)!;
      const given = { recordingId: id, recordId, accountId: 'main', deletedAt: T0, by: 'admin', reason: 'user' };
      const bytes = writeTombstone({ ...given, manifestSha256 }, vault.signer);
      await vault.store.createIfAbsent(`tombstones/${id}.json`, bytes);
    }
    await vault.store.delete(`manifests/${recordingIdOf(done.callId)}.json`);
    const fresh = new MemoryCatalogue();
    fresh.accounts = [];
    expect(await rebuildCatalogue(vault, fresh)).toMatchObject({ inserted: 1, deleted: 1, tombstones: 2 });
    expect(fresh.accounts).toEqual(['main']);
    const [finished, unfinished] = [done, begun].map(({ callId }) => fresh.tombstones.get(recordingIdOf(callId)));
    const deletedAt = new Date(T0);
    expect(finished).toMatchObject({ callId: null, startedAt: null, actor: 'admin', deletedAt, cleanedAt: deletedAt });
    expect(unfinished).toMatchObject({ callId: begun.callId, startedAt: new Date(T0), cleanedAt: null });
    expect(await rebuildCatalogue(vault, fresh)).toMatchObject({ inserted: 0, existing: 1, tombstones: 0 });
  });

  it('bounds what a very lossy call puts into the catalogue', async () => {
    const call = captured(endedCall());
    await archiveCall(parts, call);
    const manifest = await loadManifest(vault, recordingIdOf(call.callId));
    const detail = await detailOf(call);
    const gaps = Array.from({ length: 5000 }, (_, n) => ({ fromMs: n, toMs: n }));
    const tracks = detail.tracks.map((track) => ({ ...track, detail: { gaps } }));
    const row = recordingRow(manifest, 'a'.repeat(64), { ...detail, tracks });
    expect(JSON.stringify(row.tracks).length).toBeLessThan(100_000);
  });
});

import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { render } from '../audio/render.ts';
import { systemClock } from '../base/clock.ts';
import { opaqueId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import { MAIN_ACCOUNT } from '../catalogue/catalogue.ts';
import { openTestCatalogue, type TestCatalogue } from '../catalogue/testing.ts';
import { systemFiles } from '../recording/log/files.ts';
import { LogReader } from '../recording/log/reader.ts';
import { SegmentWriter } from '../recording/log/writer.ts';
import { gather, streamOf } from '../seal/access.ts';
import { spoolIdentity, spoolRecipient } from '../seal/spool.ts';
import { recordingIdOf } from '../vault/layout.ts';
import { ledgerPath } from '../vault/ledger.ts';
import { ensureSecrets, readSecret } from '../vault/secrets.ts';
import { loadManifest, openObject, openVault, type Vault } from '../vault/vault.ts';
import { verifyLedger } from '../vault/verify-ledger.ts';
import { archiveCall } from './archive-call.ts';
import { rebuildCatalogue } from './rebuild.ts';
import { archiveParts, endedCall, facts, recordsOf, sound } from './testing.ts';
import type { ArchiveParts } from './types.ts';

/** The archive with the real audio log, secrets, vault and PostgreSQL around it. */
let test: TestCatalogue;
let vault: Vault;
let parts: ArchiveParts;
let audio: string;
beforeAll(async () => {
  test = await openTestCatalogue();
  const { dataDir, catalogue } = test;
  await ensureSecrets(dataDir, { now: Date.now() });
  vault = await openVault(dataDir, 'node-1');
  audio = join(dataDir, 'spool', 'audio');
  await mkdir(audio, { recursive: true });
  const identity = spoolIdentity(await readSecret(dataDir, 'spoolPrivate'));
  parts = archiveParts(vault, { log: new LogReader({ folder: audio, identity }), catalogue, render });
}, 60_000);
afterAll(async () => {
  await vault.close();
  await test.close();
});

/** Writes a call of `packets` packets a stream into the audio log, as the recorder does. */
async function capture(callId: string, packets: number): Promise<number> {
  const clock = systemClock();
  const writer = new SegmentWriter({
    folder: audio,
    files: systemFiles,
    recipient: spoolRecipient(await readSecret(test.dataDir, 'spoolPublic')),
    node: 'node-1',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: () => undefined,
  });
  const track = writer.track(callId, 0);
  const records = recordsOf({ packets });
  for (const { kind, baseUs, body } of records) writer.append(track, kind, baseUs, clock.mono(), body);
  writer.tick();
  await writer.close();
  return records.length;
}

describe('the archive among its neighbours', () => {
  it('takes a call from the audio log to a row of the catalogue, once', async () => {
    const callId = opaqueId();
    const lastSequence = await capture(callId, 150);
    const call = endedCall({ callId, lastSequence });
    expect(await archiveCall(parts, call)).toBe('archived');
    expect(await archiveCall(parts, call)).toBe('existing');
    const id = recordingIdOf(callId);
    const row = await test.catalogue.getRecording({ accountIds: [MAIN_ACCOUNT] }, id);
    expect(row).toMatchObject({ id, callId, durationMs: 3000, container: 'wav', codec: 'PCMU', channels: 2 });
    const manifest = await loadManifest(vault, id);
    const object = await openObject(vault, manifest.audio!);
    const wav = await gather(streamOf(object), 1e7);
    await object.close();
    const right = Buffer.from(wav.subarray(wav.length - 2 * 24_000).filter((_, at) => at % 2 === 1));
    expect(right.equals(Buffer.concat(Array.from({ length: 150 }, (_, n) => sound(1, n))))).toBe(true);
    const report = await verifyLedger(ledgerPath(test.dataDir, 'node-1'), { keys: vault.keys, store: vault.store });
    expect(report).toMatchObject({ entries: 1, findings: [] });
  });

  it('archives what a peer may send that a database or a manifest could choke on', async () => {
    const callId = opaqueId();
    const bad = 'A\0\ud800\u202e' + 'x'.repeat(5000);
    const parties = facts.parties.map((party) => ({ ...party, name: bad, number: bad }));
    const opened = { facts: { ...facts, parties, vendorIds: { [bad]: bad } }, warnings: [bad] };
    const call = endedCall({ callId, opened });
    expect(await archiveCall(parts, call)).toBe('archived');
    expect(await archiveCall(parts, call)).toBe('existing');
    expect(await test.catalogue.getRecording({ accountIds: [MAIN_ACCOUNT] }, recordingIdOf(callId))).toMatchObject({
      container: 'none',
    });
  });

  it('rebuilds the rows it had, with their RecordIDs', async () => {
    const { catalogue } = test;
    const before = await catalogue.listRecordings({ accountIds: [MAIN_ACCOUNT] });
    const details = await Promise.all(
      before.items.map(({ id }) => catalogue.getRecording({ accountIds: [MAIN_ACCOUNT] }, id)),
    );
    await catalogue.db.deleteFrom('recordings').execute();
    expect(await rebuildCatalogue(vault, catalogue)).toMatchObject({ inserted: before.items.length, unreadable: [] });
    const after = await Promise.all(
      before.items.map(({ id }) => catalogue.getRecording({ accountIds: [MAIN_ACCOUNT] }, id)),
    );
    // When the row was made is the row's own matter.
    expect(after).toEqual(details.map((detail) => ({ ...detail, createdAt: expect.any(Date) as Date })));
    const highest = Math.max(...before.items.map(({ recordId }) => recordId));
    expect(await catalogue.reserveRecordId()).toBeGreaterThan(highest);
  });
});

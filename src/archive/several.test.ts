import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { VirtualClock } from '../base/clock.ts';
import type { CallState } from '../link/fold.ts';
import type { RecordingStep } from '../link/journal.ts';
import type { Decision } from '../policy/types.ts';
import { gather, streamOf } from '../seal/access.ts';
import { recordingIdOf } from '../vault/layout.ts';
import { ledgerPath } from '../vault/ledger.ts';
import { type ManifestDetail, openDetail } from '../vault/manifest.ts';
import { MemoryStore } from '../vault/memory-store.ts';
import { testVault } from '../vault/testing.ts';
import { loadManifest, openObject, type Vault } from '../vault/vault.ts';
import { verifyLedger } from '../vault/verify-ledger.ts';
import { archiveCall } from './archive-call.ts';
import { rebuildCatalogue } from './rebuild.ts';
import {
  ALICE,
  archiveParts,
  type CallChange,
  decision,
  endedCall,
  facts,
  MemoryCatalogue,
  MemoryLog,
  POLICY,
  recordsOf,
  sound,
  T0,
} from './testing.ts';
import { ARCHIVE_STEPS, type ArchiveParts } from './types.ts';

let dir: string;
let vault: Vault;
let log: MemoryLog;
let catalogue: MemoryCatalogue;
let parts: ArchiveParts;
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), 'several-test-'));
  vault = await testVault(new MemoryStore(), ledgerPath(dir, 'node-1'));
  log = new MemoryLog();
  catalogue = new MemoryCatalogue();
  parts = archiveParts(vault, { log, catalogue });
});
afterEach(async () => {
  await vault.close();
  await rm(dir, { recursive: true });
});

/** Ten seconds of talk. */
const PACKETS = 500;

function callOf(change: CallChange): CallState {
  const call = endedCall({ endedAt: T0 + 10_000, ...change });
  log.calls.set(call.callId, recordsOf({ packets: PACKETS }));
  return call;
}

const begun = (recording: number, by: 'policy' | 'hand' | 'flow' = 'hand'): RecordingStep => ({
  do: 'begun',
  recording,
  by,
  asker: by === 'policy' ? POLICY : ALICE,
});
const stopped = (recording: number): RecordingStep => ({ do: 'ended', recording, reason: 'stopped', asker: ALICE });
const paused = (mode: 'cut' | 'silence', reason = 'card number'): RecordingStep => ({
  do: 'paused',
  mode,
  reason,
  asker: ALICE,
});
const resumed: RecordingStep = { do: 'resumed', asker: POLICY };

/** The samples of a channel of the recording. */
async function heard(call: CallState, recording: number, channel = 0): Promise<Buffer> {
  const { audio } = await loadManifest(vault, recordingIdOf(call.callId, recording));
  const access = await openObject(vault, audio!);
  const wav = await gather(streamOf(access), 1e8);
  await access.close();
  const { durationMs } = await detailOf(call, recording);
  return Buffer.from(wav.subarray(wav.length - durationMs * 16).filter((_, at) => at % 2 === channel));
}

/** What was said by that side between two milliseconds of the call; packet 0 is heard from the first sample on. */
function said(channel: number, fromMs: number, toMs: number): Buffer {
  const all = Buffer.concat(Array.from({ length: PACKETS }, (_, n) => sound(channel, n)));
  return all.subarray(fromMs * 8, toMs * 8);
}

async function detailOf(call: CallState, recording = 1): Promise<ManifestDetail> {
  return openDetail(await loadManifest(vault, recordingIdOf(call.callId, recording)), vault.identities);
}

const row = (call: CallState, recording = 1) => catalogue.rows.get(recordingIdOf(call.callId, recording));

async function everythingStored(): Promise<Buffer> {
  const all: Buffer[] = [];
  for await (const { key } of vault.store.list('objects/')) {
    const { bytes, sha256 } = { bytes: (await vault.store.get(key)).length, sha256: '' };
    const access = await openObject(vault, { key, bytes, sha256 });
    all.push(await gather(streamOf(access), 1e8));
    await access.close();
  }
  return Buffer.concat(all);
}

describe('several recordings of a call', () => {
  const started: CallChange = {
    opened: { decision: decision('offer') },
    steps: [
      [1000, begun(1)],
      [2000, stopped(1)],
      [4000, begun(2)],
      [5500, stopped(2)],
      [8000, begun(3)],
    ],
  };

  it('are each a recording for itself, of exactly its stretch, and shown together', async () => {
    const call = callOf(started);
    expect(await archiveCall(parts, call)).toBe('archived');
    const rows = [1, 2, 3].map((n) => row(call, n)!);
    expect(
      rows.map(({ recording, by, asker, askerUserId, callId }) => [recording, by, asker, askerUserId, callId]),
    ).toEqual([1, 2, 3].map((n) => [n, 'hand', 'Alice', 'alice', call.callId]));
    expect(rows.map(({ startedAt, endedAt }) => [startedAt.getTime() - T0, endedAt.getTime() - T0])).toEqual([
      [1000, 2000],
      [4000, 5500],
      [8000, 10_000],
    ]);
    expect(rows.map(({ durationMs }) => durationMs)).toEqual([1000, 1500, 2000]);
    expect(new Set(rows.map(({ id }) => id)).size).toBe(3);
    expect(new Set(rows.map(({ conversationId }) => conversationId))).toEqual(new Set([call.conversationId]));
    expect(rows.map(({ endReason }) => endReason)).toEqual(['stopped', 'stopped', 'bye']);
    expect((await heard(call, 2)).equals(said(0, 4000, 5500))).toBe(true);
    expect((await heard(call, 3, 1)).equals(said(1, 8000, 10_000))).toBe(true);
    expect(catalogue.calls.get(call.callId)).toMatchObject({ verdict: 'offer', startedAt: new Date(T0) });
  });

  it('are rebuilt from their manifests, with their call', async () => {
    const call = callOf(started);
    await archiveCall(parts, call);
    const fresh = new MemoryCatalogue();
    expect(await rebuildCatalogue(vault, fresh)).toMatchObject({ inserted: 3 });
    expect(fresh.rows).toEqual(catalogue.rows);
    expect(fresh.calls.get(call.callId)).toEqual(catalogue.calls.get(call.callId));
  });

  describe.each([1, 2, 3])('killed in recording %i', (at) => {
    it.each(ARCHIVE_STEPS)('at %s: each once, and acknowledged only when all are committed', async (step) => {
      const call = callOf(started);
      const dying = archiveParts(vault, {
        log,
        catalogue,
        reached: (reached, recording) => {
          if (reached === step && recording === at) throw new Error('killed');
        },
      });
      await expect(archiveCall(dying, call)).rejects.toThrow('killed');
      const before = new Map(catalogue.rows);
      expect(['archived', 'existing']).toContain(await archiveCall(parts, call));
      expect(await archiveCall(parts, call)).toBe('existing');
      expect([...catalogue.rows.values()].map(({ recording }) => recording).toSorted((a, b) => a - b)).toEqual([
        1, 2, 3,
      ]);
      for (const [id, earlier] of before) expect(catalogue.rows.get(id)).toEqual(earlier);
      expect(await Array.fromAsync(vault.store.list('manifests/'))).toHaveLength(3);
      const report = await verifyLedger(ledgerPath(dir, 'node-1'), { keys: vault.keys, store: vault.store });
      expect(report).toMatchObject({ entries: 3, findings: [] });
    });
  });

  it('of which one was deleted meanwhile, leave it deleted', async () => {
    const call = callOf(started);
    catalogue.deleted.add(recordingIdOf(call.callId, 2));
    expect(await archiveCall(parts, call)).toBe('archived');
    expect([...catalogue.rows.values()].map(({ recording }) => recording)).toEqual([1, 3]);
  });
});

describe('what policy wants of a part of a call', () => {
  it('is one recording, silent where nobody asked for it, and as long as it was asked for', async () => {
    const call = callOf({
      steps: [
        [1000, begun(1, 'policy')],
        [2000, { do: 'ended', recording: 1, reason: 'parties', asker: POLICY }],
        [3000, begun(1, 'policy')],
        [4000, { do: 'ended', recording: 1, reason: 'longest', asker: POLICY }],
      ],
    });
    await archiveCall(parts, call);
    expect(catalogue.rows.size).toBe(1);
    expect(row(call)).toMatchObject({ durationMs: 3000, by: 'policy', endReason: 'longest' });
    const left = await heard(call, 1);
    expect(left.subarray(0, 8000).equals(said(0, 1000, 2000))).toBe(true);
    expect(new Set(left.subarray(8000, 16_000)).size).toBe(1);
    expect(left.subarray(16_000).equals(said(0, 3000, 4000))).toBe(true);
  });

  it('takes in the beginning that was held for want of settings', async () => {
    const call = callOf({
      opened: { decision: decision('hold') },
      changes: [{ mono: 2000, decision: decision() }],
      steps: [[2000, begun(1, 'policy')]],
    });
    await archiveCall(parts, call);
    expect(row(call)).toMatchObject({ durationMs: 10_000, recording: 1 });
  });
});

describe('a pause', () => {
  it.each([
    ['cut', 8000],
    ['silence', 10_000],
  ] as const)('by %s is not in the audio of any recording, and is marked', async (mode, length) => {
    const steps: CallChange['steps'] = [
      [0, begun(1, 'policy')],
      [1000, begun(2)],
      [3000, paused(mode)],
      [5000, resumed],
      [6000, stopped(2)],
    ];
    const call = callOf({ steps });
    await archiveCall(parts, call);
    const left = await heard(call, 1);
    expect(left.length).toBe(length * 8);
    expect(left.subarray(0, 24_000).equals(said(0, 0, 3000))).toBe(true);
    if (mode === 'silence') expect(new Set(left.subarray(24_000, 40_000)).size).toBe(1);
    expect(left.subarray(-40_000).equals(said(0, 5000, 10_000))).toBe(true);
    expect((await heard(call, 2)).length).toBe(mode === 'cut' ? 24_000 : 40_000);
    const pause = { offsetMs: 3000, lengthMs: 2000, mode, reason: 'card number', asker: 'Alice' };
    expect(row(call)?.pauses).toEqual([pause]);
    expect(row(call, 2)?.pauses).toEqual([{ ...pause, offsetMs: 2000 }]);
    const [event] = row(call)!.events.filter(({ type }) => type === 'paused');
    expect(event).toMatchObject({ at: new Date(T0 + 3000), offsetMs: 3000 });
    expect(event?.text).toContain('by Alice (card number) for 2.0 s, until Policy went on');
    expect((await detailOf(call)).pauses).toEqual([{ ...pause, endedBy: 'Policy' }]);
    const last = row(call)!.events.find(({ text }) => text.includes('Recording 2 ended'));
    expect(last?.offsetMs).toBe(mode === 'cut' ? 4000 : 6000);
    const secret = sound(0, 200).subarray(0, 16);
    expect((await everythingStored()).includes(secret)).toBe(false);
  });

  it('leaves raw packets and the trace out as well', async () => {
    const call = endedCall({
      steps: [
        [0, begun(1, 'policy')],
        [200, paused('cut')],
        [600, resumed],
      ],
    });
    const note = { kind: 'trace' as const, epoch: 0, sequence: 9, baseUs: 300_000, body: Buffer.from('INFO 1234') };
    log.calls.set(call.callId, [...recordsOf({ packets: 50, payloadType: 18 }), note]);
    await archiveCall(parts, call);
    const stored = await everythingStored();
    expect(stored.includes('INFO 1234')).toBe(false);
    expect(stored.includes('INVITE')).toBe(true);
    const isThere = (packet: number): boolean => stored.includes(sound(0, packet).subarray(0, 16));
    expect([5, 8, 9, 10, 20, 29, 30, 40].map(isThere)).toEqual([true, true, false, false, false, false, false, true]);
  });

  it('that lasts to the end, in a recording that is nothing else, leaves no audio but a row', async () => {
    const call = callOf({
      steps: [
        [0, paused('cut')],
        [1000, begun(1)],
      ],
    });
    await archiveCall(parts, call);
    expect(row(call)).toMatchObject({ container: 'none', durationMs: 0 });
    expect(row(call)?.pauses).toMatchObject([{ lengthMs: 10_000 }]);
  });
});

describe('what was destroyed in mid-call', () => {
  const destroyed: RecordingStep = { do: 'destroyed', asker: ALICE };
  const denied = (recording: number): RecordingStep => ({ do: 'ended', recording, reason: 'denied', asker: ALICE });

  it('is in no object; a call with nothing left is not recorded, and says why', async () => {
    const call = callOf({
      changes: [
        {
          mono: 5000,
          decision: { ...decision('forbid'), layers: [{ layer: 'override', says: 'forbid', why: 'Denied by Alice.' }] },
        },
      ],
      steps: [
        [0, begun(1, 'policy')],
        [5000, denied(1)],
        [5000, destroyed],
      ],
    });
    expect(await archiveCall(parts, call)).toBe('not-recorded');
    expect(await Array.fromAsync(vault.store.list(''))).toEqual([]);
    const inJournal = catalogue.calls.get(call.callId);
    expect(inJournal).toMatchObject({ verdict: 'forbid' });
    expect(inJournal?.reason).toBe('Denied by Alice. What had been captured was destroyed.');
    expect(catalogue.audits).toMatchObject([{ action: 'call.destroyed', actor: 'user:u1', subject: call.callId }]);
    await archiveCall(parts, call);
    expect(catalogue.audits).toHaveLength(1);
  });

  it('leaves what came after', async () => {
    const call = callOf({
      steps: [
        [0, begun(1, 'policy')],
        [5000, denied(1)],
        [5000, destroyed],
        [7000, begun(2)],
      ],
    });
    await archiveCall(parts, call);
    expect([...catalogue.rows.keys()]).toEqual([recordingIdOf(call.callId, 2)]);
    expect((await heard(call, 2)).equals(said(0, 7000, 10_000))).toBe(true);
    const stored = await everythingStored();
    expect(stored.includes(sound(0, 100).subarray(0, 16))).toBe(false);
    // It was captured before.
    expect(stored.includes('INVITE')).toBe(false);
  });
});

describe('live-keep', () => {
  const held: CallChange = {
    opened: { decision: { ...decision('offer'), liveKeepMinutes: 60 } },
    steps: [[0, { do: 'begun', recording: 1, by: 'live-keep', asker: POLICY, keepMinutes: 60 }]],
  };
  const until = T0 + 10_000 + 60 * 60_000;
  const at = (now: number): ArchiveParts => {
    catalogue.now = now;
    return archiveParts(vault, { log, catalogue, clock: new VirtualClock(now) });
  };

  it('holds the call until its time is over, in no object, also over restarts', async () => {
    const call = callOf(held);
    // The recorder's own clock comes first; here it is over half a minute later.
    expect(await archiveCall(parts, call)).toEqual({ heldUntil: until + 30_000 });
    expect(await archiveCall(at(until + 29_999), call)).toEqual({ heldUntil: until + 30_000 });
    expect(await Array.fromAsync(vault.store.list(''))).toEqual([]);
    expect(catalogue.calls.get(call.callId)).toMatchObject({ verdict: 'offer' });
    expect(await archiveCall(at(until + 30_000), call)).toBe('not-recorded');
    expect(catalogue.rows.size).toBe(0);
    expect(catalogue.calls.get(call.callId)?.reason).toContain('Nobody asked for it in time');
    expect(catalogue.holdings.size).toBe(0);
  });

  it('keeps all of the call, from its start, when somebody asks within the time', async () => {
    const call = callOf(held);
    await archiveCall(parts, call);
    expect(
      await catalogue.chooseHeld({ callId: call.callId, choice: 'keep', asker: { ...ALICE }, actor: 'user:u1' }),
    ).toBe(true);
    expect(await archiveCall(parts, call)).toBe('archived');
    expect(row(call)).toMatchObject({ by: 'live-keep', asker: 'Alice', askerUserId: 'alice', durationMs: 10_000 });
    expect(catalogue.holdings.size).toBe(0);
  });

  it.each(ARCHIVE_STEPS)('kept, and killed at %s, is archived once', async (step) => {
    const call = callOf(held);
    await archiveCall(parts, call);
    await catalogue.chooseHeld({ callId: call.callId, choice: 'keep', asker: { ...ALICE }, actor: 'user:u1' });
    const reached = (now: string): void => {
      if (now === step) throw new Error('killed');
    };
    await expect(archiveCall({ ...parts, reached }, call)).rejects.toThrow('killed');
    // The time is over meanwhile: he asked before.
    expect(['archived', 'existing']).toContain(await archiveCall(at(until + 1), call));
    expect(catalogue.rows.size).toBe(1);
  });

  it('is destroyed at once when somebody drops it, in mid-call or after', async () => {
    const after = callOf(held);
    await archiveCall(parts, after);
    await catalogue.chooseHeld({ callId: after.callId, choice: 'drop', asker: { ...ALICE }, actor: 'user:u1' });
    expect(await archiveCall(parts, after)).toBe('not-recorded');
    const during = callOf({ ...held, steps: [...held.steps!, [5000, { do: 'dropped', asker: ALICE }]] });
    expect(await archiveCall(parts, during)).toBe('not-recorded');
    expect(await Array.fromAsync(vault.store.list(''))).toEqual([]);
    expect(catalogue.calls.get(after.callId)?.reason).toContain('dropped by Alice');
    expect(catalogue.calls.get(during.callId)?.reason).toContain('dropped');
  });

  it('dropped by the recorder’s clock is gone, with an audit entry, unless somebody had asked here before', async () => {
    const dropped: RecordingStep = {
      do: 'dropped',
      asker: { kind: 'system', id: null, name: 'Earshot', via: 'timer' },
    };
    const call = callOf(held);
    await archiveCall(parts, call);
    const later = (): CallState =>
      callOf({ ...held, callId: call.callId, steps: [...held.steps!, [3_610_000, dropped]] });
    expect(await archiveCall(parts, later())).toBe('not-recorded');
    expect(catalogue.audits).toMatchObject([{ action: 'call.destroyed', subject: call.callId }]);
    expect(catalogue.calls.get(call.callId)?.reason).toContain('Nobody asked for it in time');
    const other = callOf(held);
    await archiveCall(parts, other);
    await catalogue.chooseHeld({ callId: other.callId, choice: 'keep', asker: { ...ALICE }, actor: 'user:u1' });
    const late = callOf({ ...held, callId: other.callId, steps: [...held.steps!, [3_610_000, dropped]] });
    expect(await archiveCall(parts, late)).toBe('archived');
    expect(row(late)).toMatchObject({ asker: 'Alice' });
  });

  it('kept in mid-call is a recording from the start; what was started by hand beside it does not wait', async () => {
    const kept = callOf({ ...held, steps: [...held.steps!, [5000, { do: 'kept', asker: ALICE }]] });
    expect(await archiveCall(parts, kept)).toBe('archived');
    expect(row(kept)).toMatchObject({ durationMs: 10_000, by: 'live-keep', asker: 'Alice', askerUserId: 'alice' });
    const both = callOf({ ...held, steps: [...held.steps!, [2000, begun(2)], [4000, stopped(2)]] });
    expect(await archiveCall(parts, both)).toEqual({ heldUntil: until + 30_000 });
    expect([row(both, 1), row(both, 2)?.durationMs]).toEqual([undefined, 2000]);
  });
});

describe('by the decision', () => {
  const told: Decision = {
    ...decision(),
    direction: 'OUT',
    owner: { kind: 'user', userId: 'bob', groupId: 'sales' },
    retention: { amount: 2, unit: 'months' },
    deliveries: ['mail', 'crm'],
    parties: [
      { id: 'a', side: 'external' },
      { id: 'b', side: 'internal', userId: 'bob', userName: 'Robert', groupId: 'sales' },
    ],
  };

  it('a recording has direction, owner, group, users, deliveries and its time of keeping', async () => {
    const call = callOf({ opened: { decision: told }, steps: [[0, begun(1, 'policy')]] });
    await archiveCall(parts, call);
    const retainUntil = new Date(Date.UTC(2026, 4, 1, 9, 0, 10));
    expect(row(call)).toMatchObject({ direction: 'OUT', deliveries: ['crm', 'mail'], retainUntil });
    expect(row(call)?.owner).toEqual({ kind: 'user', userId: 'bob', name: 'Robert', groupId: 'sales' });
    expect(row(call)?.parties.map(({ name, userId, userName }) => [name, userId, userName])).toEqual([
      ['Alice', null, null],
      ['Bob', 'bob', 'Robert'],
    ]);
    expect(catalogue.calls.get(call.callId)?.owner.groupId).toBe('sales');
  });

  it('a format or a store that is not known costs nothing but a warning', async () => {
    const call = callOf({ opened: { decision: { ...told, format: 'opus', storeId: 'elsewhere' } } });
    await archiveCall(parts, call);
    expect(row(call)).toMatchObject({ container: 'wav' });
    expect(row(call)?.warnings.filter((text) => text.includes('not known here'))).toHaveLength(2);
    const flac = callOf({ opened: { decision: { ...told, format: 'flac' } } });
    await archiveCall(parts, flac);
    expect(row(flac)).toMatchObject({ container: 'flac' });
  });

  it('what is nobody’s, or of an account that is gone, goes to the operator’s; what shall be discarded is told in the journal', async () => {
    const gone = callOf({ opened: { decision: { ...decision(), accountId: 'gone' } } });
    await archiveCall(parts, gone);
    expect(row(gone)).toMatchObject({ accountId: 'unassigned' });
    expect(row(gone)?.warnings.join()).toContain('gone');
    const why = 'Calls without an account are discarded, as set.';
    const discarded: Decision = {
      ...decision('ignore'),
      accountId: '',
      owner: { kind: 'discard' },
      layers: [{ layer: 'owner', says: 'ignore', why }],
    };
    const lost = callOf({ opened: { facts: { ...facts, trunk: 'x' }, decision: discarded } });
    expect(await archiveCall(archiveParts(vault, { log, catalogue, decide: () => discarded }), lost)).toBe(
      'not-recorded',
    );
    expect(catalogue.calls.get(lost.callId)).toMatchObject({ accountId: 'unassigned', reason: why });
  });
});

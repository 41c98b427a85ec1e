import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { silentLog } from '../base/log.ts';
import type { JournalEntry } from '../link/journal.ts';
import { readFormerLife } from './former-life.ts';
import { Housekeeping } from './housekeeping.ts';
import { readJournal } from './journal/reader.ts';
import { JournalWriter } from './journal/writer.ts';
import { systemFiles } from './log/files.ts';
import { adoptOrphans } from './orphans.ts';
import type { LoggedCall } from './ports.ts';
import { recoverCalls } from './recovery.ts';
import { TestBench } from './testing.ts';

let folder: string;

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'earshot-life-'));
});

afterEach(async () => {
  await rm(folder, { recursive: true });
});

/** Puts the entries into a real journal; `damage` may then flip bits in its bytes. */
async function onDisk(entries: readonly JournalEntry[], damage: (bytes: Buffer) => void): Promise<void> {
  const { clock } = new TestBench();
  const writer = await JournalWriter.open({ folder, files: systemFiles, clock, log: silentLog });
  await Promise.all(entries.map((entry) => writer.append(entry)));
  await writer.close();
  const [name] = await readdir(folder);
  const bytes = await readFile(join(folder, name!));
  damage(bytes);
  await writeFile(join(folder, name!), bytes);
}

/** Flips a bit within the JSON of the nth entry of this kind. */
const flip =
  (kind: string, nth = 0) =>
  (bytes: Buffer): void => {
    let at = -1;
    for (let count = 0; count <= nth; count++) at = bytes.indexOf(`"kind":"${kind}"`, at + 1);
    expect(at).toBeGreaterThan(0);
    bytes[at + 12]! ^= 4;
  };

const logged = (callId: string, change: Partial<LoggedCall> = {}): LoggedCall => ({
  callId,
  openedAt: 1_000_000,
  lastMs: 60_000,
  hasPackets: true,
  epoch: 0,
  lastSequence: 150,
  ...change,
});

/** Three calls: the first archived, the second ended, the third running. */
async function firstLife(): Promise<{ bench: TestBench; ids: string[] }> {
  const bench = new TestBench();
  const recorder = bench.recorder();
  for (const id of ['a', 'b', 'c']) await (await recorder.prepare(bench.opening(id))).commit({ id });
  const ids = recorder.running.map((call) => call.identity.callId);
  await recorder.end('a', 'bye');
  await recorder.end('b', 'bye');
  recorder.archived(ids[0]!);
  return { bench, ids };
}

/** The recorder that comes after, and what it would free of these calls. */
async function secondLife(inLog: readonly LoggedCall[]) {
  const bench = new TestBench();
  const recorder = bench.recorder();
  const { entries, damages } = await readJournal(folder);
  const former = readFormerLife(entries);
  const { clock, journal, capture, pool, conversations, bootId } = bench;
  const shared = { clock, journal, capture, pool, conversations, bootId, log: silentLog };
  const parts = { ...shared, recorder, fragments: former.fragments };
  for (const callId of former.archived) recorder.done.add(callId);
  await recoverCalls(former.calls.values(), { ...parts, lastKnown: () => 0, loggedEpoch: () => 0 });
  let freed: string[] = [];
  const housekeeping = new Housekeeping({
    ...parts,
    done: recorder.done,
    isJournalDamaged: false,
    adoptOrphans: () => adoptOrphans(inLog, parts),
    free: async (isDone) => (freed = inLog.map(({ callId }) => callId).filter(isDone)),
    carry: async () => [],
    purge: async () => [],
    listCalls: async () => new Set(inLog.map(({ callId }) => callId)),
    journalBytes: () => 0,
    retireJournal: async () => undefined,
  });
  await housekeeping.look();
  return { bench, recorder, freed, damages };
}

describe('a recorder that finds its journal damaged', () => {
  it('frees what was archived, and nothing else, when nothing is damaged', async () => {
    const { bench, ids } = await firstLife();
    await onDisk(bench.entries, () => undefined);
    const { freed, bench: after } = await secondLife(ids.map((id) => logged(id)));
    expect(freed).toEqual([ids[0]]);
    expect(after.kinds()).toEqual(['resumed']);
  });

  it.each([0, 1, 2])(
    'frees no audio of call %i whose opening is lost, and takes it in for the archive',
    async (call) => {
      const { bench, ids } = await firstLife();
      await onDisk(bench.entries, flip('opened', call));
      const { freed, bench: after, recorder, damages } = await secondLife(ids.map((id) => logged(id)));
      expect(damages).toHaveLength(1);
      // Of the first, that it was archived is still there.
      expect(freed).toEqual([ids[0]]);
      const adopted = after.entries.filter((entry) => entry.kind === 'opened' || entry.kind === 'ended');
      if (call === 0) {
        expect(adopted).toEqual([]);
        return;
      }
      expect(adopted).toMatchObject([
        {
          kind: 'opened',
          callId: ids[call],
          at: 1_000_000,
          facts: { trunk: 'unknown', parties: [] },
          decision: { verdict: 'record' },
          warnings: [expect.stringContaining('journal was damaged')],
        },
        { kind: 'ended', callId: ids[call], reason: call === 1 ? 'bye' : 'lost', lastSequence: 150 },
      ]);
      expect(recorder.unarchived.has(ids[call]!)).toBe(true);
      expect(recorder.archived(ids[call]!)).toBe(true);
    },
  );

  it('does not do so again in its next life, and frees it when it is archived', async () => {
    const { bench, ids } = await firstLife();
    await onDisk(bench.entries, flip('opened', 1));
    const { bench: after, recorder } = await secondLife([logged(ids[1]!)]);
    recorder.archived(ids[1]!);
    const writer = await JournalWriter.open({ folder, files: systemFiles, clock: after.clock, log: silentLog });
    await Promise.all(after.entries.map((entry) => writer.append(entry)));
    await writer.close();
    const third = await secondLife([logged(ids[1]!)]);
    expect(third.freed).toEqual([ids[1]]);
    expect(third.bench.entries.filter((entry) => entry.kind === 'opened')).toEqual([]);
  });

  it('knows who spoke as far as a later entry tells', async () => {
    const bench = new TestBench();
    const recorder = bench.recorder();
    const opening = bench.opening('s');
    const { callId } = await (async () => {
      const prepared = await recorder.prepare(opening);
      await prepared.commit({});
      return prepared;
    })();
    await recorder.update('s', opening.facts, []);
    await onDisk(bench.entries, flip('opened'));
    const { bench: after } = await secondLife([logged(callId, { epoch: 2, lastSequence: 9 })]);
    expect(after.entries).toMatchObject([
      { kind: 'opened', n: 5, facts: { trunk: 'sbc' }, streams: [{ stream: 0 }, { stream: 1 }] },
      { kind: 'recording', n: 6, step: { do: 'begun', recording: 1, by: 'policy' } },
      { kind: 'ended', n: 7, epoch: 2, lastSequence: 9 },
    ]);
  });

  it('keeps everything when the whole journal is gone', async () => {
    const { ids } = await firstLife();
    const { freed, recorder } = await secondLife(ids.map((id) => logged(id)));
    expect(freed).toEqual([]);
    expect([...recorder.unarchived].sort()).toEqual([...ids].sort());
  });

  it('does not make a recording of a call that was never answered', async () => {
    const { freed, bench } = await secondLife([logged('0'.repeat(26), { hasPackets: false })]);
    expect(freed).toHaveLength(1);
    expect(bench.entries).toEqual([]);
  });
});

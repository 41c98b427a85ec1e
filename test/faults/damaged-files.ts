import { generateKeyPairSync } from 'node:crypto';
import { VirtualClock } from '../../src/base/clock.ts';
import { opaqueId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import type { JournalEntry } from '../../src/link/journal.ts';
import { encodeFrame } from '../../src/recording/journal/frame.ts';
import { readJournal } from '../../src/recording/journal/reader.ts';
import { HEADER_BLOCK_BYTES } from '../../src/recording/log/format.ts';
import { MemoryFiles } from '../../src/recording/log/memory-files.ts';
import { LogReader } from '../../src/recording/log/reader.ts';
import { scanFromStart, scanRecords } from '../../src/recording/log/scan.ts';
import { SegmentWriter } from '../../src/recording/log/writer.ts';
import { TestBench } from '../../src/recording/testing.ts';
import { accessOf, gather, streamOf } from '../../src/seal/access.ts';
import { openAge } from '../../src/seal/age/open.ts';
import { rsaIdentity, rsaRecipient } from '../../src/seal/age/recipients.ts';
import { sealBytes } from '../../src/seal/age/seal.ts';
import { SEALED_CHUNK } from '../../src/seal/age/stream.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../src/seal/spool.ts';
import { noise, seededNumbers } from '../e2e/noise.ts';
import { DAMAGES, damaged, type DamageKind, type Span } from './damage.ts';
import type { Finding } from './finding.ts';

interface Outcome {
  readonly isDetected: boolean;
  /** Something came back that was never written. */
  readonly isWrong: boolean;
  /** Records that were lost though the damage does not touch them. */
  readonly lostBeside: number;
}

interface Victim {
  readonly name: string;
  readonly intact: Buffer;
  readonly records: readonly Span[];
  readonly read: (bytes: Buffer, kind: DamageKind) => Promise<Outcome>;
}

/** Damages journal, audio log and sealed objects in every way, so often each, and reads them by the readers of the product. */
export async function damagedFiles(times: number): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const victim of [await journal(), await audioLog(), sealedObject()]) {
    for (const kind of DAMAGES) findings.push(await tryDamage(victim, kind, Math.ceil(times / DAMAGES.length)));
  }
  return findings;
}

async function tryDamage({ name, intact, records, read }: Victim, kind: DamageKind, times: number): Promise<Finding> {
  const random = seededNumbers(times + name.length);
  let undetected = 0;
  let wrong = 0;
  let lost = 0;
  for (let time = 0; time < times; time++) {
    const outcome = await read(damaged(intact, kind, records, random), kind);
    if (!outcome.isDetected) undetected++;
    if (outcome.isWrong) wrong++;
    lost += outcome.lostBeside;
  }
  return {
    fault: `${name}: ${kind}, ${times} times`,
    target: 'each detected or without effect, the rest recovered, nothing wrong',
    found: `${undetected} undetected, ${wrong} wrong, ${lost} records lost beside the damage`,
    isMet: undetected === 0 && wrong === 0 && lost === 0,
  };
}

/** How many records may be gone: those the damage touches. */
function touched(intact: Buffer, bytes: Buffer, records: readonly Span[]): number {
  return records.filter(({ from, to }) => !bytes.subarray(from, to).equals(intact.subarray(from, to))).length;
}

async function journal(): Promise<Victim> {
  const bench = new TestBench();
  const recorder = bench.recorder();
  for (const id of ['a', 'b', 'c', 'd']) await (await recorder.prepare(bench.opening(id))).commit({ id });
  for (let round = 0; round < 5; round++) {
    for (const id of ['a', 'b', 'c', 'd']) await recorder.update(id, bench.opening(id).facts, []);
  }
  for (const id of ['a', 'b', 'c', 'd']) await recorder.end(id, 'bye');
  const frames = bench.entries.map(encodeFrame);
  const records: Span[] = [];
  for (const frame of frames) {
    const from = records.at(-1)?.to ?? 0;
    records.push({ from, to: from + frame.length });
  }
  const intact = Buffer.concat(frames);
  const written = new Set(bench.entries.map((entry) => JSON.stringify(entry)));
  return {
    name: 'journal',
    intact,
    records,
    read: async (bytes, kind) => {
      const files = new MemoryFiles();
      files.put('/journal/0000000001.jnl', bytes);
      const { entries, damages } = await readJournal('/journal', files);
      // A swap across calls changes nothing that anybody could miss.
      const isHarmless = kind === 'swapped records' && sameCalls(entries, bench.entries);
      // Cut exactly between two entries it is a journal that ended there.
      const endsWhole = kind === 'torn end' && records.some(({ to }) => to === bytes.length);
      const missing = written.size - entries.length;
      const may = kind === 'swapped records' ? 0 : touched(intact, bytes, records);
      return {
        isDetected: damages.length > 0 || isHarmless || endsWhole || bytes.length === 0,
        isWrong: entries.some((entry) => !written.has(JSON.stringify(entry))) || !isOrdered(entries),
        lostBeside: Math.max(0, missing - may),
      };
    },
  };
}

function sameCalls(one: readonly JournalEntry[], other: readonly JournalEntry[]): boolean {
  const byCall = (entries: readonly JournalEntry[]): string =>
    JSON.stringify(Object.groupBy(entries, (entry) => (entry.kind === 'node' ? '' : entry.callId)));
  const sorted = (entries: readonly JournalEntry[]): JournalEntry[] =>
    entries.toSorted((a, b) => JSON.stringify(callOf(a)).localeCompare(JSON.stringify(callOf(b))));
  return byCall(sorted(one)) === byCall(sorted(other));
}

const callOf = (entry: JournalEntry): string => (entry.kind === 'node' ? '' : entry.callId);

function isOrdered(entries: readonly JournalEntry[]): boolean {
  const last = new Map<string, number>();
  return entries.every((entry) => {
    if (entry.kind === 'node') return true;
    const before = last.get(entry.callId) ?? 0;
    last.set(entry.callId, entry.n);
    return entry.n > before;
  });
}

const PATH = '/audio/1767225600000-w0-00000000.seg';

async function audioLog(): Promise<Victim> {
  const keys = generateSpoolKeyPair();
  const identity = spoolIdentity(keys.privateKey);
  const clock = new VirtualClock();
  const files = new MemoryFiles();
  const writer = new SegmentWriter({
    folder: '/audio',
    files,
    recipient: spoolRecipient(keys.publicKey),
    node: 'faults',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: () => undefined,
  });
  const tracks = Array.from({ length: 3 }, () => writer.track(opaqueId(), 0));
  const bodies = new Map<string, Buffer>();
  for (let round = 0; round < 20; round++) {
    for (const [at, track] of tracks.entries()) {
      const body = noise(round * 3 + at, 2);
      bodies.set(`${track.callId} ${track.sequence + 1}`, body);
      writer.append(track, 'packets', round * 400_000, clock.mono(), body);
    }
    clock.advance(400);
    writer.tick();
  }
  await writer.close();
  const intact = files.get(files.paths[0]!);
  const records = await recordsOf(intact);
  return {
    name: 'audio log',
    intact,
    records,
    read: async (bytes, kind) => {
      const holder = new MemoryFiles();
      holder.put(PATH, bytes);
      const reader = new LogReader({ folder: '/audio', identity, files: holder });
      let found = 0;
      let declared = 0;
      let isWrong = false;
      for (const { callId, sequence } of tracks) {
        for await (const item of reader.readCall({ callId, last: { epoch: 0, sequence } })) {
          if (item.kind === 'gap') declared += item.to - item.from + 1;
          else if (bodies.get(`${callId} ${item.sequence}`)?.equals(item.body) === true) found++;
          else isWrong = true;
        }
      }
      // Both copies of the header lost: then nothing opens.
      const isHeadless = bytes.length < HEADER_BLOCK_BYTES;
      const may = kind === 'swapped records' ? 0 : isHeadless ? bodies.size : touched(intact, bytes, records);
      return {
        isDetected: found + declared === bodies.size,
        isWrong,
        lostBeside: Math.max(0, bodies.size - found - may),
      };
    },
  };
}

async function recordsOf(bytes: Buffer): Promise<Span[]> {
  const files = new MemoryFiles();
  files.put(PATH, bytes);
  const file = await files.openRead(PATH);
  const offsets: number[] = [];
  const state = scanFromStart();
  await scanRecords(file, bytes.length, state, ({ offset }) => void offsets.push(offset));
  return offsets.map((from, at) => ({ from, to: offsets[at + 1] ?? state.offset }));
}

function sealedObject(): Victim {
  const owner = generateKeyPairSync('rsa', { modulusLength: 2048 });
  const identity = rsaIdentity(owner.privateKey);
  const plaintext = noise(1, 2000);
  const intact = sealBytes([rsaRecipient(owner.publicKey)], plaintext);
  const payload = intact.length - Math.ceil(plaintext.length / (64 * 1024)) * 16 - plaintext.length;
  const records = Array.from({ length: Math.floor((intact.length - payload) / SEALED_CHUNK) }, (_, chunk) => {
    const from = payload + chunk * SEALED_CHUNK;
    return { from, to: from + SEALED_CHUNK };
  });
  return {
    name: 'sealed object',
    intact,
    records,
    read: async (bytes, kind) => {
      try {
        const access = await openAge(identity, accessOf(bytes));
        const whole = await gather(streamOf(access), 1e9);
        return { isDetected: false, isWrong: !whole.equals(plaintext), lostBeside: 0 };
      } catch {
        return { isDetected: true, isWrong: false, lostBeside: await lostChunks(bytes, kind) };
      }
    },
  };

  /** Chunks that do not open although they are whole; after a cut and a damaged head none can be asked for. */
  async function lostChunks(bytes: Buffer, kind: DamageKind): Promise<number> {
    const access = await openAge(identity, accessOf(bytes)).catch(() => null);
    if (access === null || kind === 'torn end') return 0;
    let lost = 0;
    for (const [chunk, { from, to }] of records.entries()) {
      if (!bytes.subarray(from, to).equals(intact.subarray(from, to))) continue;
      const at = chunk * 64 * 1024;
      const read = await access.read(at, 64 * 1024).catch(() => null);
      if (read === null || !Buffer.from(read).equals(plaintext.subarray(at, at + 64 * 1024))) lost++;
    }
    return lost;
  }
}

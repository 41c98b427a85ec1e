import { VirtualClock } from '../../src/base/clock.ts';
import { opaqueId } from '../../src/base/ids.ts';
import { silentLog } from '../../src/base/log.ts';
import type { JournalEntry } from '../../src/link/journal.ts';
import { decodeFrames, encodeFrame } from '../../src/recording/journal/frame.ts';
import { MemoryFiles } from '../../src/recording/log/memory-files.ts';
import { LogReader } from '../../src/recording/log/reader.ts';
import { SegmentWriter } from '../../src/recording/log/writer.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../../src/seal/spool.ts';
import type { Target } from './targets.ts';

const FOLDER = '/audio';
const RECORDS = 12;

/** What comes back is one of the entries that were written, or nothing. */
export function journalTarget(): Target {
  const entries = Array.from({ length: 20 }, (_, n): JournalEntry => ({
    kind: 'archived',
    callId: `call-${n % 3}`,
    n,
    at: 1000 + n,
    mono: n,
  }));
  const written = new Set(entries.map((entry) => JSON.stringify(entry)));
  const file = Buffer.concat(entries.map(encodeFrame));
  return {
    name: 'journal',
    seeds: [file, file.subarray(0, 300)],
    pieces: ['ESJ\x01', '{"kind":"ended"}', '\xff\xff\xff\xff', '\0\0\0\0'],
    read: (bytes) => {
      for (const entry of decodeFrames(bytes).entries) {
        if (!written.has(JSON.stringify(entry))) throw new Error('an entry came back that nobody wrote');
      }
    },
  };
}

/** What comes back is a record that was written, in its place, or a declared gap. */
export async function logTarget(): Promise<Target> {
  const keys = generateSpoolKeyPair();
  const callId = opaqueId();
  const bodies = Array.from({ length: RECORDS }, (_, n) => Buffer.from(`record ${n + 1} `.repeat(10)));
  const segments = [await segmentOf(keys.publicKey, callId, bodies)];
  const identity = spoolIdentity(keys.privateKey);
  return {
    name: 'audio log',
    seeds: segments.map(({ bytes }) => bytes),
    pieces: ['\xff\xff\xff\xff', '\0\0\0\0', '\x01', '\x80'],
    read: async (bytes) => {
      const files = new MemoryFiles();
      const file = await files.create(`${FOLDER}/${segments[0]!.name}`);
      await file.writev([bytes], 0);
      const seen = new Set<number>();
      for await (const item of new LogReader({ folder: FOLDER, identity, files }).readCall({
        callId,
        last: { epoch: 0, sequence: RECORDS },
      })) {
        if (item.kind === 'gap') for (let n = item.from; n <= item.to; n++) seen.add(n);
        else if (!item.body.equals(bodies[item.sequence - 1] ?? Buffer.alloc(0)))
          throw new Error('wrong audio came back');
        else seen.add(item.sequence);
      }
      if (seen.size !== RECORDS) throw new Error('a record is missing that no gap declares');
    },
  };
}

async function segmentOf(
  publicKey: string,
  callId: string,
  bodies: readonly Buffer[],
): Promise<{ name: string; bytes: Buffer }> {
  const files = new MemoryFiles();
  const clock = new VirtualClock();
  const writer = new SegmentWriter({
    folder: FOLDER,
    files,
    recipient: spoolRecipient(publicKey),
    node: 'fuzz',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: () => undefined,
  });
  const track = writer.track(callId, 0);
  for (const body of bodies) {
    writer.append(track, 'packets', track.sequence * 20_000, clock.mono(), body);
    clock.advance(50);
    writer.tick();
    for (let turn = 0; turn < 60; turn++) await Promise.resolve();
  }
  await writer.close();
  const [path] = files.paths;
  const file = await files.openRead(path!);
  return { name: path!.slice(FOLDER.length + 1), bytes: await file.read(0, await file.size()) };
}

/**
 * CPU seconds for an hour of a two-stream G.711 call, from the sealed audio log to the sealed recording, and
 * from there as MP3 and Opus.
 *
 *   node bench/archive.ts [calls] [minutes]
 */
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { archiveCall } from '../src/archive/archive-call.ts';
import { archiveParts, endedCall, MemoryCatalogue, T0 } from '../src/archive/testing.ts';
import { encodeG711 } from '../src/audio/g711.ts';
import { mp3Stream } from '../src/audio/mp3.ts';
import { opusStream } from '../src/audio/opus.ts';
import { speechSource } from '../src/audio/speech.ts';
import { openAudio } from '../src/audio/stored.ts';
import type { StoredAudio } from '../src/audio/types.ts';
import { systemClock } from '../src/base/clock.ts';
import { opaqueId } from '../src/base/ids.ts';
import { silentLog } from '../src/base/log.ts';
import { ENTRY_TYPES, EntryGatherer } from '../src/recording/log/entries.ts';
import { isSegmentName } from '../src/recording/log/format.ts';
import { systemFiles } from '../src/recording/log/files.ts';
import { readingAhead } from '../src/recording/log/read-ahead.ts';
import { LogReader } from '../src/recording/log/reader.ts';
import { SegmentWriter } from '../src/recording/log/writer.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../src/seal/spool.ts';
import { FileStore } from '../src/vault/file-store.ts';
import { ledgerPath } from '../src/vault/ledger.ts';
import { testVault } from '../src/vault/testing.ts';
import { openObject, type Vault } from '../src/vault/vault.ts';

export interface ArchiveCost {
  readonly archiveSecondsPerHour: number;
  readonly mp3SecondsPerHour: number;
  readonly opusSecondsPerHour: number;
}

interface Encoded {
  bytes(): AsyncIterable<Uint8Array>;
}

const SAMPLES = 160;
/** Packets of both streams in one record: 350 ms. */
const RECORD_PACKETS = 17;

/**
 * Archives so many calls of so many minutes in this process, one after the other: real log, real vault, a catalogue in memory. One more
 * goes before and does not count, as a service has been running for a while.
 */
export async function measureArchive(calls: number, minutes: number): Promise<ArchiveCost> {
  const folder = await mkdtemp(join(tmpdir(), 'earshot-bench-'));
  const spool = generateSpoolKeyPair();
  const vault = await testVault(await FileStore.open(join(folder, 'vault')), ledgerPath(folder, 'bench'));
  const catalogue = new MemoryCatalogue();
  const files = readingAhead(systemFiles);
  const log = new LogReader({ folder, identity: spoolIdentity(spool.privateKey), files });
  const parts = archiveParts(vault, { log, catalogue });
  try {
    const ended = [];
    for (let made = 0; made <= calls; made++) {
      const callId = opaqueId();
      const before = new Set(await readdir(folder));
      const lastSequence = await writeCall(folder, spool.publicKey, callId, minutes);
      const segments = (await readdir(folder)).filter((name) => isSegmentName(name) && !before.has(name));
      const call = endedCall({ callId, endedAt: T0 + minutes * 60_000, lastSequence });
      ended.push({ ...call, ended: { ...call.ended!, segments } });
    }
    const [first, ...rest] = ended;
    await archiveCall(parts, first!);
    const archive = await cpuSeconds(async () => {
      for (const call of rest) await archiveCall(parts, call);
    });
    const [row] = catalogue.rows.values();
    const mp3 = await cpuSeconds(() => encode(vault, row!.objectKey!, mp3Stream));
    const opus = await cpuSeconds(() => encode(vault, row!.objectKey!, opusStream));
    return {
      archiveSecondsPerHour: (archive * 60) / (calls * minutes),
      mp3SecondsPerHour: (mp3 * 60) / minutes,
      opusSecondsPerHour: (opus * 60) / minutes,
    };
  } finally {
    await vault.close();
    await rm(folder, { recursive: true });
  }
}

async function writeCall(folder: string, recipient: string, callId: string, minutes: number): Promise<number> {
  const clock = systemClock();
  const writer = new SegmentWriter({
    folder,
    files: systemFiles,
    recipient: spoolRecipient(recipient),
    node: 'bench',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: ({ text }) => console.error(text),
    // All at once, so the buffer holds what would be written over an hour.
    limits: { bufferMs: 600_000 },
  });
  const track = writer.track(callId, 0);
  const talk = ([0, 1] as const).map((side) => encodeG711('mulaw', speechSource({ seed: 1, side }).next(8000 * 60)));
  const gatherer = new EntryGatherer();
  const packets = minutes * 60 * 50;
  for (let at = 0; at < packets; at++) {
    for (const [stream, codes] of talk.entries()) {
      const us = (at + 1) * 20_000 + stream;
      gatherer.add(ENTRY_TYPES.rtp, stream, rtp(stream, at, codes), us, us);
    }
    if ((at + 1) % RECORD_PACKETS > 0 && at + 1 < packets) continue;
    writer.append(track, 'packets', gatherer.baseUs, clock.mono(), gatherer.body);
    gatherer.clear();
  }
  await writer.close();
  return track.sequence;
}

function rtp(stream: number, packet: number, codes: Uint8Array): Buffer {
  const bytes = Buffer.alloc(12 + SAMPLES);
  bytes[0] = 0x80;
  bytes.writeUInt16BE(packet & 0xffff, 2);
  bytes.writeUInt32BE((packet * SAMPLES) >>> 0, 4);
  bytes.writeUInt32BE(stream + 1, 8);
  const from = (packet * SAMPLES) % codes.length;
  bytes.set(codes.subarray(from, from + SAMPLES), 12);
  return bytes;
}

async function encode(vault: Vault, key: string, as: (audio: StoredAudio) => Encoded): Promise<void> {
  const object = await openObject(vault, key);
  for await (const _ of as(await openAudio(object)).bytes());
  await object.close();
}

async function cpuSeconds(work: () => Promise<unknown>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

if (import.meta.main) {
  const [calls = 6, minutes = 10] = process.argv.slice(2).map(Number);
  const cost = await measureArchive(calls, minutes);
  const [archive, mp3, opus] = [cost.archiveSecondsPerHour, cost.mp3SecondsPerHour, cost.opusSecondsPerHour];
  console.log(`archive ${archive.toFixed(2)} s, MP3 ${mp3.toFixed(2)} s, Opus ${opus.toFixed(2)} s of CPU an hour`);
}

import { createCipheriv } from 'node:crypto';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { DECODE, type Law } from '../audio/g711.ts';
import { seededNumbers } from '../audio/seeded.ts';
import { bytesInMemory, openAudio } from '../audio/stored.ts';
import { systemClock } from '../base/clock.ts';
import { opaqueId } from '../base/ids.ts';
import { silentLog } from '../base/log.ts';
import type { CallState } from '../link/fold.ts';
import { ENTRY_TYPES, EntryGatherer } from '../recording/log/entries.ts';
import { type LogFiles, systemFiles } from '../recording/log/files.ts';
import { failure } from '../recording/log/memory-files.ts';
import { readingAhead } from '../recording/log/read-ahead.ts';
import { LogReader } from '../recording/log/reader.ts';
import { SegmentWriter } from '../recording/log/writer.ts';
import { gather, streamOf } from '../seal/access.ts';
import { generateSpoolKeyPair, spoolIdentity, spoolRecipient } from '../seal/spool.ts';
import { FileStore } from '../vault/file-store.ts';
import { recordingIdOf } from '../vault/layout.ts';
import { ledgerPath } from '../vault/ledger.ts';
import type { Store } from '../vault/store.ts';
import { testVault } from '../vault/testing.ts';
import { loadManifest, openObject, type Vault } from '../vault/vault.ts';
import { archiveCall } from './archive-call.ts';
import { archiveParts, endedCall, stream } from './testing.ts';

/** Longer: `EARSHOT_FUZZ=400`. */
const CALLS = Math.min(400, Number(process.env['EARSHOT_FUZZ'] ?? 36));
const PACKET = 160;
const PAYLOAD_TYPES = { mulaw: 0, alaw: 8 } as const;
const CODECS = {
  mulaw: { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 },
  alaw: { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1 },
} as const;

/** Where the sides differ, it becomes FLAC. */
const LAWS = [
  ['mulaw', 'mulaw'],
  ['alaw', 'alaw'],
  ['mulaw', 'mulaw'],
  ['mulaw', 'alaw'],
] as const;

/** A call, and each side's sound: codes that look like those of no other call. */
interface Source {
  readonly callId: string;
  readonly laws: readonly [Law, Law];
  readonly packets: number;
  readonly sides: readonly Buffer[];
}

let dir: string;
let audio: string;
let vault: Vault;
const spool = generateSpoolKeyPair();
const number = seededNumbers(7);
const below = (end: number): number => Math.floor(number() * end);
beforeAll(async () => {
  dir = await mkdtemp(join(tmpdir(), 'many-at-once-'));
  audio = join(dir, 'audio');
  await mkdir(audio);
  vault = await testVault(await FileStore.open(join(dir, 'vault')), ledgerPath(dir, 'node-1'));
});
afterAll(async () => {
  await vault.close();
  await rm(dir, { recursive: true });
});

function sourceOf(at: number): Source {
  // Most are short; of some all is not kept in memory, and some fill whole pieces.
  const packets = at === 0 ? 55_000 : at % 9 === 1 ? 2000 + below(4000) : 1 + below(900);
  const sides = [0, 1].map((side) => {
    const key = Buffer.alloc(16, at).fill(side + 1, 0, 1);
    return createCipheriv('aes-128-ctr', key, Buffer.alloc(16)).update(Buffer.alloc(packets * PACKET));
  });
  return { callId: opaqueId(), laws: LAWS[at % LAWS.length]!, packets, sides };
}

function rtp({ laws, sides }: Source, side: number, packet: number): Buffer {
  const head = Buffer.alloc(12);
  head[0] = 0x80;
  head[1] = PAYLOAD_TYPES[laws[side]!];
  head.writeUInt16BE(packet & 0xffff, 2);
  head.writeUInt32BE(packet * PACKET, 4);
  head.writeUInt32BE(100 + side, 8);
  return Buffer.concat([head, sides[side]!.subarray(packet * PACKET, (packet + 1) * PACKET)]);
}

/** All of them run at once, so that each segment holds parts of many. @returns how many records each call has */
async function capture(sources: readonly Source[]): Promise<CallState[]> {
  const clock = systemClock();
  const writer = new SegmentWriter({
    folder: audio,
    files: systemFiles,
    recipient: spoolRecipient(spool.publicKey),
    node: 'node-1',
    worker: 0,
    clock,
    log: silentLog,
    onAlarm: () => undefined,
  });
  const gatherer = new EntryGatherer();
  const running = sources.map((source) => ({ source, track: writer.track(source.callId, 0), at: 0 }));
  while (running.some(({ at, source }) => at < source.packets)) {
    for (const call of running) {
      if (call.at >= call.source.packets) continue;
      gatherer.clear();
      for (const end = Math.min(call.source.packets, call.at + 20); call.at < end; call.at++) {
        for (const side of [0, 1]) {
          const us = (call.at + 1) * 20_000 + side;
          gatherer.add(ENTRY_TYPES.rtp, side, rtp(call.source, side, call.at), us, us + 1);
        }
      }
      writer.append(call.track, 'packets', gatherer.baseUs, clock.mono(), Buffer.from(gatherer.body));
    }
    writer.tick();
    if (below(20) === 0) await new Promise((resolve) => setImmediate(resolve));
  }
  for (const { track } of running)
    writer.append(track, 'trace', 0, clock.mono(), Buffer.from(`trace of ${track.callId}`));
  writer.tick();
  await writer.close();
  return running.map(({ source, track }) => {
    const streams = source.laws.map((law, side) => stream(side, { codecs: [CODECS[law]] }));
    return endedCall({ callId: source.callId, lastSequence: track.sequence, opened: { streams } });
  });
}

/** Fails now and then, wherever it is; the more often it did, the more seldom. */
const trouble = { met: 0 };
function meet(): void {
  if (below(40 + 2 * trouble.met) !== 0 || trouble.met === 60) return;
  trouble.met++;
  throw failure('EIO');
}

const troubledFiles: LogFiles = {
  ...systemFiles,
  async openRead(path) {
    const file = await systemFiles.openRead(path);
    return {
      ...file,
      read: async (position, length, into) => {
        const bytes = await file.read(position, length, into);
        meet();
        return bytes;
      },
    };
  },
};

function troubled(store: Store): Store {
  async function* through(parts: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const part of parts) {
      meet();
      yield part;
    }
  }
  return Object.assign(Object.create(store) as Store, {
    put: (key: string, parts: AsyncIterable<Uint8Array>) => store.put(key, through(parts)),
    createIfAbsent: store.createIfAbsent.bind(store),
    open: store.open.bind(store),
    get: store.get.bind(store),
    delete: store.delete.bind(store),
    list: store.list.bind(store),
    exists: store.exists.bind(store),
  });
}

async function bytesOf(key: string): Promise<Buffer> {
  const object = await openObject(vault, key);
  try {
    return await gather(streamOf(object), 1e8);
  } finally {
    await object.close();
  }
}

/** Where the recording differs from what was captured; '' = nowhere. */
async function difference({ callId, laws, packets, sides }: Source): Promise<string> {
  const manifest = await loadManifest(vault, recordingIdOf(callId));
  const trace = JSON.parse((await bytesOf(manifest.trace!.key)).toString()) as { text: string };
  if (trace.text !== `trace of ${callId}`) return 'the trace of another call';
  const stored = await openAudio(bytesInMemory(await bytesOf(manifest.audio!.key)));
  const { samples } = stored;
  if (samples !== packets * PACKET) return `${samples} samples instead of ${packets * PACKET}`;
  const pcm = await stored.readPcm(0, samples);
  const decoders = laws.map((law) => DECODE[law]);
  for (let at = 0; at < pcm.length; at++) {
    if (pcm[at] !== decoders[at % 2]![sides[at % 2]![at >> 1]!]) return `sample ${at >> 1} of channel ${at % 2}`;
  }
  return pcm.length === 2 * samples ? '' : 'it ends early';
}

it('archives many calls at once, also again after failures in their middle: each sample of each is where it belongs', async () => {
  const sources = Array.from({ length: CALLS }, (_, at) => sourceOf(at));
  const calls = await capture(sources);
  const log = new LogReader({
    folder: audio,
    identity: spoolIdentity(spool.privateKey),
    files: readingAhead(troubledFiles),
  });
  const parts = archiveParts({ ...vault, store: troubled(vault.store) }, { log, clock: systemClock() });
  const waiting = [...calls];
  let failed = 0;
  const archive = async (): Promise<void> => {
    while (waiting.length > 0) {
      const call = waiting.shift()!;
      await archiveCall(parts, call).catch((error: unknown) => {
        // Nothing else fails.
        if (++failed > trouble.met) throw error;
        waiting.push(call);
      });
    }
  };
  for (let atOnce = 2; atOnce <= 6; atOnce++) {
    const rest = waiting.splice(Math.ceil(CALLS / 5));
    await Promise.all(Array.from({ length: atOnce }, archive));
    waiting.push(...rest);
  }
  await Promise.all(Array.from({ length: 6 }, archive));
  expect(trouble.met).toBeGreaterThan(5);
  for (const source of sources) expect(await difference(source)).toBe('');
}, 60_000);

import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { EarshotError } from '../base/errors.ts';
import { DECODE } from './g711.ts';
import { measurePeaks } from './peaks.ts';
import { render } from './render.ts';
import { seededNumbers } from './seeded.ts';
import { captureOf, simulate, talkingCode } from './simulated-call.ts';
import { bytesInMemory, openAudio } from './stored.ts';
import type { RenderOptions, RenderResult } from './types.ts';
import { FlacEncoder, flacBlocks, flacHeader, measureFlac } from './flac.ts';

const STEREO: RenderOptions = {
  channels: [
    { channel: 0, name: 'Alice', streams: [0] },
    { channel: 1, name: 'Bob', streams: [1] },
  ],
  codecs: [],
};

async function fileOf(result: RenderResult): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of result.bytes()) parts.push(part.slice());
  const file = Buffer.concat(parts);
  expect(file.length).toBe(result.byteLength);
  return file;
}

/** What Debian's ffmpeg makes of a file. */
function ffmpeg(file: Uint8Array, format: string): Int16Array {
  const run = spawnSync('ffmpeg', ['-v', 'error', '-xerror', '-f', format, '-i', 'pipe:0', '-f', 's16le', 'pipe:1'], {
    input: file,
    maxBuffer: 2 ** 28,
  });
  expect(run.stderr.toString()).toBe('');
  return new Int16Array(run.stdout.buffer.slice(run.stdout.byteOffset, run.stdout.byteOffset + run.stdout.length));
}

async function encode(planes: Int16Array[], sampleRate = 8000): Promise<Buffer> {
  const form = { sampleRate, channels: planes.length, samples: planes[0]!.length };
  // eslint-disable-next-line @typescript-eslint/require-await
  const pieces = async function* (): AsyncGenerator<Int16Array[]> {
    for (let at = 0; at < form.samples; at += 1000) yield planes.map((plane) => plane.subarray(at, at + 1000));
  };
  const measure = await measureFlac(pieces(), form);
  const encoder = new FlacEncoder(form);
  const parts: Uint8Array[] = [flacHeader(form, measure)];
  for await (const block of flacBlocks(pieces(), form)) parts.push(encoder.frame(block));
  return Buffer.concat(parts);
}

function interleaved(planes: Int16Array[]): Int16Array {
  return Int16Array.from(
    { length: planes.length * planes[0]!.length },
    (_, i) => planes[i % planes.length]![Math.floor(i / planes.length)]!,
  );
}

const SIGNALS: Readonly<Record<string, (i: number, random: () => number) => number>> = {
  silence: () => 0,
  constant: () => -77,
  noise: (_, random) => Math.floor(random() * 65536) - 32768,
  square: (i) => (i % 50 < 25 ? 32767 : -32768),
  tone: (i) => Math.round(9000 * Math.sin(i / 9)),
  steps: (i) => ((i >> 3) % 100) * 64,
  bursts: (i, random) => (i % 4096 < 300 ? Math.floor(random() * 60000) - 30000 : Math.floor(random() * 3)),
};

describe('FLAC', () => {
  it.each(Object.keys(SIGNALS))('keeps every sample of %s, by ffmpeg and by our own reader', async (name) => {
    const random = seededNumbers(4);
    for (const length of [1, 3, 17, 4096, 4097, 70_001]) {
      const planes = [0, 1].map((side) => Int16Array.from({ length }, (_, i) => SIGNALS[name]!(i + side, random)));
      const file = await encode(planes);
      const pcm = interleaved(planes);
      expect(ffmpeg(file, 'flac')).toEqual(pcm);
      // The MD5 of STREAMINFO, which ffmpeg does not check.
      expect(file.subarray(26, 42)).toEqual(createHash('md5').update(new Uint8Array(pcm.buffer)).digest());
      const audio = await openAudio(bytesInMemory(file));
      expect(await audio.readPcm(0, length)).toEqual(interleaved(planes));
    }
  });

  it('holds mono, many channels and other rates', async () => {
    for (const [channels, rate] of [
      [1, 16_000],
      [3, 8000],
      [8, 44_100],
      [2, 11_025],
    ] as const) {
      const planes = Array.from({ length: channels }, (_, c) =>
        Int16Array.from({ length: 9000 }, (_, i) => Math.round(Math.sin(i / (5 + c)) * 3000)),
      );
      const file = await encode(planes, rate);
      const audio = await openAudio(bytesInMemory(file));
      expect([audio.channels, audio.sampleRate, audio.samples]).toEqual([channels, rate, 9000]);
      expect(ffmpeg(file, 'flac')).toEqual(interleaved(planes));
    }
  });

  it('seeks without reading all', async () => {
    const planes = [0, 1].map((side) =>
      Int16Array.from({ length: 8000 * 60 }, (_, i) => DECODE.mulaw[talkingCode(i + side)]!),
    );
    const file = await encode(planes);
    let read = 0;
    const audio = await openAudio({
      size: file.length,
      read: (o, l) => ((read += l), Promise.resolve(file.subarray(o, o + l))),
    });
    const all = interleaved(planes);
    for (const from of [0, 31_999, 32_768, 300_000, 479_990]) {
      expect(await audio.readPcm(from, 100)).toEqual(all.subarray(2 * from, 2 * Math.min(from + 100, 480_000)));
    }
    expect(read).toBeLessThan(file.length / 2);
  });

  it('says what is wrong with a damaged file, whatever the damage', async () => {
    const planes = [Int16Array.from({ length: 20_000 }, (_, i) => Math.round(Math.sin(i / 7) * 8000))];
    const file = await encode(planes);
    const random = seededNumbers(11);
    for (let i = 0; i < 300; i++) {
      const bad = Buffer.from(i % 3 === 0 ? file.subarray(0, Math.floor(random() * file.length)) : file);
      if (i % 3 !== 0) bad[Math.floor(random() * bad.length)]! ^= 1 << Math.floor(random() * 8);
      try {
        const audio = await openAudio(bytesInMemory(bad));
        await audio.readPcm(0, Math.min(audio.samples, 20_000));
      } catch (error) {
        expect(error).toBeInstanceOf(EarshotError);
      }
    }
  });
});

describe('a call with A-law on one side and µ-law on the other', () => {
  it('is FLAC of the exact samples', async () => {
    const alice = simulate({ stream: 0, ssrc: 1, packets: 500, payloadType: 0 });
    const bob = simulate({ stream: 1, ssrc: 2, packets: 450, payloadType: 8, startMs: 1000 });
    const result = await render(captureOf(alice.packets, bob.packets), STEREO);
    expect(result).toMatchObject({ container: 'flac', codec: 'PCMA+PCMU', samples: 80_000, sampleRate: 8000 });
    const file = await fileOf(result);
    const expected = interleaved([
      Int16Array.from({ length: 80_000 }, (_, n) => DECODE.mulaw[talkingCode(n)]!),
      Int16Array.from({ length: 80_000 }, (_, n) => (n < 8000 ? 0 : DECODE.alaw[talkingCode(n - 8000)]!)),
    ]);
    expect(ffmpeg(file, 'flac')).toEqual(expected);
    const audio = await openAudio(bytesInMemory(file));
    expect(await audio.readPcm(0, 80_000)).toEqual(expected);
    expect(await measurePeaks(audio)).toEqual(result.peaks());
    expect(await fileOf(result)).toEqual(file);
  });

  it('keeps 16 kHz samples exact beside raised 8 kHz ones', async () => {
    const wide = simulate({ stream: 0, ssrc: 1, packets: 100, payloadType: 96 }).packets.map((p, n) => ({
      ...p,
      timestamp: n * 320,
      bytes: Buffer.from(Int16Array.from({ length: 320 }, (_, i) => n * 320 + i).buffer).swap16(),
      to: 640,
    }));
    const narrow = simulate({ stream: 1, ssrc: 2, packets: 100 });
    const result = await render(captureOf(wide, narrow.packets), {
      ...STEREO,
      codecs: [{ stream: 0, codecs: [{ payloadType: 96, name: 'L16', clockRate: 16_000, channels: 1 }] }],
    });
    expect(result).toMatchObject({ codec: 'L16+PCMU', sampleRate: 16_000, samples: 32_000 });
    const pcm = ffmpeg(await fileOf(result), 'flac');
    for (let i = 0; i < 32_000; i++) expect(pcm[2 * i]).toBe(i);
    for (let i = 0; i < 16_000; i++) expect(pcm[4 * i + 1]).toBe(DECODE.mulaw[talkingCode(i)]!);
  });
});

describe('a WAV recording', () => {
  it.each([0, 8])('of payload type %d decodes alike by ffmpeg and by our own reader', async (payloadType) => {
    const alice = simulate({ stream: 0, ssrc: 1, packets: 151, payloadType, loss: 0.1 });
    const result = await render(captureOf(alice.packets), { ...STEREO, channels: STEREO.channels.slice(0, 1) });
    const file = await fileOf(result);
    const audio = await openAudio(bytesInMemory(file));
    expect(audio).toMatchObject({ container: 'wav', codec: payloadType === 0 ? 'PCMU' : 'PCMA', samples: 151 * 160 });
    expect(await audio.readPcm(0, 1e9)).toEqual(ffmpeg(file, 'wav'));
  });
});

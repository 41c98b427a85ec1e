import { spawnSync } from 'node:child_process';
import { describe, expect, it } from 'vitest';
import { encodeG711 } from './g711.ts';
import { mp3Stream } from './mp3.ts';
import { bytesInMemory, openAudio } from './stored.ts';
import { ffmpegFile, gather, strength, tones } from './testing.ts';
import type { StoredAudio } from './types.ts';
import { mulawBytes, wavPcmBytes } from './virtual-file.ts';
import { wavHeader } from './wav.ts';

function ffmpeg(file: Uint8Array, ...before: string[]): Int16Array {
  const run = spawnSync('ffmpeg', ['-v', 'error', '-xerror', ...before, '-i', 'pipe:0', '-f', 's16le', 'pipe:1'], {
    input: file,
    maxBuffer: 2 ** 28,
  });
  expect(run.stderr.toString()).toBe('');
  return new Int16Array(run.stdout.buffer.slice(run.stdout.byteOffset, run.stdout.byteOffset + run.stdout.length));
}

describe('PCM WAV made as it is read', () => {
  const audio = tones(5.3);
  const file = wavPcmBytes(audio);

  it('has the size it says and decodes to the samples', async () => {
    const whole = await gather(file.bytes());
    expect(whole.length).toBe(file.size);
    expect(ffmpeg(whole)).toEqual(await audio.readPcm(0, audio.samples));
  });

  it('gives any range of bytes', async () => {
    const whole = await gather(file.bytes());
    for (const [from, to] of [
      [0, 1],
      [10, 60],
      [43, 45],
      [44, 44],
      [99_997, 170_003],
      [169_640, 1e9],
    ] as const) {
      expect(await gather(file.bytes(from, to))).toEqual(whole.subarray(from, to));
    }
  });

  it('cuts a stretch out', async () => {
    const pcm = ffmpeg(await gather(wavPcmBytes(audio, 8000, 16_000).bytes()));
    expect(pcm).toEqual(await audio.readPcm(8000, 8000));
  });

  it('is an RF64 beyond 4 GiB', () => {
    const header = Buffer.from(wavHeader({ law: 'mulaw', sampleRate: 8000, channels: 2, samples: 3e9 }));
    expect(header.toString('latin1', 0, 4)).toBe('RF64');
    expect(header.readBigUInt64LE(28)).toBe(6_000_000_000n);
    expect(header.readBigUInt64LE(20)).toBe(BigInt(header.length - 8) + 6_000_000_000n);
  });
});

describe('µ-law made as it is read', () => {
  it('mixes all channels and saturates', async () => {
    const loud = tones(1, 8000, [400, 400, 400, 400, 400, 400]);
    const whole = await gather(mulawBytes(loud).bytes());
    expect(whole.length).toBe(8000);
    const one = await tones(1, 8000, [400]).readPcm(0, 8000);
    const mixed = one.map((sample) => Math.max(-32768, Math.min(32767, 6 * sample)));
    expect(new Uint8Array(whole)).toEqual(encodeG711('mulaw', mixed));
  });

  it('lowers other rates without a seam between pieces and without aliases', async () => {
    const wide = tones(4, 16_000, [1000]);
    const pcm = ffmpeg(await gather(mulawBytes(wide).bytes()), '-f', 'mulaw', '-ar', '8000');
    expect(pcm.length).toBe(32_000);
    const expected = await tones(4, 8000, [1000]).readPcm(0, 32_000);
    // Within the coarseness of µ-law, seams included; the ends fade as there is silence beyond.
    for (let i = 50; i < 31_950; i++) expect(Math.abs(pcm[i]! - expected[i]!)).toBeLessThan(260);
    const alias = ffmpeg(await gather(mulawBytes(tones(1, 16_000, [5000])).bytes()), '-f', 'mulaw', '-ar', '8000');
    expect(strength(alias, 1, 0, 3000, 8000)).toBeLessThan(20);
  });
});

describe('MP3 made as it is read', () => {
  it.each([
    [8000, [300, 500]],
    [8000, [300]],
    [16_000, [300, 500]],
    [44_100, [300, 500]],
    [8000, [300, 500, 700]],
  ])('of %d Hz has the size and length it says, each tone on its side', async (rate, frequencies) => {
    const audio = tones(3.7, rate, frequencies);
    const file = mp3Stream(audio);
    const whole = await gather(file.bytes());
    expect(whole.length).toBe(file.size);
    const channels = Math.min(2, frequencies.length);
    const out = rate === 44_100 ? 48_000 : rate;
    const pcm = ffmpegFile(whole);
    expect(pcm.length / channels).toBe(Math.floor(3.7 * out));
    const comparable = rate !== 44_100 && channels === audio.channels;
    const exact = comparable ? (await audio.readPcm(0, audio.samples)).subarray(4000, 12_000) : new Int16Array();
    const apart = exact.reduce((most, sample, i) => Math.max(most, Math.abs(sample - pcm[4000 + i]!)), 0);
    // A shift of a single sample would be far more.
    expect(apart).toBeLessThan(800);
    frequencies.slice(0, 2).forEach((frequency, i) => {
      expect(strength(pcm, channels, i, frequency, out)).toBeGreaterThan(5000);
      if (channels === 2) expect(strength(pcm, 2, 1 - i, frequency, out)).toBeLessThan(300);
    });
  });

  it('has the size it says for any length', async () => {
    for (const samples of [0, 1, 576, 577, 1152, 4000]) {
      const file = mp3Stream({
        ...tones(1),
        samples,
        readPcm: (_, count) => Promise.resolve(new Int16Array(2 * Math.min(count, samples))),
      });
      expect((await gather(file.bytes())).length).toBe(file.size);
    }
  });

  it('reads no further ahead than it is read, and stops when the reader leaves', async () => {
    let asked = 0;
    const audio = tones(600);
    const watched: StoredAudio = {
      ...audio,
      readPcm: (from, count) => ((asked = from + count), audio.readPcm(from, count)),
    };
    for await (const _ of mp3Stream(watched).bytes()) break;
    expect(asked).toBeLessThan(8000 * 5);
  });
});

describe('opening', () => {
  it.each([
    ['', 'RIFF'],
    ['RIFFxxxxWAVE', 'RIFF'],
  ])('refuses what is no recording', async (text) => {
    await expect(openAudio(bytesInMemory(Buffer.from(text)))).rejects.toMatchObject({ code: 'CODEC_UNSUPPORTED' });
  });
});

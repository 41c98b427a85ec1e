import { spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect } from 'vitest';
import type { StoredAudio } from './types.ts';

export async function gather(bytes: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of bytes) parts.push(part);
  return Buffer.concat(parts);
}

/** As a file (it holds a tone), since ffmpeg takes an MP3 in a pipe for a joined one and keeps the padding at its end. */
export function ffmpegFile(file: Uint8Array): Int16Array {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-tone-'));
  try {
    writeFileSync(join(folder, 'tone'), file);
    const run = spawnSync('ffmpeg', ['-v', 'error', '-xerror', '-i', join(folder, 'tone'), '-f', 's16le', 'pipe:1'], {
      maxBuffer: 2 ** 28,
    });
    expect(run.stderr.toString()).toBe('');
    return new Int16Array(run.stdout.buffer.slice(run.stdout.byteOffset, run.stdout.byteOffset + run.stdout.length));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** A tone per channel, in memory. */
export function tones(seconds: number, sampleRate = 8000, frequencies = [300, 500]): StoredAudio {
  const samples = Math.round(seconds * sampleRate);
  const channels = frequencies.length;
  return {
    container: 'wav',
    codec: 'L16',
    channels,
    sampleRate,
    samples,
    readPcm: (from, count) => {
      const until = Math.max(from, Math.min(from + count, samples));
      return Promise.resolve(
        Int16Array.from({ length: (until - from) * channels }, (_, i) => {
          const at = from + Math.floor(i / channels);
          return Math.round(6000 * Math.sin((2 * Math.PI * frequencies[i % channels]! * at) / sampleRate));
        }),
      );
    },
  };
}

/** Strength of a frequency in one channel. */
export function strength(pcm: Int16Array, channels: number, channel: number, frequency: number, rate: number): number {
  let re = 0;
  let im = 0;
  const count = Math.floor(pcm.length / channels);
  for (let i = 0; i < count; i++) {
    const angle = (2 * Math.PI * frequency * i) / rate;
    re += pcm[i * channels + channel]! * Math.cos(angle);
    im += pcm[i * channels + channel]! * Math.sin(angle);
  }
  return (2 * Math.hypot(re, im)) / count;
}

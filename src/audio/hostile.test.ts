import { describe, expect, it } from 'vitest';
import { OtherPackets } from './emit.ts';
import { render } from './render.ts';
import { seededNumbers } from './seeded.ts';
import type { Captured, RenderOptions } from './types.ts';

const OPTIONS: RenderOptions = {
  channels: [
    { channel: 0, name: 'Alice', streams: [0, 2] },
    { channel: 1, name: 'Bob', streams: [1] },
  ],
  codecs: [
    {
      stream: 1,
      codecs: [
        { payloadType: 96, name: 'L16', clockRate: 16_000, channels: 2 },
        { payloadType: 97, name: 'opus', clockRate: 48_000, channels: 2 },
        { payloadType: 98, name: 'PCMU', clockRate: 0, channels: 7 },
      ],
    },
  ],
};

/** Ten seconds of packets without sense: few or many SSRCs, wild numbers, every size of payload. */
function nonsense(seed: number): Captured[] {
  const random = seededNumbers(seed);
  const pick = (count: number): number => Math.floor(random() * count);
  const types = seed % 2 === 0 ? [0] : [0, 8, 9, 13, 96, 97, 98, 101, 127];
  let sequence = pick(65_536);
  let timestamp = pick(2 ** 32);
  return Array.from({ length: 500 }, (_, n): Captured => {
    if (random() < 0.1) sequence = pick(65_536);
    if (random() < 0.1) timestamp = pick(2 ** 32);
    sequence = (sequence + pick(4) - 1) & 0xffff;
    timestamp = (timestamp + (pick(5) - 1) * 160) >>> 0;
    const common = { stream: pick(4), arrivalUs: n * 20_000, ssrc: pick(seed % 3 === 0 ? 500 : 2) };
    if (random() < 0.05) return { kind: 'sr', ...common, ntpMs: random() * 4e12, rtpTimestamp: pick(2 ** 32) };
    if (random() < 0.05) return { kind: 'event', ...common, sequence, timestamp, durationTicks: pick(65_536) };
    const bytes = new Uint8Array(random() < 0.8 ? 160 : pick(1500)).fill(pick(256));
    return {
      kind: 'rtp',
      ...common,
      sequence,
      timestamp,
      payloadType: types[pick(types.length)]!,
      marker: false,
      bytes,
      from: 0,
      to: bytes.length,
    };
  });
}

describe('packets without sense', () => {
  it('give a file of the size it says, no longer than the call, and the same one again', async () => {
    for (let seed = 1; seed <= 60; seed++) {
      const packets = nonsense(seed);
      const result = await render({ packets: () => packets }, OPTIONS);
      let size = 0;
      for await (const part of result.bytes()) size += part.length;
      expect(size).toBe(result.byteLength);
      expect(result.durationMs).toBeLessThan(30_000);
      expect(result.startUs).toBeGreaterThan(-10e6);
      expect(result.peaks().channels.length).toBe(2);
      for (const track of result.tracks) {
        expect(track.lost).toBeGreaterThanOrEqual(0);
        expect(track.silentMs).toBeLessThanOrEqual(result.durationMs);
      }
    }
  });

  it('is reported when the second reading differs from the first', async () => {
    const packets = nonsense(2);
    let reading = 0;
    const result = await render({ packets: () => (reading++ === 0 ? packets : packets.slice(0, -50)) }, OPTIONS);
    const read = async (): Promise<void> => {
      for await (const _ of result.bytes());
    };
    await expect(read()).rejects.toThrow(OtherPackets);
  });
});

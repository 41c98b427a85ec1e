import { describe, expect, it } from 'vitest';
import { render } from './render.ts';
import { captureOf, simulate, talkingCode } from './simulated-call.ts';
import type { CapturedRtp } from './types.ts';

const PACKETS = 250;
const OPTIONS = { channels: [{ channel: 0, name: 'Alice', streams: [0] }], codecs: [] };

/** Renders one side of a call whose packets arrive as `late` (ms) says, and gives its samples. */
async function rendered(late: (packet: number) => number): Promise<Buffer> {
  const { packets } = simulate({ stream: 0, ssrc: 1, packets: PACKETS });
  const arrived: CapturedRtp[] = packets.map((packet, n) => ({
    ...packet,
    arrivalUs: packet.arrivalUs + late(n) * 1000,
  }));
  const result = await render(captureOf(arrived), OPTIONS);
  const parts: Uint8Array[] = [];
  for await (const part of result.bytes()) parts.push(part.slice());
  return Buffer.concat(parts).subarray(58);
}

const sent = Buffer.from(Uint8Array.from({ length: PACKETS * 160 }, (_, sample) => talkingCode(sample)));

describe('a sender or network that stalls', () => {
  it.each([
    ['at the end, and the call is over before it has recovered', (n: number) => (n >= PACKETS - 20 ? 300 : 0)],
    ['for the last packet alone', (n: number) => (n === PACKETS - 1 ? 400 : 0)],
    ['at the beginning, so that the first packets come in a heap', (n: number) => (n < 20 ? 400 - n * 20 : 0)],
    ['in the middle, and catches up', (n: number) => (n >= 100 && n < 120 ? 400 - (n - 100) * 20 : 0)],
  ])('%s moves no sample', async (_, late) => {
    expect((await rendered(late)).subarray(0, sent.length).equals(sent)).toBe(true);
  });

  it('for good is followed: what comes after is where it was heard', async () => {
    const samples = await rendered((n) => (n >= 100 ? 700 : 0));
    const second = sent.subarray(100 * 160, 101 * 160);
    const at = (100 * 20 + 700) * 8;
    expect(samples.subarray(at, at + 160).equals(second)).toBe(true);
  });
});

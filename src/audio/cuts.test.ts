import { describe, expect, it } from 'vitest';
import { cutBefore, cutsOf, isCut, withoutCuts } from './cuts.ts';
import { render } from './render.ts';
import { simulate } from './simulated-call.ts';
import { openAudio } from './stored.ts';
import type { Captured, CaptureSource, RenderOptions, RenderResult, Stretch } from './types.ts';

const STEREO: RenderOptions = {
  channels: [
    { channel: 0, name: 'Alice', streams: [0] },
    { channel: 1, name: 'Bob', streams: [1] },
  ],
  codecs: [],
};

/** Ten seconds of both, Bob half a second later. */
const packets: Captured[] = [
  ...simulate({ stream: 0, ssrc: 1, packets: 500, seed: 1 }).packets,
  ...simulate({ stream: 1, ssrc: 2, packets: 475, seed: 2, startMs: 500 }).packets,
].toSorted((a, b) => a.arrivalUs - b.arrivalUs);
const whole: CaptureSource = { packets: () => packets };

async function pcmOf(result: RenderResult): Promise<Int16Array> {
  const parts: Uint8Array[] = [];
  for await (const part of result.bytes()) parts.push(part.slice());
  const file = Buffer.concat(parts);
  expect(file.length).toBe(result.byteLength);
  const read = async (offset: number, length: number) => file.subarray(offset, offset + length);
  return (await openAudio({ size: file.length, read })).readPcm(0, result.samples);
}

/** Frames of two samples without those of the stretches. */
function without(pcm: Int16Array, startUs: number, stretches: readonly Stretch[]): number[] {
  const isIn = (frame: number): boolean => {
    const at = Math.round((startUs * 8) / 1000) + frame;
    return stretches.some(
      ({ fromUs, toUs }) =>
        at >= Math.round(((fromUs ?? -1e12) * 8) / 1000) && at < Math.round(((toUs ?? 1e12) * 8) / 1000),
    );
  };
  return Array.from(pcm).filter((_, at) => !isIn(Math.floor(at / 2)));
}

const PAUSES: readonly Stretch[] = [
  { fromUs: 1_000_125, toUs: 2_345_750 },
  { fromUs: 2_300_000, toUs: 2_500_000 },
  { fromUs: 7_000_000, toUs: 7_000_875 },
];

describe('a cut', () => {
  it.each(['auto', 'flac'] as const)(
    'takes exactly its samples out of all channels at the same place (%s)',
    async (container) => {
      const full = await render(whole, { ...STEREO, container });
      const cut = await render(whole, { ...STEREO, container, cut: PAUSES });
      const expected = without(await pcmOf(full), full.startUs, PAUSES);
      expect(Array.from(await pcmOf(cut))).toEqual(expected);
      expect(cut.startUs).toBe(full.startUs);
      expect(full.samples - cut.samples).toBe(12_000 - 1 + 7);
      expect(cut.durationMs).toBe(cut.samples / 8);
      const { msPerPeak, channels } = cut.peaks();
      expect(channels[0]).toHaveLength(2 * Math.ceil(cut.durationMs / msPerPeak));
    },
  );

  it('at the beginning and to the end leaves what lies between', async () => {
    const full = await render(whole, STEREO);
    const ends = [
      { fromUs: null, toUs: 3_000_000 },
      { fromUs: 4_000_000, toUs: null },
    ];
    const cut = await render(whole, { ...STEREO, cut: ends });
    expect(Array.from(await pcmOf(cut))).toEqual(without(await pcmOf(full), full.startUs, ends));
    expect(cut.samples).toBe(8000);
  });

  it('of everything leaves nothing', async () => {
    const cut = await render(whole, { ...STEREO, cut: [{ fromUs: null, toUs: null }] });
    expect([cut.samples, (await pcmOf(cut)).length]).toEqual([0, 0]);
  });

  it('where nothing was captured counts nothing as lost and is no gap; what is lost elsewhere is', async () => {
    const isPaused = ({ arrivalUs }: Captured): boolean => arrivalUs >= 3_000_000 && arrivalUs < 5_000_000;
    const isLost = ({ arrivalUs }: Captured): boolean => arrivalUs >= 8_000_000 && arrivalUs < 8_200_000;
    const captured: CaptureSource = { packets: () => packets.filter((one) => !isPaused(one) && !isLost(one)) };
    const pause = [{ fromUs: 3_000_000, toUs: 5_000_000 }];
    const cut = await render(captured, { ...STEREO, cut: pause });
    expect(cut.tracks.map(({ lost }) => lost)).toEqual([10, 10]);
    for (const { gaps } of cut.tracks) {
      const inside = gaps.filter(({ fromMs, toMs }) => fromMs > 600 && toMs < cut.durationMs);
      // The lost packets, two seconds earlier than they were; and at most a packet's length beside the cut.
      expect(inside.filter(({ fromMs, toMs }) => toMs - fromMs > 25)).toEqual([
        { fromMs: expect.closeTo(6000, -2) as number, toMs: expect.closeTo(6200, -2) as number },
      ]);
    }
    const silent = await render(captured, { ...STEREO, blank: pause });
    expect(silent.tracks.map(({ lost }) => lost)).toEqual([10, 10]);
    expect(silent.samples - cut.samples).toBe(16_000);
  });
});

describe('cuts', () => {
  it('are put in order, joined and held within the recording', () => {
    const stretches = [
      { fromUs: 5_000_000, toUs: null },
      { fromUs: 1_000_000, toUs: 2_000_000 },
      { fromUs: 2_000_000, toUs: 3_000_000 },
      { fromUs: 9_000_000, toUs: 8_000_000 },
    ];
    expect(cutsOf(stretches, 10, 15, 70)).toEqual([15, 30, 50, 70]);
    expect(cutsOf([{ fromUs: 0, toUs: 1_000_000 }], 10, 15, 70)).toEqual([]);
  });

  it('move what lies behind them', () => {
    const cuts = [10, 20, 30, 40];
    expect([5, 10, 15, 25, 30, 40, 50].map((at) => cutBefore(cuts, at))).toEqual([0, 0, 5, 10, 10, 20, 20]);
    expect([9, 10, 19, 20, 35].map((at) => isCut(cuts, at))).toEqual([false, true, true, false, true]);
    expect(withoutCuts([0, 5, 8, 22, 12, 18, 28, 45], cuts)).toEqual([0, 5, 8, 12, 18, 25]);
    expect(withoutCuts([5, 10, 20, 25], cuts)).toEqual([5, 15]);
  });
});

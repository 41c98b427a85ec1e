import { describe, expect, it } from 'vitest';
import { render } from './render.ts';
import { seededNumbers } from './seeded.ts';
import { captureOf, simulate, talkingCode, type SimulatedSender } from './simulated-call.ts';
import type { Captured, CapturedRtp, CaptureSource, RenderOptions, RenderResult } from './types.ts';

const STEREO: RenderOptions = {
  channels: [
    { channel: 0, name: 'Alice', streams: [0] },
    { channel: 1, name: 'Bob', streams: [1] },
  ],
  codecs: [],
};
const HEADER = 58;

async function fileOf(result: RenderResult): Promise<Buffer> {
  const parts: Uint8Array[] = [];
  for await (const part of result.bytes()) parts.push(part.slice());
  const file = Buffer.concat(parts);
  expect(file.length).toBe(result.byteLength);
  return file;
}

async function channelsOf(result: RenderResult): Promise<Uint8Array[]> {
  const data = (await fileOf(result)).subarray(HEADER, HEADER + result.samples * result.channels);
  return Array.from({ length: result.channels }, (_, channel) => {
    const codes = new Uint8Array(result.samples);
    for (let i = 0; i < codes.length; i++) codes[i] = data[i * result.channels + channel]!;
    return codes;
  });
}

async function renderStreams(...senders: SimulatedSender[]): Promise<RenderResult> {
  return render(captureOf(...senders.map((sender) => simulate(sender).packets)), STEREO);
}

/** What a channel must hold: the sender's codes, silence for lost packets, the listed corrections and nothing else. */
function expectExact(
  codes: Uint8Array,
  result: RenderResult,
  channel: number,
  sender: SimulatedSender,
  lost: Uint8Array,
  at: (outputSample: number, senderSample: number) => void = () => undefined,
): void {
  const track = result.tracks[channel]!;
  const offset = Math.max(0, Math.round(((sender.startMs ?? 0) * 1000 - result.startUs) / 125));
  const corrections = track.corrections.map((c) => ({ at: Math.round(c.atMs * 8), samples: c.samples }));
  // The true start is known to within the network's least delay.
  let begin = offset;
  while (begin > 0 && codes[begin - 1] !== 0xff) begin--;
  while (codes[begin] === 0xff && begin < codes.length) begin++;
  expect(Math.abs(begin - offset)).toBeLessThan(16);
  let wrong = 0;
  let p = 0;
  for (let k = begin; k < codes.length && p < sender.packets * 160; k++) {
    for (; corrections.length > 0 && corrections[0]!.at === k; corrections.shift()) {
      const { samples } = corrections[0]!;
      if (samples < 0) p -= samples;
      else {
        for (let i = 0; i < samples; i++) if (codes[k++] !== 0xff) wrong++;
      }
    }
    const code = lost[Math.floor(p / 160)] === 1 ? 0xff : (sender.code ?? talkingCode)(p);
    if (codes[k] !== code) wrong++;
    at(k, p);
    p++;
  }
  expect(wrong).toBe(0);
  expect(corrections).toEqual([]);
  expect(p).toBe(sender.packets * 160);
}

describe('a plain call', () => {
  it('gives the payload of each side bit for bit in its channel', async () => {
    const alice: SimulatedSender = { stream: 0, ssrc: 1, packets: 500, startMs: 0 };
    const bob: SimulatedSender = {
      stream: 1,
      ssrc: 2,
      packets: 400,
      startMs: 1000,
      firstSequence: 65_500,
      code: (n) => n & 0x7e,
    };
    const result = await renderStreams(alice, bob);
    expect(result).toMatchObject({
      container: 'wav',
      codec: 'PCMU',
      sampleRate: 8000,
      channels: 2,
      samples: 80_000,
      startUs: 0,
    });
    const [left, right] = await channelsOf(result);
    expect(left).toEqual(Uint8Array.from({ length: 80_000 }, (_, n) => talkingCode(n)));
    expect(right!.subarray(8000, 72_000)).toEqual(Uint8Array.from({ length: 64_000 }, (_, n) => n & 0x7e));
    expect(right!.subarray(0, 8000).every((code) => code === 0xff)).toBe(true);
    expect(result.tracks[1]).toMatchObject({
      packets: 400,
      lost: 0,
      gaps: [
        { fromMs: 0, toMs: 1000 },
        { fromMs: 9000, toMs: 10_000 },
      ],
      silentMs: 2000,
      corrections: [],
      codec: 'PCMU',
    });
    expect(result.warnings).toEqual([]);
  });

  it('keeps A-law as A-law, with its own silence', async () => {
    const result = await renderStreams(
      { stream: 0, ssrc: 1, packets: 50, payloadType: 8 },
      { stream: 1, ssrc: 2, packets: 10, payloadType: 8 },
    );
    const file = await fileOf(result);
    expect(file.readUInt16LE(20)).toBe(6);
    expect(file.at(-1)).toBe(0xd5);
  });

  it('gives the same bytes each time', async () => {
    const result = await renderStreams({ stream: 0, ssrc: 1, packets: 200, jitterMs: 30, loss: 0.1 });
    expect(await fileOf(result)).toEqual(await fileOf(result));
  });

  it('is an empty, valid file when nothing arrived', async () => {
    const result = await render({ packets: () => [] }, STEREO);
    expect(result).toMatchObject({ samples: 0, durationMs: 0, byteLength: HEADER });
  });
});

describe('impairments', () => {
  it.each([0.01, 0.05, 0.2])('reports %d loss exactly and shifts nothing', async (loss) => {
    const alice: SimulatedSender = { stream: 0, ssrc: 1, packets: 3000, loss, jitterMs: 15, seed: 7 };
    const bob: SimulatedSender = {
      stream: 1,
      ssrc: 2,
      packets: 3000,
      loss,
      jitterMs: 15,
      seed: 8,
      firstSequence: 65_000,
    };
    const streams = [simulate(alice), simulate(bob)];
    const result = await render(captureOf(...streams.map((s) => s.packets)), STEREO);
    const codes = await channelsOf(result);
    [alice, bob].forEach((sender, i) => {
      const lost = streams[i]!.lost.reduce((sum, one) => sum + one, 0);
      expect(result.tracks[i]).toMatchObject({ lost, packets: 3000 - lost, corrections: [], duplicates: 0 });
      expectExact(codes[i]!, result, i, sender, streams[i]!.lost);
    });
  });

  it('puts reordered packets right and drops duplicates, counting both', async () => {
    const alice: SimulatedSender = { stream: 0, ssrc: 1, packets: 1000, duplicates: 0.1, jitterMs: 90, seed: 3 };
    const stream = simulate(alice);
    let highest = -1;
    const seen = new Set<number>();
    const reordered = stream.packets.filter(({ sequence }) => {
      const late = sequence < highest && !seen.has(sequence);
      highest = Math.max(highest, sequence);
      seen.add(sequence);
      return late;
    }).length;
    const result = await render(captureOf(stream.packets), STEREO);
    expect(reordered).toBeGreaterThan(100);
    expect(result.tracks[0]).toMatchObject({ packets: 1000, lost: 0, duplicates: stream.duplicated, reordered });
    expectExact((await channelsOf(result))[0]!, result, 0, alice, stream.lost);
  });

  it('survives any mixture of loss, jitter, duplicates and pauses exactly', async () => {
    for (let seed = 1; seed <= 25; seed++) {
      const random = seededNumbers(seed);
      const pause = Math.floor(random() * 50) + 5;
      const alice: SimulatedSender = {
        stream: 0,
        ssrc: seed,
        packets: 400 + Math.floor(random() * 400),
        firstSequence: Math.floor(random() * 65536),
        firstTimestamp: Math.floor(random() * 2 ** 32),
        startMs: Math.floor(random() * 3000),
        loss: random() * 0.3,
        duplicates: random() * 0.2,
        jitterMs: random() * 60,
        seed,
        silent: (n) => n > 100 && n % 100 < pause && n < 380,
      };
      const stream = simulate(alice);
      const result = await render(captureOf(stream.packets), STEREO);
      const lost = stream.lost.reduce((sum, one) => sum + one, 0);
      expect(result.tracks[0]).toMatchObject({ lost, duplicates: stream.duplicated });
      const absent = stream.lost.map((one, n) => (alice.silent!(n) ? 1 : one));
      const codes = (await channelsOf(result))[0]!;
      const placed = result.tracks[0]!.corrections.length;
      expect(placed).toBe(0);
      for (let n = 0, at = codes.length - alice.packets * 160; n < alice.packets * 160; n++, at++) {
        const code = absent[Math.floor(n / 160)] === 1 ? 0xff : talkingCode(n);
        if (codes[at] !== code) expect.fail(`seed ${seed}: sample ${n}`);
      }
    }
  });

  it('counts telephone events in place, not as loss', async () => {
    const { packets } = simulate({ stream: 0, ssrc: 1, packets: 100 });
    const source: CaptureSource = {
      packets: () =>
        packets.map((packet, n) =>
          n < 40 || n >= 50
            ? packet
            : {
                kind: 'event',
                stream: 0,
                arrivalUs: packet.arrivalUs,
                timestamp: packets[40]!.timestamp,
                durationTicks: 0,
                ssrc: 1,
                sequence: n,
              },
        ),
    };
    const result = await render(source, STEREO);
    expect(result.tracks[0]).toMatchObject({ lost: 0, events: 10, packets: 100, gaps: [{ fromMs: 800, toMs: 1000 }] });
  });
});

describe('senders that change', () => {
  it('anchors a timestamp jump to arrival again', async () => {
    const { packets } = simulate({ stream: 0, ssrc: 1, packets: 500 });
    const jumped = packets.map((packet, n) =>
      n < 250 ? packet : { ...packet, timestamp: (packet.timestamp + 3_000_000_000) >>> 0 },
    );
    const result = await render(captureOf(jumped), STEREO);
    expect((await channelsOf(result))[0]).toEqual(Uint8Array.from({ length: 80_000 }, (_, n) => talkingCode(n)));
  });

  it('joins a new SSRC and re-used sequence numbers without a gap', async () => {
    const first = simulate({ stream: 0, ssrc: 1, packets: 250 });
    const second = simulate({
      stream: 0,
      ssrc: 99,
      packets: 250,
      startMs: 5000,
      firstTimestamp: 77,
      code: (n) => talkingCode(n + 40_000),
    });
    const third = simulate({
      stream: 0,
      ssrc: 99,
      packets: 250,
      startMs: 10_000,
      firstTimestamp: 77 + 40_000,
      code: (n) => talkingCode(n + 80_000),
    });
    const result = await render(captureOf(first.packets, second.packets, third.packets), STEREO);
    expect((await channelsOf(result))[0]).toEqual(Uint8Array.from({ length: 120_000 }, (_, n) => talkingCode(n)));
    expect(result.tracks[0]).toMatchObject({ lost: 0, duplicates: 0, packets: 750, ssrcs: [1, 99], mixedMs: 0 });
  });

  it('is not moved by a stalled network', async () => {
    const { packets } = simulate({ stream: 0, ssrc: 1, packets: 1000 });
    const stalled = packets.map((packet) => ({
      ...packet,
      arrivalUs: packet.arrivalUs > 5e6 && packet.arrivalUs < 6.5e6 ? 6.5e6 : packet.arrivalUs,
    }));
    const result = await render(captureOf(stalled), STEREO);
    expect((await channelsOf(result))[0]).toEqual(Uint8Array.from({ length: 160_000 }, (_, n) => talkingCode(n)));
    expect(result.tracks[0]!.corrections).toEqual([]);
  });

  it('mixes streams of one channel where they overlap, and says so', async () => {
    const one = simulate({ stream: 0, ssrc: 1, packets: 100, code: () => 0x90 });
    const two = simulate({ stream: 5, ssrc: 2, packets: 100, startMs: 1000, code: () => 0xa0 });
    const options = { channels: [{ channel: 0, name: 'both', streams: [0, 5] }], codecs: [] };
    const result = await render(captureOf(one.packets, two.packets), options);
    const codes = (await channelsOf(result))[0]!;
    expect([codes[0], codes[23_999]]).toEqual([0x90, 0xa0]);
    expect(codes[10_000]).toBeLessThan(0x90);
    expect(result.tracks[0]!.mixedMs).toBe(1000);
    expect(result.warnings.join()).toContain('mixed');
  });

  it('splits a two-channel stream', async () => {
    const bytes = Uint8Array.from({ length: 320 }, (_, i) => (i % 2 === 0 ? 0x11 : 0x22));
    const packets = simulate({ stream: 0, ssrc: 1, packets: 10, payloadType: 96 }).packets.map((p): CapturedRtp => ({
      ...p,
      bytes,
      to: bytes.length,
    }));
    const result = await render(captureOf(packets), {
      channels: [
        { channel: 0, name: 'l', streams: [0] },
        { channel: 1, name: 'r', streams: [0] },
      ],
      codecs: [{ stream: 0, codecs: [{ payloadType: 96, name: 'PCMU', clockRate: 8000, channels: 2 }] }],
    });
    const [left, right] = await channelsOf(result);
    expect([left!.length, left!.every((c) => c === 0x11), right!.every((c) => c === 0x22)]).toEqual([1600, true, true]);
  });

  it('names what it cannot decode and leaves it silent', async () => {
    const foreign = simulate({ stream: 1, ssrc: 2, packets: 100, payloadType: 9 });
    const result = await render(
      captureOf(simulate({ stream: 0, ssrc: 1, packets: 100 }).packets, foreign.packets),
      STEREO,
    );
    expect(result.undecoded).toEqual([{ stream: 1, channel: 1, codecs: ['G722'], packets: 100 }]);
    expect((await channelsOf(result))[1]!.every((code) => code === 0xff)).toBe(true);
    expect(result.warnings.join()).toContain('G722');
  });
});

describe('windows and pauses', () => {
  it('renders exactly the stretch asked for and silences pauses to the sample', async () => {
    const { packets } = simulate({ stream: 0, ssrc: 1, packets: 500, code: () => 0x10 });
    const result = await render(captureOf(packets), {
      ...STEREO,
      window: { fromUs: 2_000_000, toUs: 12_000_000 },
      blank: [{ fromUs: 3_000_000, toUs: 4_000_000 }],
    });
    const codes = (await channelsOf(result))[0]!;
    expect([result.samples, result.startUs]).toEqual([80_000, 2_000_000]);
    expect([codes[7999], codes[8000], codes[15_999], codes[16_000], codes[63_999], codes[64_000]]).toEqual([
      0x10, 0xff, 0xff, 0x10, 0x10, 0xff,
    ]);
  });
});

describe('sender reports', () => {
  /** Five minutes at 100 ppm, of which one and a half are held up by a queue of 90 ms on their way. */
  const sender: SimulatedSender = { stream: 0, ssrc: 1, packets: 15_000, driftPpm: 100, jitterMs: 5 };
  const { packets, lost } = simulate(sender);
  const queueUs = (us: number): number => 90_000 * Math.max(0, Math.min(1, (us - 100e6) / 10e6, (190e6 - us) / 10e6));
  const delayed = packets.map((packet) => ({
    ...packet,
    arrivalUs: packet.arrivalUs + Math.round(queueUs(packet.arrivalUs)),
  }));
  const reports = (fault: (n: number) => number): Captured[] =>
    Array.from({ length: 60 }, (_, n) => {
      const sentMs = 5000 * n + 2000;
      const rtpTimestamp = Math.round(8 * sentMs * (1 + 100e-6) + 8 * fault(n));
      return {
        kind: 'sr',
        stream: 0,
        arrivalUs: sentMs * 1000 + 30_000,
        ssrc: 1,
        ntpMs: 1.7e12 + sentMs,
        rtpTimestamp,
      };
    });
  const worst = async (result: RenderResult): Promise<number> => {
    let most = 0;
    expectExact((await channelsOf(result))[0]!, result, 0, sender, lost, (k, p) => {
      most = Math.max(most, Math.abs(result.startUs / 1000 + k / 8 - p / 8 / (1 + 100e-6)));
    });
    return most;
  };

  it('tell a long delay of the network from a drift of the clock', async () => {
    const result = await render(
      captureOf(
        delayed,
        reports(() => 0),
      ),
      STEREO,
    );
    expect(await worst(result)).toBeLessThan(12);
    // The drift of five minutes is 30 ms and nothing more is corrected.
    expect(result.tracks[0]!.corrections.reduce((sum, { samples }) => sum + Math.abs(samples), 0)).toBeLessThan(250);
  });

  it('are not believed when they contradict each other', async () => {
    const wild = await render(
      captureOf(
        packets,
        reports((n) => (n * 7919) % 400),
      ),
      STEREO,
    );
    const plain = await render(captureOf(packets), STEREO);
    expect(wild.tracks).toEqual(plain.tracks);
    expect(await worst(wild)).toBeLessThan(12);
  });
});

describe('clock drift', () => {
  const HOUR = 180_000;
  it.each([
    { name: '100 ppm on one side for an hour', packets: HOUR, left: {}, right: { driftPpm: 100 } },
    {
      name: '±100 ppm, 30 ms jitter, 1 % loss for an hour',
      packets: HOUR,
      left: { driftPpm: -100, jitterMs: 30, loss: 0.01 },
      right: { driftPpm: 100, jitterMs: 30, loss: 0.01 },
    },
    {
      name: '100 ppm on a side that is never quiet for 20 minutes',
      packets: HOUR / 3,
      left: {},
      right: { driftPpm: 100, code: (n: number) => (Math.imul(n, 0x9e3779b1) >>> 24) & 0x8f },
    },
  ])(
    'stays aligned within 20 ms with every correction listed: $name',
    { timeout: 60_000 },
    async ({ packets, left, right }) => {
      const senders: SimulatedSender[] = [
        { stream: 0, ssrc: 1, packets, seed: 5, ...left },
        { stream: 1, ssrc: 2, packets, seed: 6, ...right },
      ];
      const streams = senders.map((sender) => simulate(sender));
      const result = await render(captureOf(...streams.map((s) => s.packets)), STEREO);
      const codes = await channelsOf(result);
      const faults: number[][] = [[], []];
      senders.forEach((sender, i) => {
        expectExact(codes[i]!, result, i, sender, streams[i]!.lost, (k, p) => {
          if (k % 8000 !== 0) return;
          const spokenMs = (p / 8) * (1 / (1 + (sender.driftPpm ?? 0) / 1e6));
          faults[i]!.push(result.startUs / 1000 + k / 8 - spokenMs);
        });
        const { corrections, driftPpm } = result.tracks[i]!;
        expect(Math.max(0, ...corrections.map((c) => Math.abs(c.samples)))).toBeLessThanOrEqual(80);
        expect(driftPpm).toBeCloseTo(sender.driftPpm ?? 0, -0.5);
        expect(corrections.length === 0).toBe(sender.driftPpm === undefined);
        if (sender.code === undefined) expect(corrections.every((c) => c.place === 'quiet')).toBe(true);
        else expect(corrections.every((c) => c.place === 'forced')).toBe(true);
      });
      const apart = faults[0]!.map((fault, i) => Math.abs(fault - (faults[1]![i] ?? fault)));
      expect(Math.max(...apart)).toBeLessThan(20);
    },
  );
});

import { render } from '../src/audio/render.ts';
import { captureOf, simulate, type SimulatedSender } from '../src/audio/simulated-call.ts';
import { encodeG711 } from '../src/audio/g711.ts';
import { mp3Stream } from '../src/audio/mp3.ts';
import { opusStream } from '../src/audio/opus.ts';
import { speechSource } from '../src/audio/speech.ts';
import { bytesInMemory, openAudio } from '../src/audio/stored.ts';
import type { CaptureSource } from '../src/audio/types.ts';

/** CPU seconds that an hour of a two-sided G.711 call costs, from its packets to the bytes of the file. */
const PACKETS = 180_000;
const CHANNELS = [
  { channel: 0, name: 'Alice', streams: [0] },
  { channel: 1, name: 'Bob', streams: [1] },
];

/** Ten minutes of two talkers, repeated. */
const TALK = ([0, 1] as const).map((side) => speechSource({ seed: 1, side }).next(8000 * 600));

function hour(...sides: Partial<SimulatedSender>[]): CaptureSource {
  return captureOf(
    ...sides.map((side, i) => {
      const codes = encodeG711(side.payloadType === 8 ? 'alaw' : 'mulaw', TALK[i]!);
      const code = (n: number): number => codes[n % codes.length]!;
      return simulate({ stream: i, ssrc: i + 1, packets: PACKETS, seed: i + 1, code, ...side }).packets;
    }),
  );
}

async function measure(name: string, work: () => Promise<string>): Promise<void> {
  const before = process.cpuUsage();
  const detail = await work();
  const { user, system } = process.cpuUsage(before);
  console.log(`${name}: ${((user + system) / 1e6).toFixed(2)} s CPU, ${detail}`);
}

async function renderHour(source: CaptureSource): Promise<{ file: Buffer; detail: string }> {
  const result = await render(source, { channels: CHANNELS, codecs: [] });
  const parts: Uint8Array[] = [];
  for await (const part of result.bytes()) parts.push(part.slice());
  const peaks = result.peaks().channels[0]!.length;
  const corrections = result.tracks.reduce((sum, track) => sum + track.corrections.length, 0);
  const megabytes = (result.byteLength / 1e6).toFixed(1);
  return {
    file: Buffer.concat(parts),
    detail: `${megabytes} MB ${result.container}, ${peaks / 2} peaks, ${corrections} corrections`,
  };
}

const CALLS: readonly [string, Partial<SimulatedSender>[]][] = [
  ['an hour of stereo G.711 to WAV', [{}, {}]],
  [
    'the same with 1 % loss, 30 ms jitter, ±100 ppm',
    [
      { driftPpm: 100, jitterMs: 30, loss: 0.01 },
      { driftPpm: -100, jitterMs: 30, loss: 0.01 },
    ],
  ],
  ['an hour with A-law and µ-law to FLAC', [{}, { payloadType: 8 }]],
];

for (const [name, sides] of CALLS) {
  const source = hour(...sides);
  let file: Uint8Array = new Uint8Array();
  await measure(name, async () => {
    const rendered = await renderHour(source);
    file = rendered.file;
    return rendered.detail;
  });
  await measure('  read back as PCM', async () => {
    const audio = await openAudio(bytesInMemory(file));
    for (let at = 0; at < audio.samples; at += 16_384) await audio.readPcm(at, 16_384);
    return `${audio.samples} samples`;
  });
  if (sides.length === 2 && name.includes('to WAV')) {
    for (const [form, make] of [
      ['MP3', mp3Stream],
      ['Opus', opusStream],
    ] as const) {
      await measure(`  encoded as ${form}`, async () => {
        const encoded = make(await openAudio(bytesInMemory(file)));
        let size = 0;
        for await (const part of encoded.bytes()) size += part.length;
        return `${(size / 1e6).toFixed(1)} MB`;
      });
    }
  }
}

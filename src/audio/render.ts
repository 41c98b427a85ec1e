import { EarshotError } from '../base/errors.ts';
import { codeBytes, type Plane } from './canvas.ts';
import { collect } from './collect.ts';
import { emit, PIECE } from './emit.ts';
import { FlacEncoder, flacBlocks, flacHeader, measureFlac } from './flac.ts';
import { PeakMeter } from './peaks.ts';
import { makePlan, type RenderPlan } from './plan.ts';
import type { CaptureSource, RenderOptions, RenderResult } from './types.ts';
import { wavBytes, wavHeader, wavPadding, type WavForm } from './wav.ts';

/**
 * Turns the packets of a call into a recording: the first reading plans (header facts alone are kept), the last one, when
 * {@link RenderResult.bytes} runs, copies the sound; FLAC takes one in between. The same packets give the same bytes.
 *
 * @throws EarshotError BAD_REQUEST when the channels of `options` make no sense.
 */
export async function render(source: CaptureSource, options: RenderOptions): Promise<RenderResult> {
  checkChannels(options);
  const plan = makePlan(await collect(source, options), options);
  const file = plan.container === 'wav' ? wavFile(source, plan) : await flacFile(source, plan);
  return {
    container: plan.container,
    codec: plan.codec,
    sampleRate: plan.rate,
    channels: plan.channels,
    samples: plan.samples,
    durationMs: (plan.samples * 1000) / plan.rate,
    startUs: Math.round((plan.from * 1e6) / plan.rate),
    tracks: plan.tracks,
    warnings: plan.warnings,
    undecoded: plan.undecoded,
    ...file,
  };
}

/** The part of a result that depends on the container. */
type FileForm = Pick<RenderResult, 'byteLength' | 'bytes' | 'peaks'>;

async function* metered(pieces: AsyncIterable<Plane[]>, meter: PeakMeter): AsyncGenerator<Plane[]> {
  for await (const piece of pieces) {
    meter.add(piece);
    yield piece;
  }
}

function wavFile(source: CaptureSource, plan: RenderPlan): FileForm {
  const form: WavForm = { law: plan.law, sampleRate: plan.rate, channels: plan.channels, samples: plan.samples };
  let meter = new PeakMeter(plan);
  return {
    byteLength: wavBytes(form),
    async *bytes() {
      meter = new PeakMeter(plan);
      yield wavHeader(form);
      const room = plan.channels === 2 ? codeBytes.take() : new Uint8Array(PIECE * plan.channels);
      try {
        for await (const planes of metered(emit(source, plan), meter)) yield interleave(planes, room);
      } finally {
        codeBytes.give(room);
      }
      if (wavPadding(form) > 0) yield new Uint8Array(1);
    },
    peaks: () => meter.peaks(),
  };
}

/** Its header names sizes and a check sum of what follows, so all is encoded before; long recordings are so once more. */
async function flacFile(source: CaptureSource, plan: RenderPlan): Promise<FileForm> {
  const form = { sampleRate: plan.rate, channels: plan.channels, samples: plan.samples };
  const meter = new PeakMeter(plan);
  const linear = (pieces: AsyncIterable<Plane[]>): AsyncIterable<Int16Array[]> => pieces as AsyncIterable<Int16Array[]>;
  const measure = await measureFlac(linear(metered(emit(source, plan), meter)), form);
  const header = flacHeader(form, measure);
  return {
    byteLength: measure.frames.reduce((sum, size) => sum + size, header.length),
    async *bytes() {
      yield header;
      if (measure.kept !== null) return yield* measure.kept;
      const encoder = new FlacEncoder(form);
      for await (const block of flacBlocks(linear(emit(source, plan)), form)) yield encoder.frame(block);
    },
    peaks: () => meter.peaks(),
  };
}

/** G.711 planes as the frames of a file, written into `room`. */
function interleave(planes: readonly Plane[], room: Uint8Array): Uint8Array {
  const channels = planes.length;
  const count = planes[0]?.length ?? 0;
  const out = room.subarray(0, count * channels);
  if (channels === 2) {
    const [left, right] = planes as [Plane, Plane];
    const frames = new Uint16Array(room.buffer, 0, count);
    if (IS_LITTLE_ENDIAN) for (let i = 0; i < count; i++) frames[i] = left[i]! | (right[i]! << 8);
    else for (let i = 0; i < count; i++) frames[i] = (left[i]! << 8) | right[i]!;
    return out;
  }
  for (let channel = 0; channel < channels; channel++) {
    const plane = planes[channel]!;
    for (let i = 0, at = channel; i < count; i++, at += channels) out[at] = plane[i]!;
  }
  return out;
}

const IS_LITTLE_ENDIAN = new Uint8Array(Uint16Array.of(1).buffer)[0] === 1;

const MOST_CHANNELS = 8;

function checkChannels(options: RenderOptions): void {
  for (const { channel } of options.channels) {
    if (Number.isInteger(channel) && channel >= 0 && channel < MOST_CHANNELS) continue;
    throw new EarshotError('BAD_REQUEST', `channel ${channel} is not within 0 and ${MOST_CHANNELS - 1}`, {
      key: 'channels',
    });
  }
}

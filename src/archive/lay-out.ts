import { createHash } from 'node:crypto';
import { OtherPackets } from '../audio/emit.ts';
import { encodePeaks } from '../audio/peaks.ts';
import type { RenderOptions, RenderResult, Stretch, TrackReport } from '../audio/types.ts';
import { messageOf } from '../base/errors.ts';
import { sealBytes, sealStream } from '../seal/age/seal.ts';
import type { ObjectKind } from '../vault/layout.ts';
import type { ObjectRef } from '../vault/manifest.ts';
import { type CallReading, LogFailure, PartialReading, rawPackets, traceLines } from './call-reading.ts';
import type { Plan } from './channels.ts';
import type { ArchiveParts, ArchiveStep } from './types.ts';
import type { Wanted } from './wanted.ts';

/** A recording's objects as they lie in the store, and what was found while making them. */
export interface Laid {
  readonly container: 'wav' | 'flac' | 'none';
  readonly codec: string;
  readonly channels: number;
  readonly durationMs: number;
  /** Arrival time of the first sample, µs since the call's opening. */
  readonly startUs: number;
  readonly tracks: readonly TrackReport[];
  readonly warnings: readonly string[];
  readonly audioSha256: string | null;
  readonly audio: ObjectRef | null;
  readonly peaks: ObjectRef | null;
  readonly trace: ObjectRef | null;
  readonly packets: ObjectRef | null;
}

export interface Layout {
  readonly parts: ArchiveParts;
  readonly reading: CallReading;
  readonly plan: Plan;
  readonly wanted: Wanted;
  readonly container: 'auto' | 'flac';
  /** Everything captured before, µs since the call's opening, is void; null = nothing is. */
  readonly voidUntilUs: number | null;
  readonly key: (kind: ObjectKind) => string;
  readonly reached: (step: ArchiveStep) => Promise<void>;
}

const NOTHING = {
  container: 'none',
  codec: '',
  channels: 0,
  durationMs: 0,
  startUs: 0,
  tracks: [],
  audioSha256: null,
  audio: null,
  peaks: null,
} as const;

const NO_AUDIO = 'No audio arrived.';

type Sound = Omit<Laid, 'trace' | 'packets'> & { readonly raw: ReadonlySet<number> | 'all' | null };

/** Makes the sealed objects of a recording. Plaintext passes through memory in pieces and never reaches the store. */
export async function layOut(layout: Layout): Promise<Laid> {
  const { raw, ...sound } = await laySound(layout);
  const { reading, key, reached } = layout;
  const { notes } = await reading.survey();
  const gone = goneOf(layout);
  const trace = notes === null || notes.length > 0 ? await put(layout, key('trace'), traceLines(reading, gone)) : null;
  await reached('trace-stored');
  const left = [...layout.wanted.blank, ...outside(layout.wanted.window)];
  const packets = raw === null ? null : await put(layout, key('rtp'), rawPackets(reading, raw, { left, gone }));
  await reached('packets-stored');
  return { ...sound, trace, packets };
}

/** What was paused or destroyed: it is in no object. */
function goneOf({ wanted, voidUntilUs }: Layout): Stretch[] {
  const paused = wanted.allPauses.map(({ fromMono, toMono }) => ({
    fromUs: fromMono * 1000,
    toUs: toMono === null ? null : toMono * 1000,
  }));
  return voidUntilUs === null ? paused : [...paused, { fromUs: null, toUs: voidUntilUs }];
}

function outside({ fromUs, toUs }: Stretch): Stretch[] {
  const before = fromUs === null ? [] : [{ fromUs: null, toUs: fromUs }];
  return toUs === null ? before : [...before, { fromUs: toUs, toUs: null }];
}

async function laySound(layout: Layout): Promise<Sound> {
  try {
    return await layRendered(layout);
  } catch (error) {
    if (!(error instanceof RenderFailure)) throw error;
    if (!(await layout.reading.survey()).hasPackets) return { ...NOTHING, warnings: [NO_AUDIO], raw: null };
    // The audio is not given up: the packets are kept as they are, for a version that can read them.
    layout.parts.logger.error({ reason: messageOf(error.cause) }, 'audio cannot be laid out, packets are kept raw');
    const text = `The audio could not be laid out (${messageOf(error.cause)}); its packets are kept raw.`;
    return { ...NOTHING, warnings: [text], raw: 'all' };
  }
}

async function layRendered(layout: Layout): Promise<Sound> {
  const { parts, plan, wanted, reading, key, reached } = layout;
  const isWhole = wanted.window.fromUs === null && wanted.window.toUs === null;
  const options: RenderOptions = {
    channels: plan.channels,
    codecs: plan.codecs,
    blank: wanted.blank,
    cut: wanted.cut,
    container: layout.container,
    ...(isWhole ? {} : { window: wanted.window }),
  };
  const source = isWhole ? reading : new PartialReading(reading, wanted.window);
  const result = await guard(() => parts.render(source, options));
  const raw = result.undecoded.length === 0 ? null : new Set(result.undecoded.map(({ stream }) => stream));
  const { durationMs, startUs, tracks } = result;
  const codec = codecOf(result).slice(0, 64);
  const warnings = [...result.warnings];
  if (tracks.every(({ packets }) => packets === 0) && raw === null) warnings.push(NO_AUDIO);
  if (!hasSound(result)) return { ...NOTHING, codec, durationMs, startUs, tracks, warnings, raw };
  const hash = createHash('sha256');
  const audio = await put(layout, key(result.container), hashed(guarded(result.bytes()), hash));
  await reached('audio-stored');
  const peaks = await putBytes(layout, key('peaks'), await guard(() => encodePeaks(result.peaks())));
  await reached('peaks-stored');
  const { container, channels } = result;
  const audioSha256 = hash.digest('hex');
  return { container, codec, channels, durationMs, startUs, tracks, warnings, audioSha256, audio, peaks, raw };
}

/** Whether any packet could be decoded; a file of nothing but made-up silence would only mislead. */
function hasSound(result: RenderResult): boolean {
  const heard = result.tracks.reduce((sum, { packets }) => sum + packets, 0);
  const unheard = result.undecoded.reduce((sum, { packets }) => sum + packets, 0);
  return result.samples > 0 && heard > unheard;
}

function codecOf(result: RenderResult): string {
  if (hasSound(result)) return result.codec;
  return [...new Set(result.undecoded.flatMap(({ codecs }) => codecs))].toSorted().join('+');
}

/** An error of the rendering itself: no use to try again. */
class RenderFailure extends Error {}

function asFailure(error: unknown): Error {
  // What is void was taken out of the log between two readings.
  if (error instanceof OtherPackets) return new LogFailure('the audio log changed while it was read', { cause: error });
  return error instanceof LogFailure ? error : new RenderFailure('rendering failed', { cause: error });
}

async function guard<T>(work: () => Promise<T> | T): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw asFailure(error);
  }
}

async function* guarded(bytes: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  try {
    yield* bytes;
  } catch (error) {
    throw asFailure(error);
  }
}

async function* hashed(
  bytes: AsyncIterable<Uint8Array>,
  hash: { update(part: Uint8Array): unknown },
): AsyncGenerator<Uint8Array> {
  for await (const part of bytes) {
    hash.update(part);
    yield part;
  }
}

async function put({ parts }: Layout, key: string, plaintext: AsyncIterable<Uint8Array>): Promise<ObjectRef> {
  const { store, recipients } = parts.vault;
  return { key, ...(await store.put(key, sealStream(recipients, plaintext, parts.random))) };
}

async function putBytes({ parts }: Layout, key: string, plaintext: Uint8Array): Promise<ObjectRef> {
  const sealed = sealBytes(parts.vault.recipients, plaintext, parts.random);
  const whole = (async function* () {
    yield sealed;
  })();
  return { key, ...(await parts.vault.store.put(key, whole)) };
}

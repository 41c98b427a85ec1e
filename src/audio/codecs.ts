import type { CodecName, StreamCodecs } from './types.ts';

/** How a payload becomes sound. `silence`: comfort noise and events; `foreign`: nothing here can decode it. */
export type Coding = 'mulaw' | 'alaw' | 'l16' | 'silence' | 'foreign';

export interface PayloadCodec {
  /** Upper case, e.g. `PCMU`. */
  readonly name: string;
  readonly coding: Coding;
  /** RTP clock, ticks per second; equals the sample rate where `coding` is a decodable one. */
  readonly rate: number;
  readonly channels: number;
}

/** RFC 3551 section 6; audio only. */
const STATIC: readonly CodecName[] = [
  { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 },
  { payloadType: 3, name: 'GSM', clockRate: 8000, channels: 1 },
  { payloadType: 4, name: 'G723', clockRate: 8000, channels: 1 },
  { payloadType: 5, name: 'DVI4', clockRate: 8000, channels: 1 },
  { payloadType: 6, name: 'DVI4', clockRate: 16000, channels: 1 },
  { payloadType: 7, name: 'LPC', clockRate: 8000, channels: 1 },
  { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1 },
  { payloadType: 9, name: 'G722', clockRate: 8000, channels: 1 },
  { payloadType: 10, name: 'L16', clockRate: 44100, channels: 2 },
  { payloadType: 11, name: 'L16', clockRate: 44100, channels: 1 },
  { payloadType: 12, name: 'QCELP', clockRate: 8000, channels: 1 },
  { payloadType: 13, name: 'CN', clockRate: 8000, channels: 1 },
  { payloadType: 15, name: 'G728', clockRate: 8000, channels: 1 },
  { payloadType: 18, name: 'G729', clockRate: 8000, channels: 1 },
  { payloadType: 19, name: 'CN', clockRate: 8000, channels: 1 },
];

const CODINGS: Readonly<Record<string, Coding>> = {
  PCMU: 'mulaw',
  PCMA: 'alaw',
  L16: 'l16',
  CN: 'silence',
  'TELEPHONE-EVENT': 'silence',
};

function payloadCodec(codec: CodecName): PayloadCodec {
  const name = codec.name.toUpperCase();
  const sane = codec.clockRate >= 4000 && codec.clockRate <= 192_000 && (codec.channels === 1 || codec.channels === 2);
  const coding = CODINGS[name] ?? 'foreign';
  return {
    name,
    coding: sane || coding === 'silence' ? coding : 'foreign',
    rate: codec.clockRate > 0 ? codec.clockRate : 8000,
    channels: codec.channels === 2 ? 2 : 1,
  };
}

/** What each payload type of one stream means: the offer's word first, then RFC 3551, else unknown and so foreign. */
export class PayloadTypes {
  readonly #byType: (PayloadCodec | undefined)[] = [];

  constructor(stream: number, codecs: readonly StreamCodecs[]) {
    const offered = codecs.filter((entry) => entry.stream === stream).flatMap((entry) => entry.codecs);
    for (const codec of [...STATIC, ...offered]) this.#byType[codec.payloadType] = payloadCodec(codec);
  }

  codec(payloadType: number): PayloadCodec {
    const known = this.#byType[payloadType];
    if (known !== undefined) return known;
    const unknown: PayloadCodec = { name: `PT${payloadType}`, coding: 'foreign', rate: 8000, channels: 1 };
    this.#byType[payloadType] = unknown;
    return unknown;
  }
}

/** Samples per channel that a payload holds; 0 where only the decoder of a foreign codec could tell. */
export function payloadSamples(codec: PayloadCodec, bytes: number): number {
  if (codec.coding === 'mulaw' || codec.coding === 'alaw') return Math.floor(bytes / codec.channels);
  if (codec.coding === 'l16') return Math.floor(bytes / (2 * codec.channels));
  return 0;
}

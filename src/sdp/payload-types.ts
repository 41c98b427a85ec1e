/** One payload type of an m-line. */
export interface Codec {
  /** RTP payload type 0–127. */
  readonly payloadType: number;
  /** Encoding name in upper case: `PCMU`, `OPUS`, `TELEPHONE-EVENT`, `CN`; empty for a dynamic type without rtpmap. */
  readonly name: string;
  /** RTP clock rate, Hz; 8000 for a dynamic type without rtpmap. G722 says 8000 though it samples at 16,000 (RFC 3551 §4.5.2). */
  readonly clockRate: number;
  readonly channels: number;
  /** Value of `a=fmtp` behind the payload type. */
  readonly fmtp?: string;
}

/** Audio payload types that need no rtpmap (RFC 3551 §6, table 4). */
const STATIC: ReadonlyMap<number, readonly [name: string, clockRate: number, channels: number]> = new Map([
  [0, ['PCMU', 8000, 1]],
  [3, ['GSM', 8000, 1]],
  [4, ['G723', 8000, 1]],
  [5, ['DVI4', 8000, 1]],
  [6, ['DVI4', 16_000, 1]],
  [7, ['LPC', 8000, 1]],
  [8, ['PCMA', 8000, 1]],
  [9, ['G722', 8000, 1]],
  [10, ['L16', 44_100, 2]],
  [11, ['L16', 44_100, 1]],
  [12, ['QCELP', 8000, 1]],
  [13, ['CN', 8000, 1]],
  [14, ['MPA', 90_000, 1]],
  [15, ['G728', 8000, 1]],
  [16, ['DVI4', 11_025, 1]],
  [17, ['DVI4', 22_050, 1]],
  [18, ['G729', 8000, 1]],
]);

/** The codec of a payload type without rtpmap. */
export function staticCodec(payloadType: number): Codec {
  const [name, clockRate, channels] = STATIC.get(payloadType) ?? ['', 8000, 1];
  return { payloadType, name, clockRate, channels };
}

/** Reads `0 PCMU/8000[/1]`; null when it is no rtpmap. */
export function readRtpmap(value: string): Codec | null {
  const match = /^(\d{1,3})\s+([^\s/]+)\s*\/\s*(\d{1,7})(?:\s*\/\s*(\d{1,2}))?/.exec(value);
  const payloadType = Number(match?.[1]);
  const clockRate = Number(match?.[3]);
  if (match === null || payloadType > 127 || clockRate === 0) return null;
  return { payloadType, name: match[2]!.toUpperCase(), clockRate, channels: Math.max(1, Number(match[4] ?? 1)) };
}

/** Names that are registered in lower case. They compare without regard to case, but not everybody does. */
const LOWER: readonly string[] = ['TELEPHONE-EVENT', 'OPUS', 'SPEEX', 'RED'];

/** `0 PCMU/8000`, channels only when more than one. */
export function writeRtpmap(codec: Codec): string {
  const channels = codec.channels > 1 ? `/${codec.channels}` : '';
  const name = LOWER.includes(codec.name) ? codec.name.toLowerCase() : codec.name;
  return `${codec.payloadType} ${name}/${codec.clockRate}${channels}`;
}

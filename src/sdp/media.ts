import { attribute, attributes, type MediaDescription, type SessionDescription } from './description.ts';
import { type Codec, readRtpmap, staticCodec } from './payload-types.ts';

export type Direction = 'sendrecv' | 'sendonly' | 'recvonly' | 'inactive';

/** One m-line as it counts, session-level lines applied. */
export interface OfferedMedia {
  /** Position from 0. */
  readonly index: number;
  readonly kind: string;
  /** RTP port; 0 when `removed`. */
  readonly port: number;
  /** RTCP port (RFC 3605, else RTP + 1; with rtcpMux the RTP port). */
  readonly rtcpPort: number;
  /** Connection address, null when there is none. */
  readonly address: string | null;
  /** Address of RTCP where `a=rtcp` names one, else that of RTP. */
  readonly rtcpAddress: string | null;
  readonly direction: Direction;
  /** `c=0.0.0.0` or `::`: hold as RFC 2543 had it, and BroadWorks's pause. */
  readonly held: boolean;
  readonly removed: boolean;
  /** `a=label` (RFC 4574), null when there is none. */
  readonly label: string | null;
  /** In the order of the m-line. Empty when it is not RTP. */
  readonly codecs: readonly Codec[];
  readonly rtcpMux: boolean;
  /** Milliseconds a packet, null when not said. */
  readonly ptimeMs: number | null;
  /** `RTP/AVP` … as on the wire, upper case. */
  readonly profile: string;
  /** Whether the profile is one of RTP's. */
  readonly rtp: boolean;
  /** `a=crypto` values (RFC 4568). They hold keys: never log them. */
  readonly crypto: readonly string[];
}

const DIRECTIONS: readonly string[] = ['sendrecv', 'sendonly', 'recvonly', 'inactive'];

/** Every m-line in order. Never throws. */
export function mediaOf(description: SessionDescription): OfferedMedia[] {
  return description.media.map((media, index) => offered(description, media, index));
}

function offered(description: SessionDescription, media: MediaDescription, index: number): OfferedMedia {
  const address = (media.connection ?? description.connection)?.address ?? null;
  const rtcpMux = attribute(media, 'rtcp-mux') !== undefined;
  const rtp = /^(?:UDP\/TLS\/)?RTP\/S?AVPF?$/.test(media.profile);
  return {
    index,
    kind: media.kind,
    port: media.port,
    ...rtcpOf(media, address, rtcpMux),
    address,
    direction: directionOf(media) ?? directionOf(description) ?? 'sendrecv',
    held: address !== null && (address === '0.0.0.0' || /^[0:]+$/.test(address)),
    removed: media.port === 0,
    label: attribute(media, 'label') ?? null,
    codecs: rtp ? codecsOf(media) : [],
    rtcpMux,
    ptimeMs: ptimeOf(media),
    profile: media.profile,
    rtp,
    crypto: attributes(media, 'crypto'),
  };
}

/** Of several directions in one part the last counts: it is what a sender that appends means. */
function directionOf(holder: Pick<MediaDescription, 'attributes'>): Direction | undefined {
  return holder.attributes.findLast(({ name }) => DIRECTIONS.includes(name))?.name as Direction | undefined;
}

/** `a=rtcp:53020` or `a=rtcp:53020 IN IP4 192.0.2.1` (RFC 3605). */
function rtcpOf(
  media: MediaDescription,
  address: string | null,
  mux: boolean,
): { rtcpPort: number; rtcpAddress: string | null } {
  if (mux || media.port === 0) return { rtcpPort: media.port, rtcpAddress: address };
  const match = /^(\d{1,5})(?:\s+IN\s+IP[46]\s+(\S+))?/i.exec(attribute(media, 'rtcp') ?? '');
  const port = Number(match?.[1] ?? 0);
  const usable = port > 0 && port <= 65_535;
  return { rtcpPort: usable ? port : Math.min(65_535, media.port + 1), rtcpAddress: match?.[2] ?? address };
}

function ptimeOf(media: MediaDescription): number | null {
  const ptime = Number.parseFloat(attribute(media, 'ptime') ?? '');
  return ptime > 0 && ptime <= 1000 ? ptime : null;
}

/** The m-line's payload types with rtpmap or static meaning and fmtp; what is no payload type is left out. */
function codecsOf(media: MediaDescription): Codec[] {
  const maps = new Map<number, Codec>();
  for (const value of attributes(media, 'rtpmap')) {
    const codec = readRtpmap(value);
    if (codec !== null && !maps.has(codec.payloadType)) maps.set(codec.payloadType, codec);
  }
  const fmtps = new Map<number, string>();
  for (const value of attributes(media, 'fmtp')) {
    const match = /^(\d{1,3})\s+(.*)$/su.exec(value);
    if (match !== null) fmtps.set(Number(match[1]), match[2]!.trim());
  }
  const types = media.formats.filter((format) => /^\d{1,3}$/.test(format) && Number(format) <= 127).map(Number);
  return [...new Set(types)].map((type) => {
    const codec = maps.get(type) ?? staticCodec(type);
    const fmtp = fmtps.get(type);
    return fmtp === undefined ? codec : { ...codec, fmtp };
  });
}

import { isIPv6 } from 'node:net';
import {
  type Attribute,
  attributes as valuesOf,
  type Connection,
  type MediaDescription,
  type Origin,
  type SessionDescription,
} from './description.ts';
import { type Direction, mediaOf, type OfferedMedia } from './media.ts';
import { type Codec, readRtpmap, writeRtpmap } from './payload-types.ts';

/** Where we receive one stream. */
export interface LocalMedia {
  readonly address: string;
  readonly rtpPort: number;
  /** Equal to rtpPort where RTCP is multiplexed. */
  readonly rtcpPort: number;
}

/** Our own identity in o= (RFC 8866 §5.2). The caller raises `version` by one with every change of the description. */
export interface LocalSession {
  readonly id: string;
  readonly version: string;
  readonly address: string;
  readonly username?: string;
}

export interface AnswerOptions {
  /** Accept rtcp-mux where it is offered. Default true. */
  readonly rtcpMux?: boolean;
  /**
   * For an offered RTP/SAVP(F) stream: our `a=crypto` value, null to refuse the stream. Without it such streams are refused.
   */
  readonly crypto?: (media: OfferedMedia) => string | null;
}

/**
 * The answer of a recorder (RFC 3264 §6, RFC 7866 §7.1): every m-line in its place; audio over RTP is taken with all payload types
 * that are offered, recvonly, or inactive where we were offered nothing to receive; all else is refused with port 0.
 * @param ports our address for the m-line at `index`, null to refuse it
 */
export function answerRecording(
  offer: SessionDescription,
  ports: (index: number) => LocalMedia | null,
  session: LocalSession,
  options: AnswerOptions = {},
): SessionDescription {
  const media = mediaOf(offer).map((offered) => {
    const crypto = acceptable(offered, options);
    const local = crypto === undefined ? null : ports(offered.index);
    const theirs = offer.media[offered.index]!;
    if (local === null) return refused(theirs);
    const rtpmaps = valuesOf(theirs, 'rtpmap');
    return accepted({ offered, rtpmaps, local, session, mux: options.rtcpMux !== false, crypto: crypto ?? null });
  });
  return ours(session, media);
}

/** The `a=crypto` value to answer with, null for plain RTP, undefined when the stream cannot be taken. */
function acceptable(offered: OfferedMedia, options: AnswerOptions): string | null | undefined {
  if (offered.removed || offered.kind !== 'audio' || offered.codecs.length === 0) return undefined;
  if (/^RTP\/AVPF?$/.test(offered.profile)) return null;
  if (/^RTP\/SAVPF?$/.test(offered.profile)) return options.crypto?.(offered) ?? undefined;
  return undefined;
}

/** RFC 3264 §6: port 0, at least one format, no attributes. */
function refused(media: MediaDescription): MediaDescription {
  const { kind, profile, formats } = media;
  return {
    kind: kind === '' ? 'audio' : kind,
    port: 0,
    portCount: 1,
    profile: profile === '' ? 'RTP/AVP' : profile,
    formats: formats.length === 0 ? ['0'] : formats,
    connection: null,
    attributes: [],
    other: [],
  };
}

interface Acceptance {
  readonly offered: OfferedMedia;
  /** As offered: some peers know only their own spelling of a name. */
  readonly rtpmaps: readonly string[];
  readonly local: LocalMedia;
  readonly session: LocalSession;
  readonly mux: boolean;
  readonly crypto: string | null;
}

function accepted({ offered, rtpmaps, local, session, mux, crypto }: Acceptance): MediaDescription {
  const attributes: Attribute[] = codecAttributes(offered.codecs, rtpmaps);
  if (crypto !== null) attributes.push({ name: 'crypto', value: crypto });
  if (mux && offered.rtcpMux) attributes.push({ name: 'rtcp-mux', value: null });
  else if (local.rtcpPort !== local.rtpPort + 1) attributes.push({ name: 'rtcp', value: String(local.rtcpPort) });
  if (offered.label !== null) attributes.push({ name: 'label', value: offered.label });
  attributes.push({ name: answerDirection(offered.direction), value: null });
  return {
    kind: offered.kind,
    port: local.rtpPort,
    portCount: 1,
    profile: offered.profile,
    formats: offered.codecs.map((codec) => String(codec.payloadType)),
    connection: local.address === session.address ? null : connection(local.address),
    attributes,
    other: [],
  };
}

/** RFC 3264 §6.1: we never send, so an offer to only receive leaves nothing. */
function answerDirection(offered: Direction): Direction {
  return offered === 'sendonly' || offered === 'sendrecv' ? 'recvonly' : 'inactive';
}

function codecAttributes(codecs: readonly Codec[], rtpmaps: readonly string[] = []): Attribute[] {
  const written = new Map(rtpmaps.toReversed().map((value) => [readRtpmap(value)?.payloadType, value]));
  return codecs.flatMap((codec) => {
    const rtpmap = written.get(codec.payloadType) ?? writeRtpmap(codec);
    const attributes: Attribute[] = codec.name === '' ? [] : [{ name: 'rtpmap', value: rtpmap }];
    if (codec.fmtp !== undefined) attributes.push({ name: 'fmtp', value: `${codec.payloadType} ${codec.fmtp}` });
    return attributes;
  });
}

function ours(session: LocalSession, media: readonly MediaDescription[]): SessionDescription {
  const { id, version, address, username = '-' } = session;
  const origin: Origin = { username, id, version, ...connection(address) };
  return {
    version: '0',
    origin,
    name: '-',
    connection: connection(address),
    times: [],
    attributes: [],
    other: [],
    media,
    warnings: [],
  };
}

function connection(address: string): Connection {
  return { family: isIPv6(address) ? 6 : 4, address };
}

/** One stream that a recording client offers. */
export interface OfferedStream {
  readonly label: string;
  readonly local: LocalMedia;
  readonly codecs: readonly Codec[];
  /** Default sendonly; `inactive` for a pause. */
  readonly direction?: Direction;
  readonly rtcpMux?: boolean;
  readonly ptimeMs?: number;
  /** Our `a=crypto` value: RTP/SAVP. Null or left out: RTP/AVP. */
  readonly crypto?: string | null;
}

/** The offer of a recording client (RFC 7866 §7.1.1): sendonly audio m-lines with labels. */
export function offerRecording(streams: readonly OfferedStream[], session: LocalSession): SessionDescription {
  const media = streams.map((stream): MediaDescription => {
    const { label, local, codecs, direction = 'sendonly', rtcpMux = false, ptimeMs, crypto = null } = stream;
    const attributes = codecAttributes(codecs);
    if (crypto !== null) attributes.push({ name: 'crypto', value: crypto });
    if (ptimeMs !== undefined) attributes.push({ name: 'ptime', value: String(ptimeMs) });
    if (rtcpMux) attributes.push({ name: 'rtcp-mux', value: null });
    else if (local.rtcpPort !== local.rtpPort + 1) attributes.push({ name: 'rtcp', value: String(local.rtcpPort) });
    attributes.push({ name: 'label', value: label }, { name: direction, value: null });
    return {
      kind: 'audio',
      port: local.rtpPort,
      portCount: 1,
      profile: crypto === null ? 'RTP/AVP' : 'RTP/SAVP',
      formats: codecs.map((codec) => String(codec.payloadType)),
      connection: local.address === session.address ? null : connection(local.address),
      attributes,
      other: [],
    };
  });
  return ours(session, media);
}

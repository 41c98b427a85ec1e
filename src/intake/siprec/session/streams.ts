import type { SessionDescription } from '../../../sdp/description.ts';
import { mediaOf, type OfferedMedia } from '../../../sdp/media.ts';
import type { SignalledStream } from '../facts/streams.ts';
import type { KeyKeeper, StreamSecurity } from '../../types.ts';
import { cleanText } from '../text.ts';
import { securityOf } from './security.ts';

export interface SignalledStreams {
  /** Every audio m-line that was ever there, by its position. */
  readonly streams: SignalledStream[];
  /** Positions that we take: they need ports. */
  readonly taken: number[];
  readonly notes: string[];
}

/**
 * The audio streams that a session description tells of. A stream keeps its position for the session's life (RFC 3264 §8); one that the
 * new description leaves out is removed, but stays in its place.
 * @param keeper seals the keys of streams under SRTP; null: such streams are refused
 */
export function streamsOf(
  description: SessionDescription,
  previous: readonly SignalledStream[],
  keeper: KeyKeeper | null,
): SignalledStreams {
  const notes: string[] = [];
  const offered = mediaOf(description).filter((one) => one.kind === 'audio');
  const streams = new Map<number, SignalledStream>();
  for (const old of previous) streams.set(old.index, removed(old));
  const taken: number[] = [];
  for (const media of offered) {
    const security = securityFor(media, keeper);
    const usable = !media.removed && media.codecs.length > 0 && security !== null;
    if (usable) taken.push(media.index);
    else if (!media.removed) notes.push(`The stream at position ${media.index} is refused: ${whyNot(media)}.`);
    const old = streams.get(media.index);
    if (usable || old === undefined) streams.set(media.index, signalled(media, usable ? security : null, old));
  }
  return { streams: [...streams.values()].sort((a, b) => a.index - b.index), taken, notes };
}

/** Positions of streams that are taken although nothing protects them. */
export function plainStreams({ streams, taken }: SignalledStreams): number[] {
  return streams
    .filter(({ index, security }) => taken.includes(index) && security === undefined)
    .map(({ index }) => index);
}

/** How its packets are protected: undefined = plain RTP, null = in a way that we cannot do. */
function securityFor(media: OfferedMedia, keeper: KeyKeeper | null): StreamSecurity | undefined | null {
  if (/^RTP\/AVPF?$/.test(media.profile)) return undefined;
  return keeper !== null && isSecure(media) ? securityOf(media.crypto, keeper) : null;
}

function isSecure(media: OfferedMedia): boolean {
  return /^RTP\/SAVPF?$/.test(media.profile);
}

/** Never tells a key. */
function whyNot(media: OfferedMedia): string {
  if (media.codecs.length === 0) return 'it names no payload type';
  const profile = cleanText(media.profile, 40);
  if (isSecure(media)) return `it is under SRTP (${profile}) without a crypto line that can be taken`;
  return `its profile ${profile} is not supported`;
}

/** @param security null: the stream is not taken */
function signalled(
  media: OfferedMedia,
  security: StreamSecurity | undefined | null,
  old: SignalledStream | undefined,
): SignalledStream {
  return {
    index: media.index,
    label: media.label === null ? String(media.index) : cleanText(media.label),
    labelled: media.label !== null,
    codecs: media.codecs.map((codec) => ({ ...codec, name: codec.name.toUpperCase() })),
    // A null address says only that nothing comes for now.
    sourceAddress: (media.held ? old?.sourceAddress : media.address) ?? '',
    sourcePort: security === null ? 0 : media.port,
    rtcpMux: media.rtcpMux,
    state: security === null ? 'removed' : stateOf(media),
    ...(security === null || security === undefined ? {} : { security }),
  };
}

/** The peer sends nothing on `inactive` and `recvonly`, nor with a null address (RFC 3264 §8.4, and BroadWorks). */
function stateOf(media: OfferedMedia): 'active' | 'held' {
  return media.held || media.direction === 'inactive' || media.direction === 'recvonly' ? 'held' : 'active';
}

function removed(stream: SignalledStream): SignalledStream {
  const { security: _, ...rest } = stream;
  return { ...rest, state: 'removed', sourcePort: 0 };
}

import type { SessionDescription } from '../../../sdp/description.ts';
import { mediaOf, type OfferedMedia } from '../../../sdp/media.ts';
import type { SignalledStream } from '../facts/streams.ts';
import { cleanText } from '../text.ts';

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
 */
export function streamsOf(description: SessionDescription, previous: readonly SignalledStream[]): SignalledStreams {
  const notes: string[] = [];
  const offered = mediaOf(description).filter((one) => one.kind === 'audio');
  const streams = new Map<number, SignalledStream>();
  for (const old of previous) streams.set(old.index, removed(old));
  const taken: number[] = [];
  for (const media of offered) {
    const usable = isUsable(media);
    if (usable) taken.push(media.index);
    else if (!media.removed) notes.push(`The stream at position ${media.index} is refused: ${whyNot(media)}.`);
    const old = streams.get(media.index);
    if (usable || old === undefined) streams.set(media.index, signalled(media, usable, old));
  }
  return { streams: [...streams.values()].sort((a, b) => a.index - b.index), taken, notes };
}

/** What `answerRecording` accepts: audio over plain RTP with at least one payload type. Keys in the description need SRTP, which is to come. */
function isUsable(media: OfferedMedia): boolean {
  return !media.removed && media.codecs.length > 0 && /^RTP\/AVPF?$/.test(media.profile);
}

function whyNot(media: OfferedMedia): string {
  const profile = cleanText(media.profile, 40);
  return media.codecs.length === 0 ? 'it names no payload type' : `its profile ${profile} is not supported`;
}

function signalled(media: OfferedMedia, usable: boolean, old: SignalledStream | undefined): SignalledStream {
  return {
    index: media.index,
    label: media.label === null ? String(media.index) : cleanText(media.label),
    labelled: media.label !== null,
    codecs: media.codecs.map((codec) => ({ ...codec, name: codec.name.toUpperCase() })),
    // A null address says only that nothing comes for now.
    sourceAddress: (media.held ? old?.sourceAddress : media.address) ?? '',
    sourcePort: usable ? media.port : 0,
    rtcpMux: media.rtcpMux,
    state: usable ? stateOf(media) : 'removed',
  };
}

/** The peer sends nothing on `inactive` and `recvonly`, nor with a null address (RFC 3264 §8.4, and BroadWorks). */
function stateOf(media: OfferedMedia): 'active' | 'held' {
  return media.held || media.direction === 'inactive' || media.direction === 'recvonly' ? 'held' : 'active';
}

function removed(stream: SignalledStream): SignalledStream {
  return { ...stream, state: 'removed', sourcePort: 0 };
}

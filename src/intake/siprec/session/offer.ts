import { type LocalMedia, type LocalSession, offerRecording } from '../../../sdp/answer.ts';
import type { SessionDescription } from '../../../sdp/description.ts';
import type { StreamCodec } from '../../types.ts';

/** What we can take when the client leaves the choice to us: G.711 first, so that nothing needs to be converted. */
export const OFFERED_CODECS: readonly StreamCodec[] = [
  { payloadType: 0, name: 'PCMU', clockRate: 8000, channels: 1 },
  { payloadType: 8, name: 'PCMA', clockRate: 8000, channels: 1 },
  { payloadType: 9, name: 'G722', clockRate: 8000, channels: 1 },
  { payloadType: 101, name: 'telephone-event', clockRate: 8000, channels: 1, fmtp: '0-16' },
];

/** Our offer to a client that made none (RFC 3264, RFC 7866 §7.2). `lines` as in the plan; `ports` is asked for the taken positions, `crypto` for those that are to be under SRTP. */
export function recordingOffer(
  lines: readonly (string | null)[],
  ports: (index: number) => LocalMedia,
  session: LocalSession,
  crypto: (index: number) => string | null = () => null,
): SessionDescription {
  const streams = lines.map((label, index) => ({
    crypto: label === null ? null : crypto(index),
    label: label ?? String(index),
    local: label === null ? { address: session.address, rtpPort: 0, rtcpPort: 1 } : ports(index),
    codecs: OFFERED_CODECS,
    direction: label === null ? ('inactive' as const) : ('recvonly' as const),
  }));
  return offerRecording(streams, session);
}

import { isIPv6 } from 'node:net';
import type { Capture } from '../../recording/capture/capture.ts';
import type { CapturePort, CaptureStreamState } from '../../recording/ports.ts';

/** The capture as the spine wants it: sockets of the address family that media comes by. */
export function capturePort(capture: Capture, rtpHost: string): CapturePort {
  const ipv6 = isIPv6(rtpHost);
  const streamsOf = (streams: readonly CaptureStreamState[]) => streams.map((stream) => ({ ...stream, ipv6 }));
  return {
    open: (call, streams) => capture.open(call, streamsOf(streams)),
    update: (callId, streams) => capture.update(callId, streamsOf(streams)),
    keep: (callId, keep) => capture.keep(callId, keep),
    note: (callId, kind, bytes) => capture.note(callId, kind, bytes),
    close: (callId) => capture.close(callId),
    discard: (callId) => capture.discard(callId),
    figures: (callId) => capture.figures(callId),
  };
}

import { isIPv6 } from 'node:net';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { Capture } from '../../recording/capture/capture.ts';
import type { CapturePort, CaptureStreamState } from '../../recording/ports.ts';

/** The capture as the spine wants it: what needs no answer is sent and forgotten, its failure logged. */
export function capturePort(capture: Capture, rtpHost: string, log: Log): CapturePort {
  const ipv6 = isIPv6(rtpHost);
  const streamsOf = (streams: readonly CaptureStreamState[]) => streams.map((stream) => ({ ...stream, ipv6 }));
  const unawaited = (task: Promise<unknown>, what: string) => {
    task.catch((error: unknown) => log.warn({ error: messageOf(error) }, what));
  };
  return {
    open: (call, streams) => capture.open(call, streamsOf(streams)),
    update: (callId, streams) => capture.update(callId, streamsOf(streams)),
    keep: (callId, keep) => unawaited(capture.keep(callId, keep), 'keeping could not be switched'),
    note: (callId, kind, bytes) => unawaited(capture.note(callId, kind, bytes), 'a note could not be kept'),
    close: (callId) => capture.close(callId),
    discard: async (callId) => void (await capture.discard(callId)),
    figures: (callId) => capture.status().calls.get(callId) ?? [],
  };
}

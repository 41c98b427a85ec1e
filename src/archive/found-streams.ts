import type { CallState } from '../link/fold.ts';
import type { JournalStream } from '../link/journal.ts';
import { capturedOf } from '../recording/log/captured.ts';
import type { CallReading } from './call-reading.ts';

/**
 * A call of which the journal knows no stream, with the streams that its packets tell of: its signalling was lost with a part of the
 * journal. What static payload types mean is known without it (RFC 3551, 6); packets of others are kept raw.
 */
export async function withFoundStreams(call: CallState, reading: CallReading): Promise<CallState> {
  if (call.streams.size > 0) return call;
  const found = new Set<number>();
  for await (const item of reading.items()) {
    if (item.kind !== 'packets') continue;
    for (const packet of capturedOf(item)) if (packet.kind === 'rtp') found.add(packet.stream);
  }
  const streams = [...found].toSorted((a, b) => a - b).map((stream) => [stream, unknownStream(stream)] as const);
  return { ...call, streams: new Map(streams) };
}

/** Zero would say that it was refused. */
const SOME_PORT = 1;

function unknownStream(stream: number): JournalStream {
  return {
    stream,
    index: stream,
    sessionId: '',
    label: String(stream + 1),
    speakers: [],
    codecs: [],
    state: 'active',
    rtpPort: SOME_PORT,
    rtcpPort: SOME_PORT,
    sourceAddress: '',
    sourcePort: 0,
  };
}

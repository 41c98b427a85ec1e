import type { LiveCall, LiveStream } from '../link/messages.ts';
import type { RecordedCall } from './call/call.ts';
import type { StreamFigures } from './ports.ts';

/** A running call as the live page shows it. */
export function liveCall(call: RecordedCall, figures: readonly StreamFigures[]): LiveCall {
  return {
    callId: call.identity.callId,
    startedAt: call.identity.openedAt,
    facts: call.facts.call,
    decision: call.decision,
    warnings: call.facts.warnings,
    streams: call.streams.journal.map((stream): LiveStream => {
      const found = figures.find((one) => one.stream === stream.stream);
      return {
        stream: stream.stream,
        label: stream.label,
        speakers: stream.speakers,
        codec: stream.codecs[0]?.name ?? '',
        state: stream.state,
        packets: found?.packets ?? 0,
        bytes: found?.bytes ?? 0,
        foreign: found?.foreign ?? 0,
        silentFor:
          found?.msSinceLastPacket === undefined || found.msSinceLastPacket === null
            ? null
            : Math.round(found.msSinceLastPacket),
      };
    }),
  };
}

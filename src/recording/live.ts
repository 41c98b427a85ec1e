import type { LiveCall, LiveDecision, LiveRecording, LiveStream } from '../link/messages.ts';
import { pauseInForce } from '../link/recordings.ts';
import { NO_CONTROLS } from '../policy/controls.ts';
import type { Decision } from '../policy/types.ts';
import type { RecordedCall } from './call/call.ts';
import type { StreamFigures } from './ports.ts';

/** A running call as the live page shows it. */
export function liveCall(call: RecordedCall, figures: readonly StreamFigures[]): LiveCall {
  const { openedAt } = call.identity;
  const { recordings } = call.past;
  const pause = pauseInForce(call.past);
  const held = recordings.find(({ by }) => by === 'live-keep');
  return {
    callId: call.identity.callId,
    startedAt: openedAt,
    facts: call.facts.call,
    decision: liveDecision(call.decision),
    recordings: recordings
      .filter(({ toMono }) => toMono === null)
      .map(({ recording, by, asker, spans }): LiveRecording => {
        const since = openedAt + Math.round(spans.at(-1)!.fromMono);
        return { recording, by, since, askerName: asker.name };
      }),
    paused:
      pause === null ? null : { since: openedAt + Math.round(pause.fromMono), mode: pause.mode, reason: pause.reason },
    liveKeep: held === undefined ? null : { minutes: held.keepMinutes ?? 0, kept: held.kept },
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

function liveDecision(decision: Decision): LiveDecision {
  const { verdict, accountId, settingsVersion, layers } = decision;
  const words = layers.filter(({ says }) => says === verdict).map(({ why }) => why);
  return {
    verdict,
    accountId,
    settingsVersion,
    direction: decision.direction ?? 'UNKNOWN',
    controls: decision.controls ?? NO_CONTROLS,
    owner: decision.owner ?? { kind: 'unassigned' },
    parties: decision.parties ?? [],
    override: decision.override ?? 'auto',
    why: words.length > 0 ? words.join(' ') : 'Nothing asks for a recording.',
  };
}

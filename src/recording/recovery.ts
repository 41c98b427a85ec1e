import type { Clock } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { RestoredSession, SessionFacts } from '../intake/types.ts';
import type { CallState } from '../link/fold.ts';
import type { JournalEntry } from '../link/journal.ts';
import type { RecordingPast } from '../link/recordings.ts';
import { RecordedCall } from './call/call.ts';
import { follow, wishOf } from './call/recordings.ts';
import { CallStreams } from './call/streams.ts';
import type { ConversationIndex } from './conversations.ts';
import { BY_POLICY } from './decider.ts';
import type { CapturePort, JournalPort, PortPoolPort } from './ports.ts';
import type { Recorder } from './recorder.ts';

export interface RecoveryParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly bootId: string;
  readonly journal: JournalPort;
  readonly capture: CapturePort;
  readonly pool: PortPoolPort;
  readonly conversations: ConversationIndex;
  readonly recorder: Recorder;
  /** Wall time of the last record of a call that the audio log holds, if any. */
  readonly lastKnown: (call: CallState) => number;
  /** Highest epoch of which the audio log holds records of a call; asked where the journal may have lost one. */
  readonly loggedEpoch: (callId: string) => number;
}

/**
 * Takes up what a former recorder left: calls that ended wait for the service, calls that ran go on on the same ports with a
 * declared gap. Returns the sessions for their intakes to restore.
 */
export async function recoverCalls(calls: Iterable<CallState>, parts: RecoveryParts): Promise<RestoredSession[]> {
  const running: { readonly call: RecordedCall; readonly state: CallState; readonly epoch: number }[] = [];
  for (const state of calls) {
    parts.conversations.add(state.conversationId, [...state.joinKeys]);
    const override = state.history.at(-1)?.decision.override ?? 'auto';
    if (override !== 'auto') parts.conversations.setOverride(state.conversationId, override);
    if (state.ended !== null) parts.conversations.ended(state.conversationId);
    if (state.archived) parts.recorder.done.add(state.callId);
    const call = state.archived ? undefined : rebuild(state, parts);
    if (call === undefined) continue;
    parts.recorder.restore(call);
    const epoch = Math.max(state.epoch, parts.loggedEpoch(state.callId)) + 1;
    if (call.phase === 'running') running.push({ call, state, epoch });
  }
  await journalResumed(running, parts);
  // All at once: while one call waits for its ports, the audio of the others would be lost. Where two have the same ports, the end of the older
  // one was lost, and they were given to the other.
  await Promise.all(
    running
      .toSorted((a, b) => b.state.openedAt - a.state.openedAt)
      .map(({ call, epoch }) => resume(call, epoch, parts)),
  );
  return running.map(({ call, state }) => ({
    callId: state.callId,
    sessionId: call.identity.sessionId,
    dialog: state.sessions.get(call.identity.sessionId)?.dialog ?? null,
    facts: call.facts,
  }));
}

/** On the disk before a packet is: records of an epoch that nobody knows of would look like those of the next one. One sync for all. */
async function journalResumed(
  running: readonly { readonly call: RecordedCall; readonly state: CallState; readonly epoch: number }[],
  { journal, lastKnown, log }: RecoveryParts,
): Promise<void> {
  const entries = running.flatMap(({ call, state, epoch }) =>
    [call.resumed(lastKnown(state), epoch), ...recordingBefore(call, state)].map((entry) => journal.append(entry)),
  );
  const failed = (await Promise.allSettled(entries)).find(({ status }) => status === 'rejected');
  // They are queued; the calls go on meanwhile.
  if (failed !== undefined) log.error({}, 'the disk does not take the journal; running calls go on');
}

function rebuild(state: CallState, parts: RecoveryParts): RecordedCall | undefined {
  const session = state.sessions.values().next().value;
  const latest = state.history.at(-1);
  if (session === undefined || latest === undefined) return undefined;
  const { clock, bootId } = parts;
  const sameBoot = state.bootId === bootId;
  const streams = new CallStreams(parts.pool, session.sessionId, state.mediaRanges);
  const running = state.ended === null;
  streams.restore(running ? state.streams.values() : []);
  return new RecordedCall({
    identity: {
      callId: state.callId,
      conversationId: state.conversationId,
      protocol: state.protocol,
      sessionId: session.sessionId,
      mediaRanges: state.mediaRanges,
      openedAt: state.openedAt,
      // After a reboot CLOCK_MONOTONIC starts anew: go on by wall time.
      openedMono: sameBoot ? state.openedMono : clock.mono() - (clock.now() - state.openedAt),
      bootId,
    },
    streams,
    facts: factsOf(state),
    decision: latest.decision,
    control: { hangUp: () => undefined },
    clock,
    phase: running ? 'running' : 'ended',
    n: state.n,
    past: pastOf(state),
    ...(state.ended === null ? {} : { endedMono: state.ended.mono }),
  });
}

function factsOf(state: CallState): SessionFacts {
  return {
    call: state.history.at(-1)!.facts,
    streams: [...state.streams.values()].map((stream) => ({
      index: stream.index,
      label: stream.label,
      speakers: stream.speakers,
      codecs: stream.codecs,
      sourceAddress: stream.sourceAddress,
      sourcePort: stream.sourcePort,
      rtcpMux: stream.rtcpPort === stream.rtpPort,
      state: stream.state,
      ...(stream.security === undefined ? {} : { security: stream.security }),
    })),
    warnings: [...state.warnings],
    joinKeys: [...state.joinKeys],
  };
}

async function resume(call: RecordedCall, epoch: number, parts: RecoveryParts): Promise<void> {
  const { callId, openedMono } = call.identity;
  try {
    call.isCapturing = call.isCaptured;
    call.isKeepingDigits = call.keepsDigits;
    const captured = { callId, epoch, openedMono, keep: call.isCapturing, digits: call.isKeepingDigits };
    await parts.capture.open(captured, call.streams.capture);
  } catch (error) {
    // The call stays: what was captured is archived when silence ends it.
    parts.log.error({ callId, error: messageOf(error) }, 'the ports of a running call could not be bound again');
  }
  // What was due while nobody was there is done now.
  parts.recorder.steps.schedule(call);
}

function pastOf({ recordings, pauses, destroyedUntil, destroyedBy, commanded }: CallState): RecordingPast {
  return { recordings, pauses, destroyedUntil, destroyedBy, commanded };
}

/** In a journal of an older version nothing is said of recordings: there was one, from the first decision on that asked for it. */
function recordingBefore(call: RecordedCall, state: CallState): readonly JournalEntry[] {
  if (call.past.recordings.length > 0) return [];
  const first = state.history.find(({ decision }) => wishOf(decision) !== null);
  if (first === undefined) return [];
  return follow(call.past, { before: null, now: call.decision, isNewPart: false, isBlind: true, asker: BY_POLICY }).map(
    (step) => call.record(step.do === 'begun' ? { ...step, fromMono: first.mono } : step),
  );
}

import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { Changed, Ended, JournalEntry, Recording } from '../link/journal.ts';
import { newPast, takeStep, type RecordingPast } from '../link/recordings.ts';
import type { Decision } from '../policy/types.ts';
import { RecordedCall } from './call/call.ts';
import { CallStreams } from './call/streams.ts';
import type { JournalPort, LoggedCall, PortPoolPort } from './ports.ts';
import type { Recorder } from './recorder.ts';

export interface OrphanParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly bootId: string;
  readonly journal: JournalPort;
  readonly pool: PortPoolPort;
  readonly recorder: Recorder;
  /** What the journal still has of calls whose opening was lost. */
  readonly fragments: ReadonlyMap<string, readonly JournalEntry[]>;
}

const LOST =
  'The journal was damaged and the beginning of this call is lost in it: who spoke may be unknown, and the times are those of the audio.';

/**
 * Takes in calls that the audio log holds and the journal does not know: they are journalled as calls that were lost, with what can be
 * known of them, so that they are archived like others. Without any packet it was a call that was never answered.
 * @returns how many were taken in
 */
export async function adoptOrphans(found: readonly LoggedCall[], parts: OrphanParts): Promise<number> {
  const { recorder, journal, log } = parts;
  let adopted = 0;
  for (const logged of found) {
    const { callId } = logged;
    if (recorder.isDone(callId) || recorder.call(callId) !== undefined) continue;
    if (!logged.hasPackets) {
      recorder.done.add(callId);
      continue;
    }
    const { opened, steps, ended } = entriesOf(logged, parts);
    await Promise.all([opened, ...steps, ended].map((entry) => journal.append(entry)));
    recorder.restore(endedCall(opened, steps, ended, parts));
    log.error({ callId }, 'the audio log holds a call that the journal lost; it is archived with what is known');
    adopted += 1;
  }
  return adopted;
}

type Opening = JournalEntry & { kind: 'opened' };

interface Adopted {
  readonly opened: Opening;
  /** What is left of what was said of its recordings. */
  readonly steps: readonly Recording[];
  readonly ended: Ended;
}

function entriesOf(logged: LoggedCall, { fragments, bootId }: OrphanParts): Adopted {
  const { callId, openedAt, lastMs, epoch } = logged;
  const left = fragments.get(callId) ?? [];
  const changed = left.findLast((entry): entry is Changed => entry.kind === 'changed');
  const ended = left.findLast((entry): entry is Ended => entry.kind === 'ended');
  // Above all that was ever written of it: readers drop what they may have seen.
  const n = Math.max(0, ...left.map((entry) => ('n' in entry ? entry.n : 0))) + 1;
  const opening: Opening = {
    kind: 'opened',
    callId,
    n,
    at: openedAt,
    mono: 0,
    protocol: 'unknown',
    sessionId: changed?.sessionId ?? callId,
    openedMono: 0,
    conversationId: callId,
    mediaRanges: [],
    bootId,
    facts: changed?.facts ?? { trunk: 'unknown', parties: [], direction: 'UNKNOWN', vendorIds: {} },
    decision: changed?.decision ?? KEPT,
    streams: changed?.streams ?? [],
    warnings: [...(changed?.warnings ?? []), LOST],
    joinKeys: [],
  };
  const steps = left
    .filter((entry): entry is Recording => entry.kind === 'recording')
    .map((entry, at) => ({ ...entry, n: n + 1 + at }));
  const end = {
    kind: 'ended',
    callId,
    n: n + 1 + steps.length,
    at: ended?.at ?? openedAt + lastMs,
    mono: ended?.mono ?? lastMs,
    reason: ended?.reason ?? 'lost',
    segments: [],
    epoch,
    lastSequence: Math.max(logged.lastSequence, ended?.epoch === epoch ? ended.lastSequence : 0),
  } as const;
  return { opened: opening, steps, ended: end };
}

/** What was not wanted was not kept: there is audio, so it was wanted, or not yet decided. */
const KEPT: Decision = {
  verdict: 'record',
  accountId: '',
  settingsVersion: 0,
  layers: [{ layer: 'recovery', says: 'record', why: 'Its audio was kept; the decision was lost with the journal.' }],
};

function endedCall(
  opened: Opening,
  steps: readonly Recording[],
  ended: Ended,
  { pool, clock, bootId }: OrphanParts,
): RecordedCall {
  const past: RecordingPast = newPast();
  for (const { step, mono } of steps) takeStep(past, step, mono);
  const { callId, conversationId, protocol, sessionId, facts, warnings, decision } = opened;
  return new RecordedCall({
    identity: {
      callId,
      conversationId,
      protocol,
      sessionId,
      mediaRanges: [],
      openedAt: opened.at,
      openedMono: clock.mono() - (clock.now() - opened.at),
      bootId,
    },
    streams: new CallStreams(pool, sessionId, []),
    facts: { call: facts, streams: [], warnings, joinKeys: [] },
    decision,
    control: { hangUp: () => undefined },
    clock,
    phase: 'ended',
    n: ended.n,
    past,
    endedMono: ended.mono,
  });
}

import type { CallFacts, Decision } from '../policy/types.ts';
import type { CallEvent, DialogSaved, EndReason, JournalEntry, JournalStream } from './journal.ts';
import { newPast, takeStep, type RecordingPast } from './recordings.ts';

export type { CallRecording, Pause, Span } from './recordings.ts';

/** An event with its time: `at` wall ms, `mono` ms since the call's opening. */
export interface TimedEvent extends CallEvent {
  readonly at: number;
  readonly mono: number;
}

/** The facts that held from a moment on. */
export interface FactsSince {
  readonly at: number;
  readonly mono: number;
  readonly facts: CallFacts;
  readonly decision: Decision;
}

/** One call as the journal tells it: what recovery goes on with and what the archive works from. */
export interface CallState extends RecordingPast {
  readonly callId: string;
  /** Highest `n` seen. */
  n: number;
  readonly protocol: string;
  readonly openedAt: number;
  /** CLOCK_MONOTONIC ms at the opening, for the same boot only. */
  readonly openedMono: number;
  readonly bootId: string;
  readonly conversationId: string;
  readonly mediaRanges: readonly string[];
  /** Sessions (dialogs) of the call that have been opened; the first is the one that opened it. */
  readonly sessions: Map<string, SessionState>;
  /** Every state of the facts, first to last. */
  readonly history: FactsSince[];
  /** Every stream that ever was, latest state, by its number. */
  readonly streams: Map<number, JournalStream>;
  readonly events: TimedEvent[];
  readonly warnings: Set<string>;
  readonly joinKeys: Set<string>;
  /** How many times a recorder took the call up again; the audio log's epoch. */
  epoch: number;
  ended: { at: number; mono: number; reason: EndReason; segments: readonly string[]; lastSequence: number } | null;
  archived: boolean;
}

export interface SessionState {
  readonly sessionId: string;
  ended: boolean;
  /** Latest saved signalling state. */
  dialog: unknown;
}

/** All calls a journal speaks of. Entries may be repeated or come again after a move to a new file; each counts once. */
export class JournalFold {
  readonly calls = new Map<string, CallState>();

  /** Takes one entry up. Returns the call it changed, or undefined (already seen, or of an unknown call). */
  apply(entry: JournalEntry): CallState | undefined {
    if (entry.kind === 'node') return undefined;
    let call = this.calls.get(entry.callId);
    if (call === undefined) {
      if (entry.kind !== 'opened') return undefined;
      call = openedCall(entry);
      this.calls.set(call.callId, call);
    }
    if (entry.n <= call.n) return undefined;
    call.n = entry.n;
    applyToCall(call, entry);
    return call;
  }

  forget(callId: string): void {
    this.calls.delete(callId);
  }
}

function openedCall(entry: JournalEntry & { kind: 'opened' }): CallState {
  return {
    callId: entry.callId,
    n: entry.n - 1,
    protocol: entry.protocol,
    openedAt: entry.at,
    openedMono: entry.openedMono,
    bootId: entry.bootId,
    conversationId: entry.conversationId,
    mediaRanges: entry.mediaRanges,
    sessions: new Map(),
    history: [],
    streams: new Map(),
    events: [],
    warnings: new Set(),
    joinKeys: new Set(),
    epoch: 0,
    ended: null,
    archived: false,
    ...newPast(),
  };
}

function applyToCall(call: CallState, entry: Exclude<JournalEntry, { kind: 'node' }>): void {
  switch (entry.kind) {
    case 'opened':
      for (const key of entry.joinKeys) call.joinKeys.add(key);
      takeState(call, entry);
      break;
    case 'changed':
      for (const key of entry.joinKeys) call.joinKeys.add(key);
      takeState(call, entry);
      for (const event of entry.events) call.events.push({ ...event, at: entry.at, mono: entry.mono });
      break;
    case 'dialog':
      saveDialog(call, entry);
      break;
    case 'resumed':
      call.epoch = entry.epoch ?? call.epoch + 1;
      call.events.push({
        type: 'capture-gap',
        text: gapText(entry.lastKnownAt, entry.at),
        at: entry.at,
        mono: entry.mono,
      });
      break;
    case 'recording':
      takeStep(call, entry.step, entry.mono);
      break;
    case 'ended':
      call.ended = entry;
      call.epoch = entry.epoch ?? call.epoch;
      for (const session of call.sessions.values()) session.ended = true;
      break;
    case 'archived':
      call.archived = true;
      break;
  }
}

function takeState(call: CallState, entry: JournalEntry & { kind: 'opened' | 'changed' }): void {
  const session = call.sessions.get(entry.sessionId);
  if (session === undefined)
    call.sessions.set(entry.sessionId, { sessionId: entry.sessionId, ended: false, dialog: null });
  if (entry.kind === 'changed' && entry.sessionEnded) call.sessions.get(entry.sessionId)!.ended = true;
  call.history.push({ at: entry.at, mono: entry.mono, facts: entry.facts, decision: entry.decision });
  for (const stream of entry.streams) call.streams.set(stream.stream, stream);
  for (const warning of entry.warnings) call.warnings.add(warning);
}

function saveDialog(call: CallState, entry: DialogSaved): void {
  const session = call.sessions.get(entry.sessionId);
  if (session !== undefined) session.dialog = entry.state;
}

function gapText(from: number, to: number): string {
  const seconds = Math.max(0, to - from) / 1000;
  return `The recorder was restarted: at most ${seconds.toFixed(1)} s are missing.`;
}

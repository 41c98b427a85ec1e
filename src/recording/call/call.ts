import type { Clock } from '../../base/clock.ts';
import type { SessionControl, SessionEvent, SessionFacts } from '../../intake/types.ts';
import type { CallEvent, EndReason, JournalEntry, RecordingStep } from '../../link/journal.ts';
import { newPast, pauseInForce, takeStep, type RecordingPast } from '../../link/recordings.ts';
import type { Decision } from '../../policy/types.ts';
import type { CaptureClosing } from '../ports.ts';
import { transition, type CallPhase, type CallStep } from './phase.ts';
import { runningOf, transition as lifeOf } from './recordings.ts';
import type { CallStreams } from './streams.ts';

/** What makes a call this call; never changes while it lives. */
export interface CallIdentity {
  readonly callId: string;
  readonly conversationId: string;
  readonly protocol: string;
  readonly sessionId: string;
  readonly mediaRanges: readonly string[];
  readonly openedAt: number;
  /** `Clock.mono()` at the opening, ms. */
  readonly openedMono: number;
  readonly bootId: string;
}

/** Of a session that has ended. */
const OVER: SessionControl = { hangUp: () => undefined };

/** What is told of a call that rests. */
const NOTHING: SessionFacts = {
  call: { trunk: '', parties: [], direction: 'UNKNOWN', vendorIds: {} },
  streams: [],
  warnings: [],
  joinKeys: [],
};

/** One call that the recorder holds: its phase, what is known of it now, and the numbering of its journal entries. */
export class RecordedCall {
  readonly identity: CallIdentity;
  readonly streams: CallStreams;
  decision: Decision;
  control: SessionControl;
  /** Its recordings and pauses. */
  readonly past: RecordingPast;
  /** `Clock.mono()` since when silence counts: opening, or taking up again. */
  attendedSince: number;
  /** We are hanging up; it is done once. */
  leaving = false;
  /** Whether the capture was told to keep what arrives. */
  isCapturing = false;
  /** Whether it was told to keep digits. */
  isKeepingDigits = false;
  /** Its end, as `mono` of the call; null while it runs. */
  endedMono: number | null;
  #phase: CallPhase;
  #n: number;
  /** As signalling tells them. */
  #told: SessionFacts;
  #facts: SessionFacts;
  readonly #clock: Clock;
  /** Changes of one call are done one after the other. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(parts: {
    identity: CallIdentity;
    streams: CallStreams;
    facts: SessionFacts;
    decision: Decision;
    control: SessionControl;
    clock: Clock;
    phase?: CallPhase;
    n?: number;
    past?: RecordingPast;
    endedMono?: number;
  }) {
    this.identity = parts.identity;
    this.streams = parts.streams;
    this.#told = parts.facts;
    this.#facts = parts.facts;
    this.decision = parts.decision;
    this.control = parts.control;
    this.#clock = parts.clock;
    this.#phase = parts.phase ?? 'preparing';
    this.#n = parts.n ?? 0;
    this.past = parts.past ?? newPast();
    this.endedMono = parts.endedMono ?? null;
    this.lay();
    this.attendedSince = parts.clock.mono();
  }

  /** What is known of it now; what commands asked for lies over what signalling tells. */
  get facts(): SessionFacts {
    return this.#facts;
  }

  set facts(told: SessionFacts) {
    this.#told = told;
    this.lay();
  }

  /** Lays what commands asked for over the facts. */
  lay(): void {
    const { override, flow } = this.past.commanded;
    if (override === null && flow === null) {
      this.#facts = this.#told;
      return;
    }
    const over = { ...(override === null ? {} : { override }), ...(flow === null ? {} : { flow }) };
    this.#facts = { ...this.#told, call: { ...this.#told.call, ...over } };
  }

  /** How many journal entries were made of it; every change makes one. */
  get entries(): number {
    return this.#n;
  }

  get phase(): CallPhase {
    return this.#phase;
  }

  /** Whether it is recorded, or may be: an unwanted session is accepted and discarded, or refused where its trunk says so. */
  get wanted(): boolean {
    return this.decision.verdict !== 'ignore' && this.decision.verdict !== 'forbid';
  }

  /** Whether what arrives now is to be kept: some recording runs, and the call is not paused. */
  get isCaptured(): boolean {
    return runningOf(this.past).length > 0 && pauseInForce(this.past) === null;
  }

  /** Whether its events keep which digits were pressed. */
  get keepsDigits(): boolean {
    return this.decision.keepDigits === true;
  }

  /** ms since its opening. */
  get mono(): number {
    return this.#clock.mono() - this.identity.openedMono;
  }

  step(step: CallStep): void {
    this.#phase = transition(this.#phase, step);
  }

  /**
   * Its end is on the disk, and it waits for the archive, perhaps for long and with thousands of others: of what was known of it stays what can
   * still be asked.
   */
  rest(): void {
    const { verdict, accountId, settingsVersion, controls } = this.decision;
    this.decision = {
      verdict,
      accountId,
      settingsVersion,
      layers: [],
      ...(controls === undefined ? {} : { controls }),
    };
    this.control = OVER;
    this.#told = NOTHING;
    this.#facts = NOTHING;
    this.streams.forget();
  }

  /** Runs `task` after everything of this call that was asked for before; a failure does not block what follows. */
  inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch(() => undefined);
    return result;
  }

  opened(): JournalEntry {
    const { identity } = this;
    return {
      kind: 'opened',
      ...this.#stamp(),
      protocol: identity.protocol,
      sessionId: identity.sessionId,
      conversationId: identity.conversationId,
      mediaRanges: identity.mediaRanges,
      openedMono: identity.openedMono,
      bootId: identity.bootId,
      ...this.#state(),
    };
  }

  changed(events: readonly (SessionEvent | CallEvent)[]): JournalEntry {
    return {
      kind: 'changed',
      ...this.#stamp(),
      sessionId: this.identity.sessionId,
      ...this.#state(),
      events,
      sessionEnded: false,
    };
  }

  /** Takes a step of recording. @throws Error where it fits not: a defect */
  record(step: RecordingStep): JournalEntry {
    if (step.do === 'begun' || step.do === 'ended') {
      const one = this.past.recordings.find(({ recording }) => recording === step.recording);
      lifeOf(one, step.do === 'begun' ? 'begin' : 'end');
    }
    const stamp = this.#stamp();
    takeStep(this.past, step, stamp.mono);
    return { kind: 'recording', ...stamp, step };
  }

  dialogSaved(state: unknown): JournalEntry {
    return { kind: 'dialog', ...this.#stamp(), sessionId: this.identity.sessionId, state };
  }

  resumed(lastKnownAt: number, epoch: number): JournalEntry {
    return { kind: 'resumed', ...this.#stamp(), lastKnownAt, epoch };
  }

  ended(reason: EndReason, closing: CaptureClosing): JournalEntry {
    const { segments, lastSequence, epoch } = closing;
    const stamp = this.#stamp();
    this.endedMono ??= stamp.mono;
    return {
      kind: 'ended',
      ...stamp,
      reason,
      segments,
      lastSequence,
      ...(epoch === undefined ? {} : { epoch }),
    };
  }

  archived(): JournalEntry {
    return { kind: 'archived', ...this.#stamp() };
  }

  #state() {
    return {
      facts: this.facts.call,
      decision: this.decision,
      streams: this.streams.journal,
      warnings: this.facts.warnings,
      joinKeys: this.facts.joinKeys,
    };
  }

  #stamp() {
    this.#n += 1;
    return {
      callId: this.identity.callId,
      n: this.#n,
      at: this.#clock.now(),
      mono: this.mono,
    };
  }
}

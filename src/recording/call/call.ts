import type { Clock } from '../../base/clock.ts';
import type { SessionControl, SessionEvent, SessionFacts } from '../../intake/types.ts';
import type { CallEvent, EndReason, JournalEntry } from '../../link/journal.ts';
import { newPast, type RecordingPast } from '../../link/recordings.ts';
import type { Decision } from '../../policy/types.ts';
import type { CaptureClosing } from '../ports.ts';
import { transition, type CallPhase, type CallStep } from './phase.ts';
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

/** One call that the recorder holds: its phase, what is known of it now, and the numbering of its journal entries. */
export class RecordedCall {
  readonly identity: CallIdentity;
  readonly streams: CallStreams;
  facts: SessionFacts;
  decision: Decision;
  control: SessionControl;
  /** Its recordings and pauses. */
  readonly past: RecordingPast;
  /** `Clock.mono()` since when silence counts: opening, or taking up again. */
  attendedSince: number;
  /** We are hanging up; it is done once. */
  leaving = false;
  #phase: CallPhase;
  #n: number;
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
  }) {
    this.identity = parts.identity;
    this.streams = parts.streams;
    this.facts = parts.facts;
    this.decision = parts.decision;
    this.control = parts.control;
    this.#clock = parts.clock;
    this.#phase = parts.phase ?? 'preparing';
    this.#n = parts.n ?? 0;
    this.past = parts.past ?? newPast();
    this.attendedSince = parts.clock.mono();
  }

  get phase(): CallPhase {
    return this.#phase;
  }

  get wanted(): boolean {
    return this.decision.verdict !== 'ignore' && this.decision.verdict !== 'forbid';
  }

  step(step: CallStep): void {
    this.#phase = transition(this.#phase, step);
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

  dialogSaved(state: unknown): JournalEntry {
    return { kind: 'dialog', ...this.#stamp(), sessionId: this.identity.sessionId, state };
  }

  resumed(lastKnownAt: number, epoch: number): JournalEntry {
    return { kind: 'resumed', ...this.#stamp(), lastKnownAt, epoch };
  }

  ended(reason: EndReason, closing: CaptureClosing): JournalEntry {
    const { segments, lastSequence, epoch } = closing;
    return {
      kind: 'ended',
      ...this.#stamp(),
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
      mono: this.#clock.mono() - this.identity.openedMono,
    };
  }
}

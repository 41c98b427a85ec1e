import type { Clock } from '../base/clock.ts';
import { EarshotError, messageOf } from '../base/errors.ts';
import { opaqueId, type Random } from '../base/ids.ts';
import type { Log } from '../base/log.ts';
import type {
  CallSink,
  PreparedSession,
  SessionControl,
  SessionEvent,
  SessionFacts,
  SessionOpening,
  StreamPorts,
} from '../intake/types.ts';
import type { CallEvent, EndReason } from '../link/journal.ts';
import type { PolicySettings } from '../policy/types.ts';
import { RecordedCall } from './call/call.ts';
import { isLive, onFreePorts, portsOf } from './call/free-ports.ts';
import { wishOf } from './call/recordings.ts';
import { hasVoid } from './call/unwanted.ts';
import { CallStreams } from './call/streams.ts';
import type { ConversationIndex } from './conversations.ts';
import { Decider, openingSteps } from './decider.ts';
import { DoneCalls } from './done-calls.ts';
import { CallEnding } from './ending.ts';
import type { CapturePort, JournalPort, PortPoolPort } from './ports.ts';
import { Sessions } from './sessions.ts';
import { RecordingSteps } from './steps.ts';
import { VoidCalls } from './voids.ts';

export interface RecorderParts {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly bootId: string;
  readonly journal: JournalPort;
  readonly capture: CapturePort;
  readonly pool: PortPoolPort;
  readonly conversations: ConversationIndex;
  readonly maxCalls: number;
  /** Why no new call may be taken now, or null. */
  readonly refusal: () => EarshotError | null;
  /** A call appeared, changed or went; for the live page. */
  readonly onChange: () => void;
  /** Something that an administrator must know of; null = it is over. */
  readonly alarm: (code: string, text: string | null) => void;
}

/** The spine: every call from its opening to the moment its audio may be freed. */
export class Recorder implements CallSink {
  readonly #parts: RecorderParts;
  readonly #calls = new Map<string, RecordedCall>();
  readonly #sessions = new Sessions();
  readonly #ending: CallEnding;
  #draining = false;
  readonly steps: RecordingSteps;
  readonly decider: Decider;
  readonly conversations: ConversationIndex;
  readonly done = new DoneCalls();
  readonly voids = new VoidCalls(() => this.#calls.values(), this.done);
  readonly figures = { callsOpened: 0, callsEnded: 0, callsRefused: 0, callsIgnored: 0 };

  constructor(parts: RecorderParts, settings: PolicySettings | null) {
    this.#parts = parts;
    this.conversations = parts.conversations;
    this.#ending = new CallEnding(parts);
    this.steps = new RecordingSteps(parts);
    const { conversations } = parts;
    this.decider = new Decider(
      {
        conversations,
        steps: this.steps,
        running: () => this.#sessions,
        onDecided: (call, text) => parts.journal.appendLazy(call.changed([{ type: 'decision', text }])),
      },
      settings,
    );
  }

  /** Calls that are set up or running now. */
  get running(): readonly RecordedCall[] {
    return [...this.#sessions];
  }

  /** How many calls are set up or running now. */
  get load(): number {
    return this.#sessions.size;
  }

  get settingsVersion(): number {
    return this.decider.version;
  }

  call(callId: string): RecordedCall | undefined {
    return this.#calls.get(callId);
  }

  /** No new calls from now on; running ones go on. */
  drain(): void {
    this.#draining = true;
  }

  get draining(): boolean {
    return this.#draining;
  }

  async prepare(opening: SessionOpening): Promise<PreparedSession> {
    this.#admit();
    const { pool, capture, log } = this.#parts;
    const streams = new CallStreams(pool, opening.sessionId, opening.mediaRanges);
    const call = this.#newCall(opening, streams);
    this.#calls.set(call.identity.callId, call);
    this.#sessions.add(call);
    try {
      streams.merge(opening.facts.streams);
    } catch (error) {
      this.#forget(call);
      streams.release();
      this.figures.callsRefused += 1;
      throw error;
    }
    const { callId, openedMono } = call.identity;
    call.isCapturing = wishOf(call.decision) !== null;
    call.isKeepingDigits = call.keepsDigits;
    const captured = { callId, epoch: 0, openedMono, keep: call.isCapturing, digits: call.isKeepingDigits };
    // The ports are bound by one thread while another brings the opening to the disk: the caller waits for the slower of both only.
    const bound = onFreePorts(call, () => capture.open(captured, streams.capture), log);
    // Asked for at the commit.
    bound.catch(() => undefined);
    return {
      callId,
      get ports() {
        return portsOf(streams);
      },
      wanted: call.wanted,
      commit: (dialog) => this.#commit(call, dialog, bound),
      abort: () => this.#abort(call),
    };
  }

  #admit(): void {
    const { maxCalls, refusal } = this.#parts;
    let why = refusal();
    if (this.#draining) why = new EarshotError('UNAVAILABLE', 'the recorder is stopping and takes no new calls.');
    else if (this.#sessions.size >= maxCalls) {
      why = new EarshotError('UNAVAILABLE', `the cap of ${maxCalls} calls at once is reached.`, {
        key: 'limits.calls',
      });
    }
    if (why === null) return;
    this.figures.callsRefused += 1;
    throw why;
  }

  #newCall(opening: SessionOpening, streams: CallStreams): RecordedCall {
    const { clock, random, bootId, conversations } = this.#parts;
    const callId = opaqueId(random);
    const conversationId = conversations.find(opening.facts.joinKeys) ?? callId;
    conversations.add(conversationId, opening.facts.joinKeys);
    const identity = {
      callId,
      conversationId,
      protocol: opening.protocol,
      sessionId: opening.sessionId,
      mediaRanges: opening.mediaRanges,
      openedAt: clock.now(),
      openedMono: clock.mono(),
      bootId,
    };
    const decision = this.decider.first(opening.facts.call, conversationId);
    return new RecordedCall({ identity, streams, facts: opening.facts, decision, control: opening.control, clock });
  }

  async #commit(call: RecordedCall, dialog: unknown, bound: Promise<void>): Promise<'committed' | 'moved'> {
    const { journal, onChange } = this.#parts;
    const described = JSON.stringify(portsOf(call.streams));
    // All entries are in one batch: a recorder that comes back finds the call together with the dialog it needs to go on.
    try {
      const entries =
        call.entries === 0
          ? [call.opened(), call.dialogSaved(dialog), ...this.steps.first(call, openingSteps(call))]
          : [call.changed([]), call.dialogSaved(dialog)];
      await Promise.all([bound, ...entries.map((entry) => journal.append(entry))]);
    } catch (error) {
      // Refused for want of a disk, or of a port; the entries are queued nevertheless.
      this.#takeBack(call);
      this.#abort(call);
      this.figures.callsRefused += 1;
      throw error;
    }
    if (call.phase !== 'preparing') {
      // Cancelled meanwhile.
      this.#takeBack(call);
      return 'committed';
    }
    if (JSON.stringify(portsOf(call.streams)) !== described) return 'moved';
    call.attendedSince = this.#parts.clock.mono();
    call.step('commit');
    this.figures.callsOpened += 1;
    if (!call.wanted) this.figures.callsIgnored += 1;
    this.decider.opened(call);
    if (call.decision.verdict === 'hold' && call.decision.settingsVersion < this.settingsVersion)
      this.#decideHeld(call);
    this.steps.schedule(call);
    onChange();
    return 'committed';
  }

  /** A call that was journalled but not answered: the journal must not leave it open. */
  #takeBack(call: RecordedCall): void {
    const { journal } = this.#parts;
    journal.appendLazy(call.ended('refused', { segments: [], lastSequence: 0 }));
    journal.appendLazy(call.archived());
  }

  #abort(call: RecordedCall): void {
    if (call.phase !== 'preparing') return;
    call.step('abort');
    this.#forget(call);
    // Where its ports could not be bound, the capture knows nothing of it.
    const discarded = this.#parts.capture.discard(call.identity.callId).catch(() => undefined);
    void discarded.then(() => call.streams.release());
  }

  async update(
    sessionId: string,
    facts: SessionFacts,
    events: readonly SessionEvent[],
  ): Promise<readonly StreamPorts[]> {
    const call = this.#session(sessionId);
    return call.inTurn(async () => {
      const { capture, journal, conversations, onChange, log } = this.#parts;
      // Its end came first: nothing may be journalled behind that.
      if (!isLive(call)) throw unknownSession();
      call.streams.merge(facts.streams);
      call.facts = facts;
      this.decider.again(call);
      conversations.add(call.identity.conversationId, facts.joinKeys);
      await onFreePorts(call, () => capture.update(call.identity.callId, call.streams.capture), log);
      await journal.append(call.changed(events));
      onChange();
      return portsOf(call.streams);
    });
  }

  /** Journals the state that a command brought about; resolves when it is on the disk. */
  async changed(call: RecordedCall, text: string): Promise<void> {
    this.#parts.onChange();
    await this.#parts.journal.append(call.changed([{ type: 'decision', text }]));
  }

  saveDialog(sessionId: string, dialog: unknown): void {
    const call = this.#sessions.get(sessionId);
    // While preparing, the commit saves it.
    if (call !== undefined && call.phase === 'running') this.#parts.journal.appendLazy(call.dialogSaved(dialog));
  }

  note(sessionId: string, kind: 'trace' | 'metadata', bytes: Uint8Array): void {
    const call = this.#sessions.get(sessionId);
    // Of what nobody may record, nothing is kept.
    if (call === undefined || call.decision.verdict === 'forbid') return;
    this.#parts.capture.note(call.identity.callId, kind, bytes);
  }

  /** Something happened in the media of a running call; it stands in its events. */
  happened(callId: string, event: CallEvent): void {
    const call = this.#calls.get(callId);
    if (call?.phase === 'running') this.#parts.journal.appendLazy(call.changed([event]));
  }

  async end(sessionId: string, reason: EndReason): Promise<void> {
    const call = this.#sessions.get(sessionId);
    if (call !== undefined) await call.inTurn(() => this.#close(call, reason));
  }

  async #close(call: RecordedCall, reason: EndReason): Promise<void> {
    if (call.phase === 'preparing') {
      this.#abort(call);
      return;
    }
    if (call.phase !== 'running') return;
    const { onChange, log } = this.#parts;
    const { callId } = call.identity;
    call.step('end');
    call.endedMono = call.mono;
    this.steps.schedule(call);
    await this.#ending.close(call, reason);
    call.streams.release();
    this.#left(call);
    this.figures.callsEnded += 1;
    log.info({ callId, reason }, 'call ended');
    onChange();
  }

  /** Ends a call from our side: the intake is told to hang up. */
  async hangUp(call: RecordedCall, reason: EndReason): Promise<void> {
    if (call.leaving) return;
    call.leaving = true;
    try {
      call.control.hangUp(reason);
    } catch (error) {
      this.#parts.log.warn({ callId: call.identity.callId, error: messageOf(error) }, 'could not say goodbye');
    }
    await this.end(call.identity.sessionId, reason);
  }

  adopt(sessionId: string, control: SessionControl): void {
    this.#session(sessionId).control = control;
  }

  /** Takes a call of the recorder's former life up; recovery has bound its ports and journalled it. */
  restore(call: RecordedCall): void {
    this.#calls.set(call.identity.callId, call);
    if (call.phase === 'running') this.#sessions.add(call);
    else {
      this.steps.schedule(call);
      call.rest();
    }
  }

  /**
   * New settings are in force; calls that were held for want of any are decided now.
   * @returns false when they are no news
   * @throws EarshotError for settings that cannot be compiled; those in force stay
   */
  applySettings(settings: PolicySettings): boolean {
    if (!this.decider.use(settings)) return false;
    for (const call of this.#sessions) {
      if (call.decision.verdict === 'hold' && call.phase === 'running') this.#decideHeld(call);
    }
    return true;
  }

  #decideHeld(call: RecordedCall): void {
    this.decider.again(call);
    const text = `Settings version ${this.settingsVersion} arrived; the call was held until then.`;
    this.#parts.journal.appendLazy(call.changed([{ type: 'decision', text }]));
  }

  /** The service has it all. Returns false for a call that is not at its end (a stranger's word). */
  archived(callId: string): boolean {
    const call = this.#calls.get(callId);
    if (call === undefined) return true;
    if (call.phase !== 'ended') return false;
    call.step('acknowledged');
    this.#parts.journal.appendLazy(call.archived());
    this.#forget(call);
    return true;
  }

  /** Whether a call's audio may be freed. A call that is not known at all is none of these. */
  isDone(callId: string): boolean {
    return this.done.has(callId);
  }

  /** Calls whose audio must still be kept. */
  get unarchived(): ReadonlySet<string> {
    return new Set(this.#calls.keys());
  }

  #forget(call: RecordedCall): void {
    this.#calls.delete(call.identity.callId);
    this.steps.forget(call.identity.callId);
    this.done.add(call.identity.callId);
    if (hasVoid(call.past)) this.voids.add(call.identity.callId);
    this.#left(call);
  }

  /** The call runs no more; with the last of its calls its conversation ends. */
  #left(call: RecordedCall): void {
    if (this.#sessions.leave(call)) this.#parts.conversations.ended(call.identity.conversationId);
  }

  #session(sessionId: string): RecordedCall {
    const call = this.#sessions.get(sessionId);
    if (call === undefined) throw unknownSession();
    return call;
  }
}

function unknownSession(): EarshotError {
  return new EarshotError('NOT_FOUND', 'this session is not known to the recorder.');
}

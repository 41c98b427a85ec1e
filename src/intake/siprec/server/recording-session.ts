import { EarshotError, messageOf } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { RequestAnswer, Session, SessionHandlers } from '../../../sip/agent/api.ts';
import type { SipRequest } from '../../../sip/message.ts';
import type { CallSink, KeyKeeper, OnSessionCommand, SessionControl } from '../../types.ts';
import type { Refusal, SessionState, Update } from '../session/types.ts';
import { takeAnswer, updateSession } from '../session/update.ts';
import { cleanText } from '../text.ts';
import { describe, type LocalDescription, SDP_TYPE, withOfferedStreams } from './answer.ts';

/** What is journalled of a session, besides the facts: enough to go on with it in another process. */
export interface SavedSession {
  /** As the session saved it; sealed, in base64, where our descriptions in it hold a key of ours. */
  readonly dialog: unknown;
  readonly state: SessionState;
  readonly local: LocalDescription;
  readonly awaitsAnswer: boolean;
}

export interface RecordingSessionParts {
  readonly sink: CallSink;
  readonly log: Log;
  readonly keeper: KeyKeeper | null;
  readonly state: SessionState;
  readonly local: LocalDescription;
  /** Our own offer is out; the ACK brings the answer. */
  readonly awaitsAnswer: boolean;
  /** It was restored from a state that was sealed. */
  readonly isSecured?: boolean;
  readonly onCommand: OnSessionCommand;
  /** The session is over, whoever ended it. */
  readonly onClose: () => void;
}

/** One running recording session: the dialog on one side, the recorder on the other. */
export class RecordingSession implements SessionControl {
  readonly #parts: RecordingSessionParts;
  readonly #session: Session;
  #state: SessionState;
  #local: LocalDescription;
  #awaitsAnswer: boolean;
  /** Some stream is or was under SRTP: what we answered then may still be in the dialog's state. */
  #isSecured: boolean;
  /** Requests change the session one after the other (RFC 3261 §12.2.2). */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(session: Session, parts: RecordingSessionParts) {
    this.#session = session;
    this.#parts = parts;
    this.#state = parts.state;
    this.#local = parts.local;
    this.#awaitsAnswer = parts.awaitsAnswer;
    this.#isSecured = isSecured(parts.state) || parts.isSecured === true;
  }

  get id(): string {
    return this.#session.id;
  }

  get handlers(): SessionHandlers {
    return {
      onReinvite: (request) => this.#inTurn(() => this.#change(request)),
      onUpdate: (request) => this.#inTurn(() => this.#change(request)),
      onInfo: (request) => this.#inTurn(() => this.#change(request)),
      onAck: (request) => void this.#inTurn(() => this.#acknowledged(request)),
      onBye: () => this.#over('bye'),
      onExpired: () => this.#over('session-expired'),
      onFailure: () => this.#over('lost'),
      onSaveNeeded: () => this.#save(),
    };
  }

  saved(): SavedSession {
    const dialog = this.#session.save();
    const { keeper } = this.#parts;
    return {
      dialog: this.#isSecured && keeper !== null ? keeper.seal(Buffer.from(JSON.stringify(dialog))) : dialog,
      state: this.#state,
      local: this.#local,
      awaitsAnswer: this.#awaitsAnswer,
    };
  }

  /** The recorder ends the session by itself. */
  hangUp(reason: string): void {
    this.#parts.onClose();
    void this.#session.bye({ Reason: `SIP;cause=200;text="${reason.replaceAll(/["\\]/g, '')}"` });
  }

  async #change(request: SipRequest): Promise<RequestAnswer> {
    const outcome = updateSession(this.#state, request, this.#parts.keeper);
    if (outcome.kind === 'refused') return refusal(outcome);
    const facts = withOfferedStreams(outcome.facts, outcome.answer);
    const ports = await this.#tell(outcome, facts);
    if (!Array.isArray(ports)) return ports;
    if (outcome.answer.kind !== 'none') this.#local = { ...this.#local, version: this.#local.version + 1 };
    this.#awaitsAnswer = outcome.answer.kind === 'offer';
    const body = describe(outcome.answer, ports, this.#local, this.#parts.keeper);
    this.#save();
    const refused = await this.#obey(outcome);
    // What was offered is taken in any case, so that its answer must go.
    if (refused !== null && body === undefined) return refused;
    return body === undefined ? { status: 200 } : { status: 200, body, contentType: SDP_TYPE };
  }

  /** Lets the recorder follow; a refusal of its leaves the session as it was (RFC 3261 §14.2). */
  async #tell(update: Update, facts: Update['facts']) {
    try {
      const ports = await this.#parts.sink.update(this.id, facts, update.changes);
      this.#state = update.state;
      this.#isSecured ||= isSecured(update.state);
      if (update.rawMetadata !== null) this.#parts.sink.note(this.id, 'metadata', update.rawMetadata);
      return [...ports];
    } catch (error) {
      this.#parts.log.warn(
        { sessionId: this.id, error: messageOf(error) },
        'a change of a session could not be followed',
      );
      const gone = error instanceof EarshotError && error.code === 'NOT_FOUND';
      const answer: RequestAnswer = gone
        ? { status: 481, reason: 'Call Does Not Exist' }
        : { status: 500, reason: 'Recorder cannot follow', headers: { 'Retry-After': '5' } };
      return answer;
    }
  }

  /** Does what the request asks for besides; the refusal, or null. */
  async #obey({ control }: Update): Promise<RequestAnswer | null> {
    if (control === undefined) return null;
    const { ok, code, text } = await this.#parts.onCommand(this.id, control);
    if (ok) return null;
    return { status: code === 'NOT_FOUND' ? 481 : 403, reason: cleanText(text, 120) };
  }

  async #acknowledged(request: SipRequest): Promise<void> {
    if (!this.#awaitsAnswer) return undefined;
    this.#awaitsAnswer = false;
    const outcome = takeAnswer(this.#state, request, this.#parts.keeper);
    if (outcome.kind === 'refused') {
      this.#parts.log.warn(
        { sessionId: this.id, reason: outcome.reason },
        'the answer to our offer could not be taken',
      );
      // Nothing that such a session sends may be recorded.
      if (this.#state.srtp === 'required') {
        this.hangUp('Media without SRTP');
        return this.#over('lost');
      }
    } else {
      await this.#tell(
        outcome,
        outcome.facts.streams.length === 0 ? withOfferedStreams(outcome.facts, outcome.answer) : outcome.facts,
      );
    }
    return this.#save();
  }

  #over(reason: 'bye' | 'session-expired' | 'lost'): void {
    void this.#inTurn(async () => {
      await this.#parts.sink.end(this.id, reason);
      this.#parts.onClose();
    });
  }

  #save(): void {
    this.#parts.sink.saveDialog(this.id, this.saved());
  }

  #inTurn<T>(task: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(task);
    this.#turn = result.catch((error: unknown) => {
      this.#parts.log.error({ sessionId: this.id, error: messageOf(error) }, 'a session request failed');
    });
    return result;
  }
}

function isSecured(state: SessionState): boolean {
  return state.streams.some(({ security }) => security !== undefined);
}

export function refusal({ status, reason, headers }: Refusal): RequestAnswer {
  return { status, reason, headers };
}

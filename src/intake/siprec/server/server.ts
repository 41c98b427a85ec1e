import type { Random } from '../../../base/ids.ts';
import { EarshotError, messageOf } from '../../../base/errors.ts';
import type { Log } from '../../../base/log.ts';
import type { IncomingInvite, PreparedAnswer, Session, SessionHandlers, TraceEntry } from '../../../sip/agent/api.ts';
import type { DialogState } from '../../../sip/dialog/state.ts';
import type { CallSink, KeyKeeper, OnSessionCommand, PreparedSession, RestoredSession } from '../../types.ts';
import { openSession } from '../session/open.ts';
import type { Opening } from '../session/types.ts';
import { describe, type LocalDescription, SDP_TYPE, withOfferedStreams } from './answer.ts';
import { RecordingSession, type SavedSession } from './recording-session.ts';
import { TraceBook } from './trace-book.ts';

const RETRY_AFTER_SECONDS = '10';
/** What passes: another try later may be taken. */
const NO_ROOM: ReadonlySet<string> = new Set(['UNAVAILABLE', 'PORT_IN_USE', 'PORTS_EXHAUSTED']);

export interface SiprecServerParts {
  readonly sink: CallSink;
  readonly log: Log;
  readonly random: Random;
  /** Seals media keys and gives our own; without it streams under SRTP are refused. */
  readonly keeper?: KeyKeeper;
  readonly onCommand: OnSessionCommand;
  /** Where media shall be sent to, given the local address that the peer's request came to. */
  readonly mediaAddress: (localAddress: string) => string;
  /** Takes a dialog of a former process up again. */
  readonly restore: (state: DialogState, handlers: SessionHandlers) => Session;
}

/** The session recording server (RFC 7866 §6.2): INVITEs in, recorded calls out. Never lets a peer's mistake out as an exception. */
export class SiprecServer {
  readonly #parts: SiprecServerParts;
  readonly #traces: TraceBook;

  constructor(parts: SiprecServerParts) {
    this.#parts = parts;
    this.#traces = new TraceBook((sessionId, bytes) => parts.sink.note(sessionId, 'trace', bytes));
  }

  trace(entry: TraceEntry): void {
    this.#traces.take(entry);
  }

  invite(invite: IncomingInvite): void {
    this.#open(invite).catch((error: unknown) => {
      if (error instanceof EarshotError && NO_ROOM.has(error.code)) return this.#unavailable(invite, error);
      this.#parts.log.error({ error: messageOf(error) }, 'an INVITE could not be handled');
      invite.reject(500);
      this.#traces.forget(sipCallId(invite));
    });
  }

  async #open(invite: IncomingInvite): Promise<void> {
    const opening = openSession(invite.request, invite.trunk, this.#parts.keeper);
    if (opening.kind === 'refused') {
      this.#parts.log.info(
        { status: opening.status, reason: opening.reason, from: invite.source.address },
        'session refused',
      );
      this.#refuse(invite, opening.status, opening.reason, opening.headers);
      return;
    }
    const prepared = await this.#prepare(invite, opening);
    if (prepared === undefined) return;
    if (!prepared.session.wanted && invite.trunk.unwanted === 'refuse') {
      prepared.session.abort();
      this.#refuse(invite, 603, 'Not recorded');
      return;
    }
    await this.#answer(invite, opening, prepared.session, prepared.control);
  }

  /** Asks the recorder; undefined when it could not take the call, which the peer has been told then. */
  async #prepare(invite: IncomingInvite, opening: Opening) {
    // The recorder may want to hang up before the dialog is formed: then there is nothing to hang up.
    const control: { session?: RecordingSession } = {};
    try {
      const session = await this.#parts.sink.prepare({
        protocol: 'siprec',
        sessionId: invite.id,
        facts: withOfferedStreams(opening.facts, opening.answer),
        mediaRanges: invite.trunk.media,
        control: { hangUp: (reason) => control.session?.hangUp(reason) },
      });
      invite.onCancel = () => session.abort();
      if (invite.pending) return { session, control };
      session.abort();
    } catch (error) {
      this.#unavailable(invite, error);
    }
    return undefined;
  }

  #unavailable(invite: IncomingInvite, error: unknown): void {
    const reason = error instanceof EarshotError ? error.message : 'the recorder failed';
    this.#parts.log.warn({ error: messageOf(error), from: invite.source.address }, 'a call could not be taken');
    this.#refuse(invite, 503, cleanReason(reason), { 'Retry-After': RETRY_AFTER_SECONDS });
  }

  async #answer(
    invite: IncomingInvite,
    opening: Opening,
    prepared: PreparedSession,
    control: { session?: RecordingSession },
  ): Promise<void> {
    const local: LocalDescription = {
      id: String(this.#parts.random(6).readUIntBE(0, 6)),
      version: 1,
      address: this.#parts.mediaAddress(invite.source.localAddress),
    };
    const describeAll = (): { answer: PreparedAnswer; recording: RecordingSession } => {
      const body = describe(opening.answer, prepared.ports, local, this.#parts.keeper ?? null)!;
      const answer = invite.prepare({ body, contentType: SDP_TYPE, contactParams: { '+sip.srs': null } });
      const recording = this.#recording(answer.session, opening.state, local, opening.answer.kind === 'offer');
      control.session = recording;
      return { answer, recording };
    };
    let { answer, recording } = describeAll();
    // The opening is on disk, and the ports are bound, before the 200 leaves.
    while ((await prepared.commit(recording.saved())) === 'moved') ({ answer, recording } = describeAll());
    invite.onCancel = undefined;
    if (!answer.send()) await this.#parts.sink.end(recording.id, 'lost');
    this.#traces.open(sipCallId(invite), recording.id);
    if (opening.rawMetadata !== null) this.#parts.sink.note(recording.id, 'metadata', opening.rawMetadata);
  }

  #recording(
    session: Session,
    state: Opening['state'],
    local: LocalDescription,
    awaitsAnswer: boolean,
    isSecured = false,
  ): RecordingSession {
    const { sink, log, keeper = null, onCommand } = this.#parts;
    const onClose = () => this.#traces.close(session.callId);
    const recording = new RecordingSession(session, {
      sink,
      log,
      keeper,
      state,
      local,
      awaitsAnswer,
      isSecured,
      onCommand,
      onClose,
    });
    session.handlers = recording.handlers;
    return recording;
  }

  /** Goes on with a session of a former process. One whose signalling was not saved is left to the silence that will end it. */
  restore(restored: RestoredSession): void {
    const saved = restored.dialog as SavedSession | null;
    if (saved === null) return;
    try {
      const isSecured = typeof saved.dialog === 'string';
      const session = this.#parts.restore(this.#dialogOf(saved), {});
      const recording = this.#recording(session, saved.state, saved.local, saved.awaitsAnswer, isSecured);
      this.#traces.open(session.callId, recording.id);
      this.#parts.sink.adopt(restored.sessionId, recording);
    } catch (error) {
      this.#parts.log.error(
        { sessionId: restored.sessionId, error: messageOf(error) },
        'a dialog could not be taken up again',
      );
    }
  }

  /** @throws EarshotError KEY_MISSING, SEAL_CORRUPT when it is sealed and cannot be opened */
  #dialogOf({ dialog }: SavedSession): DialogState {
    if (typeof dialog !== 'string') return dialog as DialogState;
    const { keeper } = this.#parts;
    if (keeper === undefined)
      throw new EarshotError('KEY_MISSING', 'the key that the dialog was sealed with is missing.');
    return JSON.parse(keeper.open(dialog).toString()) as DialogState;
  }

  #refuse(
    invite: IncomingInvite,
    status: number,
    reason: string,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    invite.reject(status, { reason, headers });
    this.#traces.forget(sipCallId(invite));
  }
}

function sipCallId(invite: IncomingInvite): string {
  return invite.request.headers.get('Call-ID') ?? '';
}

function cleanReason(text: string): string {
  return text.replaceAll(/[^\x20-\x7e]/g, ' ').slice(0, 100);
}

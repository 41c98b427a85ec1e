import { EarshotError, messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import type { SessionCommand } from '../intake/types.ts';
import type { Asker } from '../link/journal.ts';
import type { Command, CommandAnswer } from '../link/messages.ts';
import type { RecordedCall } from './call/call.ts';
import { control, refused, type Outcome } from './call/control.ts';
import { runningOf } from './call/recordings.ts';
import type { Recorder } from './recorder.ts';

type Answer = Omit<CommandAnswer, 'type' | 'id'>;
type Of<Op extends Command['op']> = Extract<Command, { op: Op }>;

/** Live control: what people, phones and call flows ask of the recorder. */
export class Commands {
  readonly #recorder: Recorder;
  readonly #log: Log;

  constructor(recorder: Recorder, log: Log) {
    this.#recorder = recorder;
    this.#log = log;
  }

  /** Does it, or says why not; resolves when it is in force and on the disk. Never rejects. */
  async run(command: Command): Promise<Answer> {
    if (command.op === 'drain') {
      this.#recorder.drain();
      return { ok: true, text: 'No new calls are taken.' };
    }
    const { callId, op } = command;
    const call = this.#recorder.call(callId);
    if (call === undefined) return { ok: false, code: 'NOT_FOUND', text: 'This call is not known.' };
    try {
      const { steps: _, ...answer } = await this.#do(call, command);
      this.#log.info({ callId, op, ok: answer.ok, asker: command.asker.kind, text: answer.text }, 'live control');
      return answer;
    } catch (error) {
      this.#log.error({ callId, op, error: messageOf(error) }, 'a command was done, but is not confirmed');
      const code = error instanceof EarshotError ? error.code : 'INTERNAL';
      return { ok: false, code, text: `It is done, but not confirmed: ${messageOf(error)}` };
    }
  }

  /** What a peer's signalling asks for; a step of the call flow (D6), or a pause in its name. */
  ofSession(sessionId: string, command: SessionCommand): Promise<Answer> {
    const call = this.#recorder.running.find(({ identity }) => identity.sessionId === sessionId);
    const callId = call?.identity.callId ?? '';
    const asker: Asker = { kind: 'flow', id: null, name: 'the phone system', via: 'flow' };
    if (command === 'pause' || command === 'resume') return this.run({ op: 'control', callId, action: command, asker });
    return this.run({ op: 'flow', callId, step: command, name: asker.name, asker });
  }

  #do(call: RecordedCall, command: Exclude<Command, { op: 'drain' }>): Promise<Outcome> {
    switch (command.op) {
      case 'control':
        return this.#control(call, command);
      case 'override':
        return this.#override(call, command);
      case 'flow':
        return this.#flow(call, command);
      case 'hangup':
        return this.#hangUp(call);
    }
  }

  async #control(call: RecordedCall, { action, asker, reason }: Of<'control'>): Promise<Outcome> {
    const { past, decision, phase } = call;
    if (phase === 'preparing') return refused('CONFLICT', 'This call is being set up.');
    const outcome = control({ past, decision, isRunning: phase === 'running' }, action, asker, reason);
    await this.#recorder.steps.take(call, outcome.steps);
    return outcome;
  }

  async #override(call: RecordedCall, { value, asker }: Of<'override'>): Promise<Outcome> {
    const not = notByUsers(call, asker);
    if (not !== null) return not;
    if (call.decision.override === 'deny' && value !== 'deny')
      return refused('CONFLICT', 'The override deny holds for the rest of the call.');
    this.#recorder.decider.override(call, value, asker);
    await this.#recorder.changed(call, `The override ${value} was set.`);
    return { ok: true, text: `The override ${value} holds for the call and its conversation.`, steps: [] };
  }

  async #flow(call: RecordedCall, { step, name, asker }: Of<'flow'>): Promise<Outcome> {
    const not = notByUsers(call, asker);
    if (not !== null) return not;
    if (call.decision.verdict === 'forbid') return refused('NOT_ALLOWED', 'The override deny forbids recording.');
    const { steps, decider } = this.#recorder;
    steps.takeLazily(call, [{ do: 'flow', step, name: name ?? null, asker }]);
    call.lay();
    decider.again(call, { isNewPart: step === 'start', asker });
    await this.#recorder.changed(call, `The call flow step "${name ?? 'a call flow'}" asks to ${step} recording.`);
    const running = runningOf(call.past).find(({ by }) => by !== 'live-keep');
    return running === undefined
      ? { ok: true, text: 'Nothing is being recorded now.', steps: [] }
      : { ok: true, text: 'The call is being recorded.', recording: running.recording, steps: [] };
  }

  async #hangUp(call: RecordedCall): Promise<Outcome> {
    if (call.phase !== 'running') return refused('NOT_FOUND', 'This call does not run.');
    await this.#recorder.hangUp(call, 'shutdown');
    return { ok: true, text: 'The recording session was ended.', steps: [] };
  }
}

function notByUsers(call: RecordedCall, { kind }: Asker): Outcome | null {
  if (call.phase !== 'running') return refused('NOT_FOUND', 'This call does not run.');
  if (kind === 'user' || kind === 'phone') return refused('NOT_ALLOWED', 'Users cannot change what policy decides.');
  return null;
}

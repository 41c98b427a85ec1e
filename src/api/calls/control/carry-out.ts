import type { FastifyRequest } from 'fastify';
import { EarshotError, type ErrorCode } from '../../../base/errors.ts';
import type { JsonValue } from '../../../base/json.ts';
import type { Asker } from '../../../link/journal.ts';
import type { Command, LiveCall } from '../../../link/messages.ts';
import { mayControl, NO_CONTROLS } from '../../../policy/controls.ts';
import { auditOf } from '../../audit/write.ts';
import type { ApiContext, CommandResult, HeldRow } from '../../context.ts';
import type { ControlAnswer } from './schema.ts';

type OfCall = Exclude<Command, { op: 'drain' }>;

/**
 * Has the recorder do it, with a line in the audit log whatever comes of it.
 * @throws EarshotError as the recorder answers: NOT_ALLOWED, CONFLICT, NOT_FOUND, UNAVAILABLE; RECORDER_AWAY
 */
export async function carryOut(
  context: ApiContext,
  request: FastifyRequest,
  call: LiveCall,
  command: OfCall,
): Promise<ControlAnswer> {
  const answer = await context.calls.command(command);
  const { accountId } = call.decision;
  await note(context, request, { command, callId: call.callId, accountId, answer });
  return answerOf(call.callId, answer);
}

/**
 * Keeps or drops a call that has ended and is held.
 * @throws EarshotError NOT_ALLOWED; CONFLICT when somebody was faster or its time is over
 */
export async function settleHeld(
  context: ApiContext,
  request: FastifyRequest,
  held: HeldRow,
  action: 'keep' | 'drop',
  asker: Asker,
): Promise<ControlAnswer> {
  const { callId, accountId, decision } = held;
  const refusal = mayControl(decision.controls ?? NO_CONTROLS, action, asker, null);
  const answer = refusal === null ? await settled(context, callId, action, asker) : refused('NOT_ALLOWED', refusal);
  await note(context, request, { command: { op: 'control', callId, action, asker }, callId, accountId, answer });
  return answerOf(callId, answer);
}

async function settled(
  context: ApiContext,
  callId: string,
  action: 'keep' | 'drop',
  asker: Asker,
): Promise<CommandResult> {
  const isDone = action === 'keep' ? await context.held.keep(callId, asker) : await context.held.drop(callId, asker);
  if (!isDone) return refused('CONFLICT', 'This call is not held any more.');
  return { ok: true, text: action === 'keep' ? 'The call is kept.' : 'What was held of the call is destroyed.' };
}

function refused(code: ErrorCode, text: string): CommandResult {
  return { ok: false, code, text };
}

function note(
  context: ApiContext,
  request: FastifyRequest,
  done: { command: OfCall; callId: string; accountId: string; answer: CommandResult },
): Promise<void> {
  const { command, callId, accountId, answer } = done;
  const { op, callId: _id, asker, ...wish } = command;
  const { code } = answer;
  const isFailure = code === 'UNAVAILABLE' || code === 'RECORDER_AWAY' || code === 'INTERNAL';
  const outcome = answer.ok ? 'done' : isFailure ? 'failed' : 'refused';
  const detail: Record<string, JsonValue> = {
    ...(wish as Record<string, JsonValue>),
    by: { kind: asker.kind, name: asker.name, userId: asker.userId ?? null, via: asker.via },
    ...(answer.recording === undefined ? {} : { recording: answer.recording }),
    ...(answer.ok ? {} : { why: answer.text }),
  };
  return auditOf(context, request, `calls.${op}`, outcome, callId, detail, accountId === '' ? null : accountId);
}

function answerOf(callId: string, { ok, code, text, recording }: CommandResult): ControlAnswer {
  if (!ok) throw new EarshotError(code ?? 'CONFLICT', text);
  return { ok: true, text, callId, recording: recording ?? null };
}

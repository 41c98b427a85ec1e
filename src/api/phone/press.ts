import type { FastifyRequest } from 'fastify';
import { may, narrowingOf } from '../../access/rules.ts';
import { EarshotError } from '../../base/errors.ts';
import type { ControlAction, LiveCall } from '../../link/messages.ts';
import { askerOf } from '../calls/asker.ts';
import { carryOut, settleHeld } from '../calls/control/carry-out.ts';
import { bySipCallId } from '../calls/control/find.ts';
import { subjectOf } from '../calls/subject.ts';
import type { ApiContext, HeldRow } from '../context.ts';
import type { PhoneRequest } from './request.ts';
import type { KnownPhone } from './who.ts';

/**
 * Does what the key asks for, and says what became of it in a sentence.
 * @throws EarshotError NOT_FOUND, CONFLICT (several calls), and what the recorder refuses
 */
export async function press(
  context: ApiContext,
  request: FastifyRequest,
  phone: KnownPhone,
  wish: PhoneRequest,
): Promise<string> {
  const asker = askerOf(phone.actor);
  const call = liveOf(context, phone, wish);
  if (call !== undefined) {
    const action = actionFor(call, wish.action);
    const answer = await carryOut(context, request, call, { op: 'control', callId: call.callId, action, asker });
    return answer.text;
  }
  const held = wish.action === 'keep' ? await heldOf(context, phone, wish) : undefined;
  if (held === undefined) throw new EarshotError('NOT_FOUND', 'no call runs on this phone.');
  return (await settleHeld(context, request, held, 'keep', asker)).text;
}

/**
 * The call of that Call-ID; where the PBX gave it another, the only call that runs on the device, or on any device of its user.
 * @throws EarshotError CONFLICT when there are several
 */
function liveOf(context: ApiContext, { actor, device }: KnownPhone, { callId }: PhoneRequest): LiveCall | undefined {
  const mine = context.calls.calls().filter((call) => may(actor, 'calls.control', subjectOf(call)));
  const named =
    callId === null
      ? []
      : mine.filter((call) => bySipCallId(callId)({ callId: call.callId, vendorIds: call.facts.vendorIds }));
  if (named.length > 0) return only(named);
  if (device === null) return undefined;
  const onDevice = mine.filter(({ decision }) => decision.parties.some(({ deviceId }) => deviceId === device.id));
  if (onDevice.length > 0) return only(onDevice);
  const { userId } = device;
  if (userId === undefined) return undefined;
  return only(mine.filter(({ decision }) => decision.parties.some((party) => party.userId === userId)));
}

async function heldOf(
  context: ApiContext,
  { actor, device }: KnownPhone,
  { callId }: PhoneRequest,
): Promise<HeldRow | undefined> {
  const held = await context.held.list({ ...narrowingOf(actor), userId: null });
  const mine = held.filter((row) => may(actor, 'calls.control', row));
  const named = callId === null ? [] : mine.filter(bySipCallId(callId));
  if (named.length > 0) return only(named);
  const userId = device?.userId;
  return userId === undefined ? undefined : only(mine.filter((row) => row.userIds.includes(userId)));
}

function only<T>(calls: readonly T[]): T | undefined {
  if (calls.length < 2) return calls[0];
  throw new EarshotError('CONFLICT', `${calls.length} calls run on this phone, and the PBX has changed their ids.`);
}

/** One key for both ways: what runs is stopped, what is held is kept, and else it starts. */
function actionFor({ recordings, liveKeep }: LiveCall, wish: PhoneRequest['action']): ControlAction {
  if (wish !== 'toggle') return wish;
  if (recordings.some(({ by }) => by !== 'live-keep')) return 'stop';
  return liveKeep?.kept === null ? 'keep' : 'start';
}

import type { FastifyRequest } from 'fastify';
import { type Action, may, narrowingOf } from '../../../access/rules.ts';
import { EarshotError } from '../../../base/errors.ts';
import type { LiveCall } from '../../../link/messages.ts';
import { auditOf } from '../../audit/write.ts';
import type { ApiContext, HeldRow } from '../../context.ts';
import { subjectOf } from '../subject.ts';

/** How a caller names a call: by our own id, or by one that the PBX gave it. */
export type CallName = (call: { callId: string; vendorIds: Readonly<Record<string, string>> }) => boolean;

/** @throws EarshotError BAD_REQUEST for `vendor:` without a value */
export function readCallName(text: string): CallName {
  if (text.startsWith('sip:')) return bySipCallId(text.slice('sip:'.length));
  if (!text.startsWith('vendor:')) return ({ callId }) => callId === text;
  const [, name = '', value = ''] = /^vendor:([^=]+)=(.+)$/s.exec(text) ?? [];
  if (value === '') {
    throw new EarshotError('BAD_REQUEST', 'a vendor id is written vendor:<name>=<value>.', { key: 'callId' });
  }
  const wanted = name.toLowerCase();
  return ({ vendorIds }) => Object.entries(vendorIds).some(([key, id]) => key.toLowerCase() === wanted && id === value);
}

/** The Call-ID of the call itself, of its recording session, or of a header that carries one. Call-IDs are told apart by case (RFC 3261 §8.1.1.4). */
export function bySipCallId(callId: string): CallName {
  return ({ vendorIds }) =>
    callId !== '' && Object.entries(vendorIds).some(([name, id]) => /call-?id/i.test(name) && id === callId);
}

/**
 * The only running call of this name within the caller's reach; undefined: there is none. A call out of reach looks the same as none.
 * @throws EarshotError CONFLICT when several fit
 */
export function findLive(
  context: ApiContext,
  request: FastifyRequest,
  name: CallName,
  action: Action,
): LiveCall | undefined {
  const fits = context.calls.calls().filter(({ callId, facts }) => name({ callId, vendorIds: facts.vendorIds }));
  const mine = fits.filter((call) => may(request.actor, action, subjectOf(call)));
  if (mine.length > 1) throw severalCalls(mine.length);
  return mine[0];
}

/** The same among calls that have ended and that live-keep holds. @throws EarshotError CONFLICT */
export async function findHeld(
  context: ApiContext,
  request: FastifyRequest,
  name: CallName,
): Promise<HeldRow | undefined> {
  const held = await context.held.list(narrowingOf(request.actor));
  const mine = held.filter((row) => name(row) && may(request.actor, 'calls.control', row));
  if (mine.length > 1) throw severalCalls(mine.length);
  return mine[0];
}

/**
 * Puts on record what was asked for, in the words of the asker: whether a call of somebody else has this id must not be learned from the
 * audit log either.
 */
export async function noCall(
  context: ApiContext,
  request: FastifyRequest,
  action: Action,
  asked: string,
): Promise<EarshotError> {
  await auditOf(context, request, action, 'refused', asked);
  return new EarshotError('NOT_FOUND', 'no such call runs.', { key: 'callId' });
}

function severalCalls(count: number): EarshotError {
  return new EarshotError('CONFLICT', `${count} calls have this id.`, {
    key: 'callId',
    remedy: "Give Earshot's own id of the call.",
  });
}

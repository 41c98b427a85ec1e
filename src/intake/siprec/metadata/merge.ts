import type { ExtensionValue, Membership, Metadata, MetadataSession, StreamAssociation } from './types.ts';

/** Of each kind no more than this is kept, the newest, so that a client that only ever adds cannot fill the memory. */
const KEPT = 256;

/**
 * What is known after an update: a complete one replaces everything, a partial one changes what it names (RFC 7865 §6.1). Updates
 * must be applied in the order in which they came. The result is `complete`.
 */
export function applyUpdate(previous: Metadata, update: Metadata): Metadata {
  return update.mode === 'partial' ? applyPartial(previous, update) : update;
}

/** Objects are known by their id; a stream without an id by its label. Whatever the update is silent on stays. */
export function applyPartial(previous: Metadata, update: Metadata): Metadata {
  return {
    mode: 'complete',
    groups: mergeBy(previous.groups, update.groups, (one) => one.id),
    sessions: mergeBy(previous.sessions, update.sessions, (one) => one.id, mergeSession),
    participants: mergeBy(
      previous.participants,
      update.participants,
      (one) => one.id,
      (old, one) => rejoin({ ...old, ...one, aors: one.aors.length > 0 ? one.aors : old.aors }, one),
    ),
    streams: mergeBy(
      previous.streams,
      update.streams,
      (one) => (one.id === '' ? `label ${one.label ?? ''}` : `id ${one.id}`),
      (old, one) => ({ ...old, ...one }),
    ),
    memberships: mergeBy(previous.memberships, update.memberships, membershipKey, (old, one) =>
      rejoin({ ...old, ...one }, one),
    ),
    associations: mergeAssociations(previous.associations, update.associations),
    extensions: mergeExtensions(previous.extensions, update.extensions),
  };
}

function membershipKey(one: Membership): string {
  return JSON.stringify([one.participantId, one.sessionId]);
}

function mergeSession(old: MetadataSession, one: MetadataSession): MetadataSession {
  return { ...old, ...one, sipSessionIds: one.sipSessionIds.length > 0 ? one.sipSessionIds : old.sipSessionIds };
}

/** Somebody who is associated anew, without an end in the same breath, is back. */
function rejoin<T extends { leftAt?: number }>(merged: T, update: { associatedAt?: number; leftAt?: number }): T {
  if (update.associatedAt === undefined || update.leftAt !== undefined || merged.leftAt === undefined) return merged;
  if (update.associatedAt < merged.leftAt) return merged;
  const { leftAt: _, ...rest } = merged;
  return rest as T;
}

/** An association that is named again takes the place of the party's old ones; one that has ended only removes what it names. */
function mergeAssociations(
  previous: readonly StreamAssociation[],
  update: readonly StreamAssociation[],
): StreamAssociation[] {
  const replaced = new Set(update.filter((one) => one.endedAt === undefined).map((one) => one.participantId));
  const kept = previous.filter((one) => !replaced.has(one.participantId));
  const ended = update.filter((one) => one.endedAt !== undefined);
  const remaining = kept.map((one) => {
    const gone = ended.filter((end) => end.participantId === one.participantId);
    if (gone.length === 0) return one;
    return { ...one, send: without(one.send, gone, 'send'), recv: without(one.recv, gone, 'recv') };
  });
  return [...remaining, ...update.filter((one) => one.endedAt === undefined)].slice(-KEPT);
}

function without(ids: readonly string[], gone: readonly StreamAssociation[], side: 'send' | 'recv'): string[] {
  const everything = gone.some((one) => one.send.length === 0 && one.recv.length === 0);
  return everything ? [] : ids.filter((id) => !gone.some((one) => one[side].includes(id)));
}

function mergeExtensions(previous: readonly ExtensionValue[], update: readonly ExtensionValue[]): ExtensionValue[] {
  const key = (one: ExtensionValue): string => JSON.stringify([one.owner, one.ownerId, one.path]);
  const renewed = new Set(update.map(key));
  return [...previous.filter((one) => !renewed.has(key(one))), ...update].slice(-KEPT * 4);
}

function mergeBy<T>(
  previous: readonly T[],
  update: readonly T[],
  key: (one: T) => string,
  merge: (old: T, one: T) => T = (_, one) => one,
): T[] {
  const merged = new Map(previous.map((one) => [key(one), one]));
  for (const one of update) {
    const old = merged.get(key(one));
    merged.set(key(one), old === undefined ? one : merge(old, one));
  }
  return [...merged.values()].slice(-KEPT);
}

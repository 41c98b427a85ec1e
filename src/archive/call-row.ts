import type { JsonValue } from '../base/json.ts';
import type { CallInput } from '../catalogue/types.ts';
import type { Manifest, ManifestDetail, OfCall } from '../vault/manifest.ts';
import type { Decision } from '../policy/types.ts';
import { type DecidedCall, eventsOf, ofCall, partiesOf, plain, vendorIdsOf } from './describe.ts';
import { storable } from './storable.ts';
import { reasonOf } from './who.ts';

/** So many states and events of a call go into the catalogue; a manifest has them all. */
const MOST_STATES = 200;
const MOST_EVENTS = 2000;

/** The row of a call that has no recording, or not yet, from the journal. */
export function callRow(decided: DecidedCall, nodeId: string, fate: readonly string[]): CallInput {
  const { call, accountId } = decided;
  return storable(
    rowOf({
      id: call.callId,
      accountId,
      nodeId,
      conversationId: call.conversationId,
      protocol: call.protocol,
      trunk: call.history.at(-1)?.facts.trunk ?? '',
      vendorIds: vendorIdsOf(call),
      parties: partiesOf(decided),
      ofCall: ofCall(decided, fate),
      history: plain(call.history),
      events: eventsOf(call, [], (mono) => mono),
    }),
  );
}

/** The row of a call that has a recording, from that one's manifest: a first archiving, a retry and a rebuild give the same. */
export function callRowOf(manifest: Manifest, detail: ManifestDetail): CallInput {
  const { conversationId, protocol, trunk, vendorIds, parties, history, events } = detail;
  const { callId: id, accountId, nodeId } = manifest;
  const common = { id, accountId, nodeId, conversationId, protocol, trunk, vendorIds, parties, history, events };
  return rowOf({ ...common, ofCall: detail.call ?? olderCall(detail) });
}

/** Manifests of before have one recording to a call. */
function olderCall(detail: ManifestDetail): OfCall {
  const { startedAt, endedAt, endReason, direction } = detail;
  const { layers = [] } = (detail.decision ?? {}) as Partial<Decision>;
  const reason = reasonOf({ layers, verdict: 'record' });
  const owner = { kind: null, userId: null, name: null, groupId: null };
  return { startedAt, endedAt, endReason, direction, verdict: 'record', reason, owner };
}

interface CallParts extends Omit<CallInput, keyof OfCall | 'parties' | 'events' | 'reason'> {
  readonly ofCall: OfCall;
  readonly parties: ManifestDetail['parties'];
  readonly events: ManifestDetail['events'];
}

function rowOf({
  ofCall: { startedAt, endedAt, reason, ...rest },
  parties,
  events,
  history,
  ...parts
}: CallParts): CallInput {
  return {
    ...parts,
    ...rest,
    reason: reason.slice(0, 2000),
    trunk: parts.trunk.slice(0, 500),
    startedAt: new Date(startedAt),
    endedAt: new Date(endedAt),
    parties: parties.map(({ name, number, aor, role, userId = null, userName = null }) => ({
      name: name?.slice(0, 500) ?? null,
      number: number?.slice(0, 500) ?? null,
      aor: aor?.slice(0, 500) ?? null,
      role,
      userId,
      userName,
    })),
    history: latest(history),
    events: events
      .toSorted((a, b) => a.at - b.at)
      .slice(0, MOST_EVENTS)
      .map(({ at, type, text }) => ({ at: new Date(at), type, text })),
  };
}

/** The first state and the latest ones. */
function latest(history: JsonValue): JsonValue {
  if (!Array.isArray(history) || history.length <= MOST_STATES) return history;
  return [...history.slice(0, 1), ...history.slice(1 - MOST_STATES)];
}

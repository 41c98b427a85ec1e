import type { PartyFacts } from '../../../policy/types.ts';
import type { SessionFacts } from '../../types.ts';

const JOIN_KEYS = 64;
const IDS = 96;

/**
 * Carries over what an update is silent on: the override is inherited (D2), the number dialled, the queue and the like, the direction, the
 * call's ids and a party's part in the call stay known, and a party that comes back under a new id, but with the same address, stays the same party.
 */
export function continueFacts(previous: SessionFacts, next: SessionFacts): SessionFacts {
  const ids = sameParties(previous, next);
  const renamed = (id: string): string => ids.get(id) ?? id;
  const before = new Map(previous.call.parties.map((party) => [party.id, party]));
  const parties = next.call.parties.map((party) => {
    const id = renamed(party.id);
    return inherit(before.get(id), { ...party, id });
  });
  const vendorIds = Object.entries({ ...previous.call.vendorIds, ...next.call.vendorIds }).slice(0, IDS);
  return {
    ...next,
    call: {
      ...previous.call,
      ...next.call,
      parties,
      direction: next.call.direction === 'UNKNOWN' ? previous.call.direction : next.call.direction,
      vendorIds: Object.fromEntries(vendorIds),
    },
    streams: next.streams.map((stream) => ({ ...stream, speakers: stream.speakers.map(renamed) })),
    joinKeys: [...new Set([...previous.joinKeys, ...next.joinKeys])].slice(0, JOIN_KEYS),
  };
}

function inherit(old: PartyFacts | undefined, now: PartyFacts): PartyFacts {
  if (old === undefined || (old.aor !== undefined && now.aor !== undefined && old.aor !== now.aor)) return now;
  return { ...old, ...now };
}

/** New id → earlier id, for parties that are new by id only. */
function sameParties(previous: SessionFacts, next: SessionFacts): Map<string, string> {
  const known = new Set(previous.call.parties.map((party) => party.id));
  const current = new Set(next.call.parties.map((party) => party.id));
  const vanished = previous.call.parties.filter((party) => !current.has(party.id));
  const ids = new Map<string, string>();
  for (const party of next.call.parties) {
    if (known.has(party.id) || party.aor === undefined) continue;
    const index = vanished.findIndex((old) => old.aor === party.aor);
    if (index !== -1) ids.set(party.id, vanished.splice(index, 1)[0]!.id);
  }
  return ids;
}

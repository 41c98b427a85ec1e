import type { LiveCall as Call } from '../../link/messages.ts';
import type { LiveCall } from './schema.ts';

/** A running call as clients see it. */
export function liveCallOf(call: Call): LiveCall {
  return {
    callId: call.callId,
    accountId: call.decision.accountId,
    startedAt: new Date(call.startedAt).toISOString(),
    direction: call.facts.direction,
    trunk: call.facts.trunk,
    verdict: call.decision.verdict,
    parties: call.facts.parties.map((party) => ({
      id: party.id,
      name: party.name ?? null,
      number: party.number ?? null,
      aor: party.aor ?? null,
      role: party.role ?? 'unknown',
    })),
    streams: call.streams.map((stream) => ({
      ...stream,
      speakers: [...stream.speakers],
      silentFor: stream.silentFor === null ? null : Math.round(stream.silentFor),
    })),
    warnings: [...call.warnings],
    vendorIds: { ...call.facts.vendorIds },
  };
}

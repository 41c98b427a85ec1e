import type { Actor } from '../../access/actor.ts';
import { may } from '../../access/rules.ts';
import type { LiveCall as Call } from '../../link/messages.ts';
import { mayControl } from '../../policy/controls.ts';
import { askerOf } from './asker.ts';
import type { LiveCall } from './schema.ts';
import { subjectOf } from './subject.ts';

/** A running call as `actor` sees it: the same for all, save what he may do with it. */
export function liveCallOf(call: Call, actor: Actor): LiveCall {
  return { ...plainCallOf(call), abilities: abilitiesFor(call, actor) };
}

function plainCallOf(call: Call): Omit<LiveCall, 'abilities'> {
  const { decision, paused, liveKeep } = call;
  return {
    callId: call.callId,
    accountId: decision.accountId,
    startedAt: new Date(call.startedAt).toISOString(),
    direction: decision.direction,
    trunk: call.facts.trunk,
    verdict: decision.verdict,
    why: decision.why,
    override: decision.override,
    parties: call.facts.parties.map((party) => {
      const known = decision.parties.find(({ id }) => id === party.id);
      return {
        id: party.id,
        name: party.name ?? null,
        number: party.number ?? null,
        aor: party.aor ?? null,
        role: party.role ?? 'unknown',
        userId: known?.userId ?? null,
        userName: known?.userName ?? null,
      };
    }),
    recordings: call.recordings.map((one) => ({ ...one, since: new Date(one.since).toISOString() })),
    paused: paused === null ? null : { ...paused, since: new Date(paused.since).toISOString() },
    liveKeep: liveKeep === null ? null : { ...liveKeep },
    streams: call.streams.map((stream) => ({
      ...stream,
      speakers: [...stream.speakers],
      silentFor: stream.silentFor === null ? null : Math.round(stream.silentFor),
    })),
    warnings: [...call.warnings],
    vendorIds: { ...call.facts.vendorIds },
  };
}

/** What would be done if he asked now; the recorder has the last word. */
function abilitiesFor(call: Call, actor: Actor): LiveCall['abilities'] {
  const { decision, recordings, paused, liveKeep } = call;
  const subject = subjectOf(call);
  const asker = askerOf(actor);
  const isWithinReach = may(actor, 'calls.control', subject);
  const can = (action: Parameters<typeof mayControl>[1], recording: Parameters<typeof mayControl>[3] = null) =>
    isWithinReach && mayControl(decision.controls, action, asker, recording) === null;
  const isCaptured = recordings.length > 0 || liveKeep?.kept === null;
  return {
    start: recordings.every(({ by }) => by === 'live-keep') && can('start'),
    stop: recordings.some((recording) => recording.by !== 'live-keep' && can('stop', recording)),
    pause: paused === null && isCaptured && can('pause'),
    resume: paused !== null && can('resume'),
    keep: liveKeep?.kept === null && can('keep'),
    drop: liveKeep?.kept === null && can('drop'),
    override: may(actor, 'calls.flow', subject),
    flow: may(actor, 'calls.flow', subject),
    hangup: may(actor, 'calls.hangup', subject),
  };
}

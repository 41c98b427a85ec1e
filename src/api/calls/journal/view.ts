import type { Actor } from '../../../access/actor.ts';
import { may } from '../../../access/rules.ts';
import { mayControl, NO_CONTROLS } from '../../../policy/controls.ts';
import { explain } from '../../../policy/explain.ts';
import type { CallFull, CallMoment, CallRow } from '../../context.ts';
import { askerOf } from '../asker.ts';
import type { CallDetail, CallSummary } from './schema.ts';

/** A call as the journal shows it. */
export function summaryOf(row: CallRow): CallSummary {
  return {
    id: row.id,
    accountId: row.accountId,
    conversationId: row.conversationId,
    protocol: row.protocol,
    trunk: row.trunk,
    startedAt: row.startedAt.toISOString(),
    endedAt: row.endedAt.toISOString(),
    endReason: row.endReason,
    direction: row.direction,
    verdict: row.verdict,
    reason: row.reason,
    owner: { ...row.owner },
    parties: row.parties.map(({ name, number, aor, role, userId, userName }) => ({
      name,
      number,
      aor,
      role,
      userId,
      userName,
    })),
    recordings: row.recordings.map((recording) => ({ ...recording })),
    heldUntil: row.heldUntil?.toISOString() ?? null,
  };
}

/** The same with every state of the call and how it was decided (D10). */
export function detailOf(row: CallFull, actor: Actor): CallDetail {
  return {
    ...summaryOf(row),
    vendorIds: { ...row.vendorIds },
    moments: row.history.map((moment) => momentOf(moment, row.startedAt)),
    events: row.events.map(({ at, type, text }) => ({ at: at.toISOString(), type, text })),
    abilities: heldAbilities(row, actor),
  };
}

function momentOf({ at, mono, facts, decision }: CallMoment, startedAt: Date): CallDetail['moments'][number] {
  return {
    at: new Date(at).toISOString(),
    offsetMs: Math.round(Number.isFinite(mono) ? mono : at - startedAt.getTime()),
    verdict: decision.verdict,
    settingsVersion: decision.settingsVersion,
    lines: explain(decision),
    layers: decision.layers.map((word) => ({ ...word })),
    facts,
  };
}

function heldAbilities(row: CallFull, actor: Actor): CallDetail['abilities'] {
  const controls = row.history.at(-1)?.decision.controls ?? NO_CONTROLS;
  const isHeld = row.heldUntil !== null && may(actor, 'calls.control', row);
  const can = (action: 'keep' | 'drop') => isHeld && mayControl(controls, action, askerOf(actor), null) === null;
  return { keep: can('keep'), drop: can('drop') };
}

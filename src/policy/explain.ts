import type { Control, Decision, DecidedParty, Owner, Retention, Verdict } from './types.ts';

const VERDICTS: Readonly<Record<Verdict, string>> = {
  record: 'The call is recorded.',
  offer: 'The call is not recorded by itself; it may be recorded by hand.',
  ignore: 'The call is not recorded.',
  forbid: 'The call is not recorded, and nobody may record it.',
  hold: 'The call is held sealed until it can be decided.',
};

const SCOPES = {
  call: 'the whole call',
  'external-party': 'as long as its external party is in the call',
  endpoint: 'as long as the user who asked for it is in the call',
} as const;

/** The decision as text for an administrator, a line each: the outcome, its terms, and the word of every layer (D10). */
export function explain(decision: Decision): string[] {
  const lines = [VERDICTS[decision.verdict]];
  if (decision.destroy === true) lines.push('What was captured of it before is destroyed.');
  if (decision.verdict === 'record') lines.push(...termLines(decision));
  if (typeof decision.liveKeepMinutes === 'number') {
    lines.push(
      `It is held, and destroyed unless somebody asks for it within ${decision.liveKeepMinutes} minutes after its end.`,
    );
  }
  for (const party of decision.parties ?? []) lines.push(`Party: ${partyLine(party)}`);
  if (decision.owner !== undefined && decision.verdict !== 'forbid')
    lines.push(`Owner: ${ownerLine(decision.owner, decision)}`);
  if (decision.controls !== undefined) {
    const { start, stopAutomatic, pause } = decision.controls;
    lines.push(`May start: ${who(start)}; stop what is automatic: ${who(stopAutomatic)}; pause: ${who(pause)}.`);
  }
  for (const { layer, says, why } of decision.layers)
    lines.push(`${layer}: ${says === 'nothing' ? '–' : says} – ${why}`);
  return lines;
}

function termLines(decision: Decision): string[] {
  const asks = (decision.asks ?? []).filter((ask) => ask.silencedBy === undefined);
  const lines: string[] = [];
  if (decision.scope !== null && decision.scope !== undefined)
    lines.push(`It is recorded for ${SCOPES[decision.scope]}.`);
  if (asks.length > 0) lines.push(`Asked for by: ${asks.map((ask) => ask.name).join(', ')}.`);
  if (typeof decision.longestSeconds === 'number') lines.push(`It lasts ${decision.longestSeconds} seconds at most.`);
  if (decision.retention !== null && decision.retention !== undefined)
    lines.push(`It is kept ${retentionWords(decision.retention)}.`);
  if (decision.deliveries !== undefined && decision.deliveries.length > 0) {
    lines.push(`It is handed on to ${decision.deliveries.join(', ')}.`);
  }
  return lines;
}

function retentionWords(retention: Retention): string {
  return retention === 'forever' ? 'until somebody deletes it' : `for ${retention.amount} ${retention.unit}`;
}

function partyLine({ id, number, side, userName, userId }: DecidedParty): string {
  const name = userName ?? userId;
  const what = number ?? `party ${id}`;
  return name === undefined ? `${what}, ${side}` : `${what}, ${side}, ${name}`;
}

function ownerLine(owner: Owner, { parties }: Decision): string {
  if (owner.kind === 'unassigned') return 'nobody; it is listed as unassigned.';
  if (owner.kind === 'discard') return 'nobody; such recordings are discarded.';
  const name = parties?.find((party) => party.userId === owner.userId)?.userName ?? owner.userId;
  return owner.kind === 'catch-all' ? `the catch-all user ${name}.` : `${name}.`;
}

function who(control: Control): string {
  if (control.by === 'nobody') return 'nobody';
  if (control.by === 'administrators') return 'administrators only';
  return control.userIds.length === 0 ? 'users in the call' : control.userIds.join(', ');
}

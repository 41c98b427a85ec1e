import type { CallDetail, CallParty } from '../../api/types.ts';
import { twoSides } from '../../words/call.ts';

export const OVERRIDES = ['auto', 'force', 'deny', 'manual'] as const;
export type Override = (typeof OVERRIDES)[number];

/** A made-up call as the address holds it: who calls whom, and how. */
export interface Example {
  readonly from?: string;
  readonly fromUser?: string;
  readonly fromDevice?: string;
  readonly to?: string;
  readonly toUser?: string;
  readonly toDevice?: string;
  readonly dialled?: string;
  readonly presented?: string;
  readonly queue?: string;
  readonly agent?: string;
  readonly pilot?: string;
  readonly trunk?: string;
  readonly tenant?: string;
  readonly override?: Override;
  readonly flow?: 'start' | 'stop';
}

const TEXTS = [
  'from',
  'fromUser',
  'fromDevice',
  'to',
  'toUser',
  'toDevice',
  'dialled',
  'presented',
  'queue',
  'agent',
  'pilot',
  'trunk',
  'tenant',
] as const;

/** Takes what can be read of an address and drops the rest. */
export function readExample(search: Record<string, unknown>): Example {
  const found: Record<string, string> = {};
  for (const key of TEXTS) {
    const value = search[key];
    const text = typeof value === 'string' || typeof value === 'number' ? String(value).trim().slice(0, 200) : '';
    if (text !== '') found[key] = text;
  }
  const override = OVERRIDES.find((word) => word === search['override']);
  const flow = (['start', 'stop'] as const).find((word) => word === search['flow']);
  return { ...found, ...(override === undefined ? {} : { override }), ...(flow === undefined ? {} : { flow }) };
}

/** Long numbers look like numbers to whoever writes the address; they stay texts. */
export function exampleOf(call: CallDetail): Example {
  const { caller, callee } = twoSides<CallParty>(call.parties);
  const facts = isFields(call.moments.at(-1)?.facts) ? (call.moments.at(-1)?.facts as Record<string, unknown>) : {};
  return readExample({
    from: caller?.number ?? undefined,
    to: callee?.number ?? undefined,
    trunk: call.trunk,
    dialled: facts['dialled'],
    presented: facts['presented'],
    queue: facts['queue'],
    pilot: facts['pilot'],
    override: facts['override'],
  });
}

function isFields(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** As the API wants it; null: nobody is named on one of the sides yet. */
export function bodyOf(example: Example): Record<string, unknown> | null {
  const { from, fromUser, fromDevice, to, toUser, toDevice, agent, tenant, flow, ...rest } = example;
  const caller = partyOf({ number: from, userId: fromUser, device: fromDevice });
  const callee = partyOf({ number: to, userId: toUser, device: toDevice, agent });
  const { dialled, presented, queue, pilot, trunk, override } = rest;
  if (caller === null || (callee === null && pilot === undefined && queue === undefined && dialled === undefined))
    return null;
  const optional = { dialled, presented, queue, pilot, trunk, override };
  return {
    from: caller,
    to: callee ?? {},
    ...Object.fromEntries(Object.entries(optional).filter(([, value]) => value !== undefined)),
    ...(tenant === undefined ? {} : { tenants: [tenant] }),
    ...(flow === undefined ? {} : { flow: { step: flow } }),
  };
}

function partyOf(party: Record<string, string | undefined>): Record<string, string> | null {
  const said = Object.entries(party).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return said.length === 0 ? null : Object.fromEntries(said);
}

import { macOf, type CompiledSettings } from './compile.ts';
import { bareNumber, NumberPlan } from './number.ts';
import { accountsOfPilot } from './pilot.ts';
import type { CallFacts, PartyFacts } from './types.ts';

/** Which account a call belongs to (D8), and how that is known. */
export interface AccountFound {
  /** Null: it cannot be told. */
  readonly accountId: string | null;
  /** A sentence. */
  readonly why: string;
}

type Narrow = (ids: readonly string[], what: string) => void;

/**
 * Trunk, tenant, pilot, numbers, names and extensions are asked in this order; each narrows what the ones before left open. What
 * contradicts them is not believed.
 */
export function accountOf(facts: CallFacts, compiled: CompiledSettings, inherited: string): AccountFound {
  const { accounts, settings } = compiled;
  if (accounts.has(inherited)) {
    return {
      accountId: inherited,
      why: `The call has belonged to account ${nameOf(compiled, inherited)} from its beginning.`,
    };
  }
  let left: readonly string[] = compiled.trunks.get(facts.trunk)?.filter((id) => accounts.has(id)) ?? [
    ...accounts.keys(),
  ];
  let why = compiled.trunks.has(facts.trunk) ? `trunk ${facts.trunk} serves it` : 'it is the only one';
  let hasEvidence = compiled.trunks.has(facts.trunk);
  const narrow: Narrow = (ids, what) => {
    if (left.length < 2) return;
    const both = left.filter((id) => ids.includes(id));
    if (both.length === 0) return;
    hasEvidence = true;
    if (both.length < left.length) why = what;
    left = both;
  };
  if (left.length > 1) askEverything(facts, compiled, narrow);
  const [only] = left;
  if (left.length === 1 && only !== undefined) {
    return { accountId: only, why: `The call belongs to account ${nameOf(compiled, only)}: ${why}.` };
  }
  const fallback = settings.defaultAccountId;
  if (fallback !== undefined && accounts.has(fallback)) {
    return {
      accountId: fallback,
      why: `Nothing tells the call's account, so it goes to ${nameOf(compiled, fallback)}, as set.`,
    };
  }
  return {
    accountId: null,
    why: doubt(
      left.map((id) => nameOf(compiled, id)),
      hasEvidence,
    ),
  };
}

function doubt(names: readonly string[], hasEvidence: boolean): string {
  if (!hasEvidence || names.length === 0) return 'Nothing tells which account the call belongs to.';
  return `The call may belong to ${names.slice(0, 3).join(' or ')}${names.length > 3 ? ' or others' : ''}; nothing tells them apart.`;
}

function askEverything(facts: CallFacts, compiled: CompiledSettings, narrow: Narrow): void {
  const lookUp = (index: ReadonlyMap<string, readonly string[]>, keys: readonly string[]) =>
    keys.flatMap((key) => index.get(key) ?? []);
  narrow(
    lookUp(
      compiled.tenants,
      (facts.tenants ?? []).map((one) => one.toLowerCase()),
    ),
    'the metadata name its tenant',
  );
  narrow(accountsOfPilot(facts, compiled), `pilot ${facts.pilot} is its own`);
  const numberKeys = (texts: readonly (string | undefined)[]) => platformKeys(texts, compiled);
  // An external caller may well be a number of another account; what was dialled says more.
  narrow(lookUp(compiled.numbers, numberKeys([facts.dialled])), `${facts.dialled} is one of its numbers`);
  narrow(lookUp(compiled.numbers, numberKeys([facts.presented])), `${facts.presented} is one of its numbers`);
  const parties = oursFirst(facts);
  for (const party of parties)
    narrow(lookUp(compiled.names, nameKeys(party)), `${party.user ?? party.device ?? party.aor} is known there`);
  for (const party of parties) {
    const number = numberOf(party);
    narrow(lookUp(compiled.numbers, numberKeys([number])), `${number} is one of its numbers`);
    narrow(lookUp(compiled.extensions, numberKeys([number])), `${number} is one of its extensions`);
  }
}

/** The party that is likelier ours: callee of an incoming call, caller of an outgoing one. */
function oursFirst(facts: CallFacts): readonly PartyFacts[] {
  const ours = facts.direction === 'IN' ? 'callee' : facts.direction === 'OUT' ? 'caller' : null;
  if (ours === null) return facts.parties;
  return [...facts.parties].sort((a, b) => Number(b.role === ours) - Number(a.role === ours));
}

/** Each account reads numbers by its own country; here only what reads the same everywhere counts, and the country's of each account that is left. */
const worldwide = new NumberPlan(undefined);

function platformKeys(texts: readonly (string | undefined)[], compiled: CompiledSettings): string[] {
  const keys = new Set<string>();
  for (const text of texts) {
    if (text === undefined || text === '') continue;
    for (const key of worldwide.keys(text)) keys.add(key);
    if (bareNumber(text) === null || text.startsWith('+')) continue;
    for (const plan of compiled.plans) for (const key of plan.keys(text)) keys.add(key);
  }
  return [...keys];
}

/** MAC, device and user names of a party, as they are indexed. */
export function nameKeys(party: PartyFacts): string[] {
  const texts = [party.user, party.device, addressOf(party.aor), addressOf(party.aor)?.split('@', 1)[0]];
  const names = texts.flatMap((text) => (text === undefined || text === '' ? [] : [text.toLowerCase()]));
  const mac = party.device === undefined ? null : macOf(party.device);
  return mac === null ? names : [...names, mac];
}

/** The number as signalled, or the user part of the address. */
export function numberOf(party: PartyFacts): string {
  return party.number ?? addressOf(party.aor)?.split('@', 1)[0] ?? '';
}

/** An address of record without scheme and parameters. */
function addressOf(aor: string | undefined): string | undefined {
  return aor?.replace(/^(sips?|tel):/i, '').split(/[;?]/, 1)[0];
}

function nameOf(compiled: CompiledSettings, id: string): string {
  return compiled.accounts.get(id)?.settings.name ?? id;
}

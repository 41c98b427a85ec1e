import { accountOf } from './account.ts';
import type { CompiledAccount, CompiledSettings } from './compile.ts';
import { knowParty, type KnownParty } from './party.ts';
import { dialledPilot, type DialledPilot } from './pilot.ts';
import type { CallFacts, Direction, NumberSettings, QueueSettings } from './types.ts';

/** Who is in a call and whose it is (D8). */
export interface Identified {
  /** Null: it cannot be told which account is meant. */
  readonly account: CompiledAccount | null;
  /** How the account is known, or why not; a sentence. */
  readonly why: string;
  readonly parties: readonly KnownParty[];
  /** Seen from the account. */
  readonly direction: Direction;
  readonly pilot: DialledPilot | null;
  /** The account's numbers that were dialled from outside, and those presented to the outside (D3). */
  readonly dialledNumbers: readonly NumberSettings[];
  readonly presentedNumbers: readonly NumberSettings[];
  readonly queue: QueueSettings | null;
}

/** What earlier decisions of the same call found out. */
export interface Inherited {
  readonly accountId: string;
  readonly direction: Direction;
}

const NOTHING: Inherited = { accountId: '', direction: 'UNKNOWN' };

/** Ties a call to its account and its parties to users and devices. */
export function identify(facts: CallFacts, compiled: CompiledSettings, inherited: Inherited = NOTHING): Identified {
  const { accountId, why } = accountOf(facts, compiled, inherited.accountId);
  const account = accountId === null ? null : (compiled.accounts.get(accountId) ?? null);
  if (account === null) {
    const strangers = { parties: [], pilot: null, dialledNumbers: [], presentedNumbers: [], queue: null };
    return { account: null, why, direction: facts.direction, ...strangers };
  }
  const pilot = dialledPilot(facts, account);
  const parties = facts.parties.map((party) => knowParty(party, account, pilot));
  const dialled = numbersOf(account, facts.dialled, parties, 'callee');
  const presented = numbersOf(account, facts.presented, parties, 'caller');
  const known = { parties, pilot, dialledNumbers: dialled, presentedNumbers: presented };
  const direction = directionOf(facts, known, inherited.direction);
  return { account, why, direction, ...known, queue: queueOf(account, facts, parties) };
}

/**
 * By what was dialled or presented where that is told, and by the number of the party in this part; a party whose part is not known may be
 * either.
 */
function numbersOf(
  account: CompiledAccount,
  told: string | undefined,
  parties: readonly KnownParty[],
  role: 'caller' | 'callee',
): readonly NumberSettings[] {
  if (account.numbers.size === 0) return [];
  const found = new Set<NumberSettings>();
  const keys = [
    ...(told === undefined ? [] : account.plan.keys(told)),
    ...parties.flatMap(({ facts, decided }) =>
      decided.number !== undefined && (facts.role ?? role) === role ? account.plan.keys(decided.number) : [],
    ),
  ];
  for (const key of keys) for (const number of account.numbers.get(key) ?? []) found.add(number);
  return [...found];
}

function queueOf(account: CompiledAccount, facts: CallFacts, parties: readonly KnownParty[]): QueueSettings | null {
  if (account.queues.size === 0) return null;
  const texts = [facts.queue, facts.dialled, ...parties.map(({ decided }) => decided.number)];
  for (const text of texts) {
    if (text === undefined) continue;
    for (const key of [text, text.toLowerCase(), ...account.plan.keys(text)]) {
      const [queue] = account.queues.get(key) ?? [];
      if (queue !== undefined) return queue;
    }
  }
  return null;
}

type Known = Pick<Identified, 'parties' | 'pilot' | 'dialledNumbers' | 'presentedNumbers'>;

/** The protocol's own word, else what the parties' parts, the pilot, and the account's numbers tell; else as it was before. */
function directionOf(facts: CallFacts, known: Known, before: Direction): Direction {
  const { parties, pilot } = known;
  const isDialIn = pilot !== null && pilot.kind !== 'user-id' && pilot.kind !== 'partition-id';
  if (facts.direction === 'DIALIN' || (isDialIn && facts.direction === 'UNKNOWN')) return 'DIALIN';
  const internal = parties.filter(({ decided }) => decided.side === 'internal');
  if (parties.length > 1 && internal.length === parties.length) return 'INTERNAL';
  if (facts.direction !== 'UNKNOWN') return facts.direction;
  if (before !== 'UNKNOWN' && before !== 'INTERNAL') return before;
  return byParts(parties) ?? byNumbers(known) ?? before;
}

function byParts(parties: readonly KnownParty[]): Direction | null {
  const outside = parties.filter(({ decided }) => decided.side === 'external');
  const inside = parties.filter(({ decided }) => decided.side === 'internal');
  if (outside.length === 0 || inside.length === 0) return null;
  const isCaller = (party: KnownParty) => party.facts.role === 'caller';
  const isCallee = (party: KnownParty) => party.facts.role === 'callee';
  if (outside.some(isCaller) || inside.some(isCallee)) return 'IN';
  return inside.some(isCaller) || outside.some(isCallee) ? 'OUT' : null;
}

function byNumbers({ dialledNumbers, presentedNumbers }: Known): Direction | null {
  // A number of a party whose part is unknown stands in both lists and tells nothing.
  if (dialledNumbers.length > 0 && presentedNumbers.length === 0) return 'IN';
  return presentedNumbers.length > 0 && dialledNumbers.length === 0 ? 'OUT' : null;
}

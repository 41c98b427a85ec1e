import type { Identified } from './identify.ts';
import type { KnownParty } from './party.ts';
import type { CallFacts, DeviceSettings, Direction, EndpointSwitches, UserSettings } from './types.ts';

type Way = 'in' | 'out';
type Traffic = 'internal' | 'external';

/**
 * A call as one side of the account sees it: an endpoint, or the account as a whole. Where direction or traffic cannot be told, all that is
 * possible stands in the list, and a setting acts only if it would act in every case: nothing is recorded, and nothing left out, by a guess.
 */
export interface View {
  /** Undefined: the account's view. */
  readonly party: KnownParty | undefined;
  readonly user: UserSettings | undefined;
  readonly device: DeviceSettings | undefined;
  readonly ways: readonly Way[];
  readonly traffics: readonly Traffic[];
  /** Who this side talks to. */
  readonly remotes: readonly KnownParty[];
}

const BOTH_WAYS: readonly Way[] = ['in', 'out'];
const BOTH_TRAFFICS: readonly Traffic[] = ['internal', 'external'];

/** One view for each party that is tied to a user or device. */
export function endpointViews(facts: CallFacts, known: Identified): View[] {
  return known.parties
    .filter(({ user, device }) => user !== undefined || device !== undefined)
    .map((party) => {
      const remotes = known.parties.filter((other) => other !== party);
      return {
        party,
        user: party.user,
        device: party.device,
        ways: waysOf(party, remotes, known.direction),
        traffics: trafficOf(remotes, known.direction, facts.direction),
        remotes,
      };
    });
}

/** The account's own: an internal call is both an outgoing and an incoming one. */
export function accountViews(known: Identified): View[] {
  const { direction, parties } = known;
  const strangers = parties.filter(({ decided }) => decided.side !== 'internal');
  const whole = { party: undefined, user: undefined, device: undefined, remotes: strangers };
  const traffics = accountTraffic(parties, direction);
  if (direction === 'IN') return [{ ...whole, ways: ['in'], traffics }];
  if (direction === 'OUT') return [{ ...whole, ways: ['out'], traffics }];
  if (direction !== 'INTERNAL') return [{ ...whole, ways: BOTH_WAYS, traffics }];
  return BOTH_WAYS.map((way) => ({ ...whole, ways: [way], traffics }));
}

function accountTraffic(parties: readonly KnownParty[], direction: Direction): readonly Traffic[] {
  if (parties.some(({ decided }) => decided.side === 'external')) return ['external'];
  if (direction === 'INTERNAL') return ['internal'];
  return direction === 'IN' || direction === 'OUT' ? ['external'] : BOTH_TRAFFICS;
}

/** By the part of the party itself, else by the part of those it talks to, else by the direction of the call. */
function waysOf(party: KnownParty, remotes: readonly KnownParty[], direction: Direction): readonly Way[] {
  const { role } = party.facts;
  if (role !== undefined) return [role === 'caller' ? 'out' : 'in'];
  if (remotes.some(({ facts }) => facts.role === 'caller')) return ['in'];
  if (remotes.some(({ facts }) => facts.role === 'callee')) return ['out'];
  if (direction === 'IN') return ['in'];
  return direction === 'OUT' ? ['out'] : BOTH_WAYS;
}

/** One external party makes the call external. A remote of whom nothing is told is external when the protocol speaks of a call in or out. */
function trafficOf(remotes: readonly KnownParty[], direction: Direction, told: Direction): readonly Traffic[] {
  if (remotes.some(({ decided }) => decided.side === 'external')) return ['external'];
  if (remotes.length > 0 && remotes.every(({ decided }) => decided.side === 'internal')) return ['internal'];
  if (direction === 'INTERNAL') return ['internal'];
  return told === 'IN' || told === 'OUT' ? ['external'] : BOTH_TRAFFICS;
}

/** Whether a limit to a direction and a traffic takes the view in, whatever is still possible. */
export function isWithin(
  view: View,
  direction: 'in' | 'out' | 'both' | undefined,
  traffic: 'internal' | 'external' | 'both' | undefined,
): boolean {
  const isWay = direction === undefined || direction === 'both' || view.ways.every((way) => way === direction);
  return isWay && (traffic === undefined || traffic === 'both' || view.traffics.every((one) => one === traffic));
}

/** Whether a limit to a direction and a traffic leaves the view out for certain. */
export function isOutside(
  view: View,
  direction: 'in' | 'out' | 'both' | undefined,
  traffic: 'internal' | 'external' | 'both' | undefined,
): boolean {
  const isOtherWay = direction !== undefined && direction !== 'both' && !view.ways.includes(direction);
  return isOtherWay || (traffic !== undefined && traffic !== 'both' && !view.traffics.includes(traffic));
}

export type Cell = keyof EndpointSwitches;

/** The cells of D4 that the view may be in: one when all is known. */
export function cellsOf(view: View): Cell[] {
  return view.ways.flatMap((way) => view.traffics.map((traffic) => CELLS[way][traffic]));
}

const CELLS = {
  in: { internal: 'inboundInternal', external: 'inboundExternal' },
  out: { internal: 'outboundInternal', external: 'outboundExternal' },
} as const satisfies Record<Way, Record<Traffic, Cell>>;

const CELL_WORDS: Readonly<Record<Cell, string>> = {
  inboundInternal: 'incoming internal calls',
  inboundExternal: 'incoming external calls',
  outboundInternal: 'outgoing internal calls',
  outboundExternal: 'outgoing external calls',
};

export function cellWords(cells: readonly Cell[]): string {
  return cells.length > 1 ? 'calls whose direction or origin is not known' : CELL_WORDS[cells[0]!];
}

/** `an incoming external call`, for explanations. */
export function viewWords(view: View): string {
  const way = view.ways.length === 1 ? (view.ways[0] === 'in' ? 'incoming' : 'outgoing') : null;
  const traffic = view.traffics.length === 1 ? view.traffics[0]! : null;
  if (way === null && traffic === null) return 'a call of unknown direction and origin';
  if (way === null) return `an ${traffic} call of unknown direction`;
  return traffic === null ? `an ${way} call of unknown origin` : `an ${way} ${traffic} call`;
}

/** How a party is named in explanations. */
export function partyWords(party: KnownParty): string {
  const { user, device, decided, facts } = party;
  const who = user?.name ?? device?.name ?? facts.name;
  if (who === undefined) return decided.number ?? 'a party without a number';
  return decided.number === undefined || decided.number === who ? who : `${who} (${decided.number})`;
}

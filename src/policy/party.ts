import { nameKeys, numberOf } from './account.ts';
import { macOf, type CompiledAccount } from './compile.ts';
import { bareNumber, isHiddenNumber } from './number.ts';
import { matchesPattern, numberForms } from './pattern.ts';
import { isPilotNumber, type DialledPilot } from './pilot.ts';
import type { DecidedParty, DeviceSettings, IdentifiedBy, PartyFacts, UserSettings } from './types.ts';

/** A party with what the directory knows of it. */
export interface KnownParty {
  readonly facts: PartyFacts;
  readonly decided: DecidedParty;
  readonly user: UserSettings | undefined;
  readonly device: DeviceSettings | undefined;
  /** It is one of the account's own numbers, queues or pilots, or matches an internal pattern. */
  readonly isService: boolean;
}

interface Tie {
  readonly by: IdentifiedBy;
  readonly user?: UserSettings | undefined;
  readonly device?: DeviceSettings;
}

/** Who a party is within its account (D8). The surest sign decides; where several users fit, none is taken and all are named. */
export function knowParty(party: PartyFacts, account: CompiledAccount, pilot: DialledPilot | null): KnownParty {
  const text = numberOf(party);
  const keys = account.plan.keys(text);
  const tied = byPilot(keys, account, pilot) ?? byDevice(party, account) ?? byName(party, account);
  const users = tied === null ? byNumber(keys, account) : null;
  const [only] = users?.users ?? [];
  const tie: Tie | null = tied ?? (users !== null && users.users.length === 1 ? { by: users.by, user: only } : null);
  const final = tie ?? byDeviceNumber(keys, account, users !== null);
  const isService = final === null && users === null && isServiceNumber(text, keys, account);
  const isInternal = final !== null || users !== null || isService;
  const candidates = final === null ? users?.users.map((user) => user.id).sort() : undefined;
  return {
    facts: party,
    user: final?.user,
    device: final?.device,
    isService,
    decided: {
      id: party.id,
      ...(keys[0] === undefined ? {} : { number: keys[0] }),
      side: isInternal ? 'internal' : keys.length > 0 ? 'external' : 'unknown',
      ...(final === null ? {} : tiedTo(final)),
      ...(candidates === undefined ? {} : { candidates }),
    },
  };
}

function tiedTo({ by, user, device }: Tie): Partial<DecidedParty> {
  return {
    by,
    ...(user === undefined ? {} : { userId: user.id, userName: user.name }),
    ...(user?.groupId === undefined ? {} : { groupId: user.groupId }),
    ...(device === undefined ? {} : { deviceId: device.id }),
  };
}

/** Overlapping extensions: the numeric user or partition id behind the pilot's prefix tells whose extension is meant. */
function byPilot(keys: readonly string[], account: CompiledAccount, pilot: DialledPilot | null): Tie | null {
  if (pilot?.kind !== 'user-id' && pilot?.kind !== 'partition-id') return null;
  const here = usersBy(account.byExtension, keys);
  const fits = here.filter((user) =>
    pilot.kind === 'user-id' ? user.numericUserId === pilot.suffix : user.numericPartitionId === pilot.suffix,
  );
  const [user] = fits;
  if (fits.length !== 1) return null;
  return { by: pilot.kind === 'user-id' ? 'numeric-user-id' : 'partition-id', user };
}

function byDevice(party: PartyFacts, account: CompiledAccount): Tie | null {
  if (party.device === undefined) return null;
  const mac = macOf(party.device);
  const found =
    (mac === null ? undefined : account.byMac.get(mac)) ?? account.byDeviceName.get(party.device.toLowerCase());
  if (found?.length !== 1) return null;
  const [device] = found;
  return device === undefined ? null : { by: 'device', device, user: ownerOf(device, account) };
}

function byName(party: PartyFacts, account: CompiledAccount): Tie | null {
  for (const key of nameKeys(party)) {
    const found = account.byPbxName.get(key);
    if (found?.length === 1) return { by: 'pbx-user', user: found[0] };
  }
  const agents = party.agent === undefined ? undefined : account.byAgent.get(party.agent.toLowerCase());
  return agents?.length === 1 ? { by: 'agent', user: agents[0] } : null;
}

function byNumber(
  keys: readonly string[],
  account: CompiledAccount,
): { by: IdentifiedBy; users: UserSettings[] } | null {
  const byExtension = usersBy(account.byExtension, keys);
  if (byExtension.length > 0) return { by: 'extension', users: byExtension };
  const byAlias = usersBy(account.byAlias, keys);
  return byAlias.length > 0 ? { by: 'alias', users: byAlias } : null;
}

/** A device that has a number or registration name of its own. */
function byDeviceNumber(keys: readonly string[], account: CompiledAccount, isUsers: boolean): Tie | null {
  if (isUsers) return null;
  for (const key of keys) {
    const found = account.byDeviceName.get(key);
    const [device] = found ?? [];
    if (found?.length === 1 && device !== undefined)
      return { by: 'device-name', device, user: ownerOf(device, account) };
  }
  return null;
}

function ownerOf(device: DeviceSettings, account: CompiledAccount): UserSettings | undefined {
  return device.userId === undefined ? undefined : account.users.get(device.userId);
}

function usersBy(index: ReadonlyMap<string, readonly UserSettings[]>, keys: readonly string[]): UserSettings[] {
  for (const key of keys) {
    const found = index.get(key);
    if (found !== undefined) return [...found];
  }
  return [];
}

/** Whether this is a number of the recorder itself; as signalled, since pilots are numbers within the PBX. */
export function isPilot(text: string, account: CompiledAccount): boolean {
  const bare = bareNumber(text);
  return bare !== null && account.pilots.some((pilot) => isPilotNumber(pilot, bare));
}

function isServiceNumber(text: string, keys: readonly string[], account: CompiledAccount): boolean {
  if (keys.length === 0 || isHiddenNumber(keys[0]!)) return false;
  if (keys.some((key) => account.numbers.has(key) || account.queues.has(key))) return true;
  if (isPilot(text, account)) return true;
  if (account.internal.length === 0) return false;
  const forms = numberForms(text, account.plan);
  return account.internal.some((pattern) => matchesPattern(pattern, forms));
}

import { indexRules, type RuleIndexes } from './rule-index.ts';
import { NumberPlan } from './number.ts';
import { type NumberPattern, readPattern } from './pattern.ts';
import type {
  AccountSettings,
  DeviceSettings,
  ExclusionSettings,
  GroupSettings,
  NumberSettings,
  PilotSettings,
  PolicySettings,
  QueueSettings,
  UserSettings,
} from './types.ts';

/** Settings with everything at hand that deciding looks up. Made once per snapshot; never changed. */
export interface CompiledSettings {
  readonly settings: PolicySettings;
  readonly accounts: ReadonlyMap<string, CompiledAccount>;
  readonly trunks: ReadonlyMap<string, readonly string[]>;
  /** Account ids by tenant id in lower case. */
  readonly tenants: ReadonlyMap<string, readonly string[]>;
  /** Account ids by the keys of their own numbers and of their users' aliases. */
  readonly numbers: ReadonlyMap<string, readonly string[]>;
  /** Account ids by MAC, device name and PBX user name. */
  readonly names: ReadonlyMap<string, readonly string[]>;
  /** Account ids by extension. */
  readonly extensions: ReadonlyMap<string, readonly string[]>;
  /** One for each country that an account is in. */
  readonly plans: readonly NumberPlan[];
}

export interface CompiledAccount {
  readonly settings: AccountSettings;
  readonly plan: NumberPlan;
  readonly users: ReadonlyMap<string, UserSettings>;
  readonly groups: ReadonlyMap<string, GroupSettings>;
  readonly byExtension: ReadonlyMap<string, readonly UserSettings[]>;
  readonly byAlias: ReadonlyMap<string, readonly UserSettings[]>;
  readonly byPbxName: ReadonlyMap<string, readonly UserSettings[]>;
  readonly byAgent: ReadonlyMap<string, readonly UserSettings[]>;
  readonly byNumericId: ReadonlyMap<string, readonly UserSettings[]>;
  readonly byMac: ReadonlyMap<string, readonly DeviceSettings[]>;
  readonly byDeviceName: ReadonlyMap<string, readonly DeviceSettings[]>;
  readonly numbers: ReadonlyMap<string, readonly NumberSettings[]>;
  /** By id, name in lower case and number. */
  readonly queues: ReadonlyMap<string, readonly QueueSettings[]>;
  /** The account's own and the platform's. */
  readonly pilots: readonly CompiledPilot[];
  readonly internal: readonly NumberPattern[];
  readonly exclusions: readonly { readonly setting: ExclusionSettings; readonly pattern: NumberPattern }[];
  readonly rules: RuleIndexes;
}

export interface CompiledPilot {
  readonly kind: PilotSettings['kind'];
  readonly digits: string;
}

const compiledOf = new WeakMap<PolicySettings, CompiledSettings>();

/** The same snapshot is compiled once. @throws EarshotError BAD_REQUEST for a pattern that cannot be read */
export function compile(settings: PolicySettings): CompiledSettings {
  const known = compiledOf.get(settings);
  if (known !== undefined) return known;
  const compiled = build(settings);
  compiledOf.set(settings, compiled);
  return compiled;
}

function build(settings: PolicySettings): CompiledSettings {
  const platform = (settings.pilots ?? []).map(compilePilot);
  const plans = new Map<string, NumberPlan>();
  const planOf = (country = '') => {
    const plan = plans.get(country) ?? new NumberPlan(country);
    plans.set(country, plan);
    return plan;
  };
  const accounts = new Map(
    settings.accounts.map((one) => [one.id, compileAccount(one, planOf(one.country), platform)]),
  );
  const tenants = new Lists<string>();
  const numbers = new Lists<string>();
  const names = new Lists<string>();
  const extensions = new Lists<string>();
  for (const [id, account] of accounts) {
    for (const tenant of account.settings.tenants ?? []) tenants.add(tenant.toLowerCase(), id);
    for (const key of account.numbers.keys()) numbers.add(key, id);
    for (const key of account.byAlias.keys()) numbers.add(key, id);
    for (const index of [account.byMac, account.byDeviceName, account.byPbxName]) {
      for (const key of index.keys()) names.add(key, id);
    }
    for (const key of account.byExtension.keys()) extensions.add(key, id);
  }
  const trunks = new Map((settings.trunks ?? []).map((trunk) => [trunk.name, trunk.accountIds]));
  return {
    settings,
    accounts,
    trunks,
    tenants: tenants.map,
    numbers: numbers.map,
    names: names.map,
    extensions: extensions.map,
    plans: [...plans.values()],
  };
}

function compileAccount(
  account: AccountSettings,
  plan: NumberPlan,
  platform: readonly CompiledPilot[],
): CompiledAccount {
  return {
    settings: account,
    plan,
    groups: new Map((account.groups ?? []).map((group) => [group.id, group])),
    ...indexUsers(account.users ?? [], plan),
    ...indexDevices(account.devices ?? [], plan),
    numbers: listed(account.numbers ?? [], (number) => [plan.key(number.number)]),
    queues: listed(account.queues ?? [], (queue) => [
      queue.id,
      queue.name.toLowerCase(),
      ...(queue.numbers ?? []).map((number) => plan.key(number)),
    ]),
    pilots: [...(account.pilots ?? []).map(compilePilot), ...platform],
    internal: (account.internalPatterns ?? []).map((text) => readPattern(text, plan)),
    exclusions: (account.filters?.exclusions ?? []).map((setting) => ({
      setting,
      pattern: readPattern(setting.pattern, plan),
    })),
    rules: indexRules(account),
  };
}

function indexUsers(users: readonly UserSettings[], plan: NumberPlan) {
  return {
    users: new Map(users.map((user) => [user.id, user])),
    byExtension: listed(users, (user) => (user.extensions ?? []).map((extension) => plan.key(extension))),
    byAlias: listed(users, (user) => (user.aliases ?? []).map((alias) => plan.key(alias))),
    byPbxName: listed(users, (user) => (user.pbxUserName === undefined ? [] : [user.pbxUserName.toLowerCase()])),
    byAgent: listed(users, (user) => (user.agentId === undefined ? [] : [user.agentId.toLowerCase()])),
    byNumericId: listed(users, (user) => (user.numericUserId === undefined ? [] : [user.numericUserId])),
  };
}

function indexDevices(devices: readonly DeviceSettings[], plan: NumberPlan) {
  return {
    byMac: listed(devices, (device) => [macOf(device.mac ?? '') ?? '']),
    byDeviceName: listed(devices, (device) => [
      device.name.toLowerCase(),
      ...(device.aliases ?? []).map((alias) => plan.key(alias)),
    ]),
  };
}

function compilePilot(pilot: PilotSettings): CompiledPilot {
  return { kind: pilot.kind, digits: pilot.number.replaceAll(/[^\d*#]/g, '') };
}

/** 12 hexadecimal digits in lower case of a MAC or a device name such as `SEP001795BDD16B`; null when there is none. */
export function macOf(text: string): string | null {
  return /^[a-z]{0,4}([0-9a-f]{12})$/.exec(text.toLowerCase().replaceAll(/[:.\-\s]/g, ''))?.[1] ?? null;
}

/** A map of lists, each value once per key; the keys of one value come one after the other. */
class Lists<T> {
  readonly map = new Map<string, T[]>();

  add(key: string, value: T): void {
    if (key === '') return;
    const list = this.map.get(key);
    if (list === undefined) this.map.set(key, [value]);
    else if (list.at(-1) !== value) list.push(value);
  }
}

function listed<T>(items: readonly T[], keysOf: (item: T) => readonly string[]): ReadonlyMap<string, readonly T[]> {
  const lists = new Lists<T>();
  for (const item of items) for (const key of keysOf(item)) lists.add(key, item);
  return lists.map;
}

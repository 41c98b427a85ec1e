import { type Actor, ROLES, type Role, type TokenScope } from './actor.ts';
import { type Reach, reachOf } from './reach.ts';

export { type Narrowing, narrowingOf, type Reach, reachOf } from './reach.ts';

/**
 * Who may do what, in one place and without I/O: (actor, action, subject) → yes or no. Every transport asks here, and the web client
 * is given the same answers, so that it hides what would be refused. Each action stands with the lowest level that may take it, within
 * its reach; docs/access.md explains them.
 */
const LOWEST = {
  'recordings.list': 'user',
  'recordings.read': 'user',
  'recordings.play': 'user',
  'recordings.download': 'user',
  'recordings.delete': 'administrator',
  'recordings.trace': 'administrator',
  'calls.live': 'user',
  'calls.list': 'user',
  /** Start, stop, pause, resume, keep, drop; the call's own decision has the last word. */
  'calls.control': 'user',
  /** What a call flow says of a call: its steps (D6) and the override (D2). */
  'calls.flow': 'administrator',
  'calls.hangup': 'administrator',
  explain: 'user',
  'events.read': 'user',
  /** Everything inside an account. */
  'directory.read': 'administrator',
  'directory.change': 'administrator',
  /** A user's own switches, where the account allows it. */
  'own.change': 'user',
  /** Accounts of a brand, and whether on-demand recording is allowed in them. */
  'brand.change': 'brand',
  /** Brands, trunks, accounts without a brand, settings of the platform. */
  'platform.change': 'operator',
  'people.read': 'administrator',
  'people.change': 'administrator',
  'settings.read': 'administrator',
  'settings.change': 'operator',
  'tokens.read': 'user',
  'tokens.change': 'user',
  'audit.read': 'administrator',
  'status.read': 'operator',
  'metrics.read': 'operator',
  'password.change': 'user',
} as const satisfies Readonly<Record<string, Role>>;

export type Action = keyof typeof LOWEST;

export const ACTIONS = Object.keys(LOWEST) as readonly Action[];

/**
 * What an action is done to. Nothing said: a list, which is narrowed by {@link narrowingOf}, or something that belongs to nobody.
 * `accountId` null: something above the accounts, which only the platform reaches, and the brand that is named.
 */
export interface Subject {
  readonly accountId?: string | null;
  readonly brandId?: string | null;
  /** Directory users concerned: the parties of a call and its owner. A user reaches only what concerns him. */
  readonly userIds?: readonly string[];
}

const ROLE_ACTIONS = Object.fromEntries(
  ROLES.map((role) => [
    role,
    new Set(ACTIONS.filter((action) => ROLES.indexOf(role) <= ROLES.indexOf(LOWEST[action]))),
  ]),
) as unknown as Readonly<Record<Role, ReadonlySet<Action>>>;

const CHANGES: readonly Action[] = [
  'recordings.delete',
  'calls.control',
  'calls.flow',
  'calls.hangup',
  'directory.change',
  'own.change',
  'brand.change',
  'platform.change',
  'people.change',
  'settings.change',
];

/** What makes further ways in: a token that leaked must not outlive its revocation. */
const KEYS: readonly Action[] = ['tokens.change', 'people.change', 'password.change'];

const SCOPE_ACTIONS: Readonly<Record<TokenScope, ReadonlySet<Action>>> = {
  full: without(...KEYS),
  read: without(...KEYS, ...CHANGES),
  metrics: new Set<Action>(['metrics.read', 'status.read']),
  control: new Set<Action>(['calls.control', 'calls.flow']),
};

/** The operator owns the machine and thus the keys; only what needs a person's account has no meaning for him. */
const OPERATOR_ACTIONS = without('password.change');

const PHONE_ACTIONS: ReadonlySet<Action> = new Set<Action>(['calls.control']);

/** Whether the actor may take the action on the subject. */
export function may(actor: Actor, action: Action, subject: Subject = {}): boolean {
  return allowedActions(actor).has(action) && reaches(reachOf(actor), subject);
}

/** All actions of the actor, for the client. Which subjects they reach is asked one by one. */
export function abilitiesOf(actor: Actor): Action[] {
  const allowed = allowedActions(actor);
  return ACTIONS.filter((action) => allowed.has(action));
}

function allowedActions(actor: Actor): ReadonlySet<Action> {
  switch (actor.kind) {
    case 'anonymous':
      return NONE;
    case 'operator':
      return OPERATOR_ACTIONS;
    case 'user':
      return ROLE_ACTIONS[actor.user.role];
    case 'phone':
      return PHONE_ACTIONS;
    case 'token': {
      const makers = actor.user === null ? OPERATOR_ACTIONS : ROLE_ACTIONS[actor.user.role];
      return SCOPE_ACTIONS[actor.scope].intersection(ROLE_ACTIONS[actor.role]).intersection(makers);
    }
  }
}

/** Where it is not said whom a thing concerns, a user does not reach it. */
function reaches(reach: Reach, { accountId, brandId, userIds }: Subject): boolean {
  if (reach.kind === 'platform') return true;
  if (reach.kind === 'nothing') return false;
  const isOpen = accountId === undefined && brandId === undefined;
  if (isOpen) return true;
  switch (reach.kind) {
    case 'brand':
      if (brandId === reach.brandId) return true;
      return typeof accountId === 'string' && reach.accountIds.includes(accountId);
    case 'account':
      return accountId === reach.accountId;
    case 'user':
      return accountId === reach.accountId && userIds?.includes(reach.userId) === true;
  }
}

function without(...actions: Action[]): ReadonlySet<Action> {
  return new Set(ACTIONS.filter((action) => !actions.includes(action)));
}

const NONE: ReadonlySet<Action> = new Set();

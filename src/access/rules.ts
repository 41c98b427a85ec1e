import type { Actor, Role, TokenScope } from './actor.ts';

/**
 * Who may do what, in one place and without I/O: (actor, action, subject) → yes or no. Every transport asks here, and the web client
 * is given the same answers, so that it hides what would be refused.
 */
export const ACTIONS = [
  'recordings.list',
  'recordings.read',
  'recordings.play',
  'recordings.download',
  'recordings.delete',
  'recordings.trace',
  'calls.live',
  'events.read',
  'settings.read',
  'settings.change',
  'tokens.read',
  'tokens.change',
  'audit.read',
  'status.read',
  'metrics.read',
  'password.change',
] as const;

export type Action = (typeof ACTIONS)[number];

/** What an action is done to. Left out: something that belongs to no account, or a list that is filtered by account. */
export interface Subject {
  readonly accountId?: string;
}

const ROLE_ACTIONS: Readonly<Record<Role, ReadonlySet<Action>>> = {
  administrator: new Set(ACTIONS),
};

const SCOPE_ACTIONS: Readonly<Record<TokenScope, ReadonlySet<Action>>> = {
  // A token cannot make further tokens: one that leaked must not outlive its revocation.
  full: without('tokens.change', 'password.change'),
  read: without('tokens.change', 'password.change', 'settings.change', 'recordings.delete'),
  metrics: new Set<Action>(['metrics.read', 'status.read']),
};

/** The operator owns the machine and thus the keys; only what needs a person's account has no meaning for him. */
const OPERATOR_ACTIONS = without('password.change');

/** Whether the actor may take the action on the subject. */
export function may(actor: Actor, action: Action, subject: Subject = {}): boolean {
  return allowedActions(actor).has(action) && reaches(actor, subject);
}

/** All actions of the actor, for the client. Which subjects they reach is asked one by one. */
export function abilitiesOf(actor: Actor): Action[] {
  const allowed = allowedActions(actor);
  return ACTIONS.filter((action) => allowed.has(action));
}

/** The account to which lists are narrowed; null: all. Ask {@link may} first: it says nothing of the right to list. */
export function accountOf(actor: Actor): string | null {
  if (actor.kind === 'user') return actor.user.accountId;
  if (actor.kind === 'token') return actor.accountId;
  return null;
}

function allowedActions(actor: Actor): ReadonlySet<Action> {
  switch (actor.kind) {
    case 'anonymous':
      return NOTHING;
    case 'operator':
      return OPERATOR_ACTIONS;
    case 'user':
      return ROLE_ACTIONS[actor.user.role];
    case 'token': {
      const makers = actor.user === null ? OPERATOR_ACTIONS : ROLE_ACTIONS[actor.user.role];
      return SCOPE_ACTIONS[actor.scope].intersection(makers);
    }
  }
}

function reaches(actor: Actor, subject: Subject): boolean {
  const account = accountOf(actor);
  return account === null || subject.accountId === undefined || subject.accountId === account;
}

function without(...actions: Action[]): ReadonlySet<Action> {
  return new Set(ACTIONS.filter((action) => !actions.includes(action)));
}

const NOTHING: ReadonlySet<Action> = new Set();

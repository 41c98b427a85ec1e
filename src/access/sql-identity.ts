import type { Identity } from './actor.ts';
import { isRole } from './store.ts';

/** The columns of `users` that say who somebody is. */
export interface UserColumns {
  id: string;
  login: string;
  name: string;
  role: string;
  account_id: string;
}

/** Undefined for a role that this version does not know. */
export function identityOf(row: UserColumns): Identity | undefined {
  if (!isRole(row.role)) return undefined;
  return { id: row.id, login: row.login, name: row.name, role: row.role, accountId: row.account_id };
}

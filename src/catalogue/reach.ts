import { sql, type RawBuilder } from 'kysely';

/** Whose rows a reader sees; made by the rules of access, narrowed in SQL. */
export interface Reach {
  /** Null: of all accounts. Empty: nothing. */
  readonly accountIds: readonly string[] | null;
  /** Only what this user of the directory takes part in or owns. Ids of users are unique within one account only: give just that one. */
  readonly userId?: string | null | undefined;
}

/** Everything: for upkeep and the platform's operator. */
export const EVERYTHING: Reach = { accountIds: null };

/** Whether it is not narrowed to what concerns one user. */
export function isWhole({ userId }: Reach): boolean {
  return userId === undefined || userId === null;
}

/** The condition on an account column. One account is compared by `=`, so that an index gives its rows in their order. */
export function within(reach: Reach, column: string): RawBuilder<boolean> {
  const { accountIds } = reach;
  if (accountIds === null) return sql<boolean>`true`;
  const [only] = accountIds;
  if (accountIds.length === 1) return sql<boolean>`${sql.ref(column)} = ${only}`;
  return sql<boolean>`${sql.ref(column)} = any(${[...accountIds]})`;
}

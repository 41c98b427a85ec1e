import { useNames } from '../../directory/queries.ts';
import type { idsIn, NameOf } from '../../words/changes.ts';

/** Names of the users, groups, roles and teams that something speaks of. */
export function useNameOf(accountId: string, ids: ReturnType<typeof idsIn>): NameOf {
  const users = useNames(accountId, 'users', ids.users);
  const groups = useNames(accountId, 'groups', ids.groups);
  const roles = useNames(accountId, 'roles', ids.roles);
  const teams = useNames(accountId, 'teams', ids.teams);
  return (id) => users.get(id) ?? groups.get(id) ?? roles.get(id) ?? teams.get(id);
}

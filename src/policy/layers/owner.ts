import type { CompiledAccount } from '../compile.ts';
import type { Ask, Decision, LayerWord, Owner, UserSettings } from '../types.ts';
import type { View } from '../view.ts';
import type { Case } from './case.ts';

/**
 * Whose recording it is (D8): the user whose setting asked, else the user who was called or who calls; once it is somebody's, it stays his
 * through transfers. Nobody's: as the account says; listed when it says nothing.
 */
export function ownerLayer(
  one: Case,
  active: readonly Ask[],
  previous: Decision | null,
): { owner: Owner; word: LayerWord } {
  if (previous?.verdict === 'record' && previous.owner?.kind === 'user') {
    const { owner } = previous;
    return {
      owner,
      word: told(`It stays with ${nameOf(owner.userId, one.account)}, to whom it has belonged from its beginning.`),
    };
  }
  const user = userOf(one, active);
  if (user !== undefined) {
    return {
      owner: { kind: 'user', userId: user.id, groupId: user.groupId ?? null },
      word: told(`It belongs to ${user.name}.`),
    };
  }
  if (previous?.owner?.kind === 'user')
    return { owner: previous.owner, word: told('It stays with its user, who has left.') };
  return nobodys(one.account);
}

function userOf({ endpoints, known }: Case, active: readonly Ask[]): UserSettings | undefined {
  const ours = known.direction === 'IN' ? 'callee' : 'caller';
  const sorted = endpoints
    .filter((view) => view.user !== undefined)
    .sort((a, b) => Number(isRole(b, ours)) - Number(isRole(a, ours)));
  const asking = new Set(active.filter((ask) => ask.scope === 'endpoint').flatMap((ask) => ask.anchors));
  return (sorted.find(({ party }) => asking.has(party!.decided.id)) ?? sorted[0])?.user;
}

function isRole(view: View, role: 'caller' | 'callee'): boolean {
  return view.party?.facts.role === role;
}

function nobodys(account: CompiledAccount): { owner: Owner; word: LayerWord } {
  const { unassigned } = account.settings;
  if (unassigned?.to === 'catch-all') {
    const user = account.users.get(unassigned.userId);
    if (user !== undefined) {
      const owner = { kind: 'catch-all', userId: user.id, groupId: user.groupId ?? null } as const;
      return { owner, word: told(`It fits no user, so it goes to the catch-all user ${user.name}.`) };
    }
    return {
      owner: { kind: 'unassigned' },
      word: told('It fits no user, and the catch-all user is gone: it is listed as unassigned.'),
    };
  }
  if (unassigned?.to === 'discard') {
    const why = 'It fits no user, and the account is set to discard such recordings.';
    return { owner: { kind: 'discard' }, word: { layer: 'owner', says: 'ignore', why } };
  }
  return { owner: { kind: 'unassigned' }, word: told('It fits no user: it is listed as unassigned.') };
}

function told(why: string): LayerWord {
  return { layer: 'owner', says: 'nothing', why };
}

function nameOf(userId: string, account: CompiledAccount): string {
  return account.users.get(userId)?.name ?? 'its user';
}

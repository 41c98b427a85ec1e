import { EarshotError } from '../../base/errors.ts';
import type { AccountSettings, CallFacts, PartyFacts, PolicySettings } from '../../policy/types.ts';
import type { MadeUpCall, MadeUpParty } from './schema.ts';

/** A made-up call as an intake would tell of it. @throws EarshotError NOT_FOUND for a user whom the account does not have */
export function factsOf(call: MadeUpCall, account: AccountSettings): CallFacts {
  const { from, to, direction = 'UNKNOWN', trunk = '', ...told } = call;
  return {
    trunk,
    direction,
    vendorIds: {},
    parties: [partyOf('from', 'caller', from, account), partyOf('to', 'callee', to, account)].filter(
      (party) => party !== null,
    ),
    ...told,
  };
}

/** Null where nothing is told of the party. */
function partyOf(
  id: string,
  role: 'caller' | 'callee',
  { userId, ...told }: MadeUpParty,
  account: AccountSettings,
): PartyFacts | null {
  const known = userId === undefined ? {} : signalledFor(userId, id, account);
  const party = { ...known, ...told };
  return Object.keys(party).length === 0 ? null : { id, role, ...party };
}

/** What a PBX would signal of a user. */
function signalledFor(userId: string, key: string, account: AccountSettings): Partial<PartyFacts> {
  const user = account.users?.find((one) => one.id === userId);
  if (user === undefined)
    throw new EarshotError('NOT_FOUND', 'the account has no such user.', { key: `${key}.userId` });
  const number = user.extensions?.[0] ?? user.aliases?.[0];
  if (number === undefined && user.pbxUserName === undefined) {
    throw new EarshotError('BAD_REQUEST', `${user.name} has no extension and no user name at the PBX.`, {
      key: `${key}.userId`,
    });
  }
  return {
    name: user.name,
    ...(number === undefined ? {} : { number }),
    ...(user.pbxUserName === undefined ? {} : { user: user.pbxUserName }),
  };
}

/**
 * The settings as if there were this account alone: a made-up call is one of its own, and nothing of other accounts shows in the answer.
 * @throws EarshotError NOT_FOUND when the settings in force do not have the account yet
 */
export function settingsOfAccount(
  settings: PolicySettings | null,
  accountId: string,
): { account: AccountSettings; settings: PolicySettings } {
  const account = settings?.accounts.find(({ id }) => id === accountId);
  if (settings === null || account === undefined) {
    throw new EarshotError('UNAVAILABLE', 'the settings of this account are not in force yet.', {
      remedy: 'Try again in a moment.',
    });
  }
  const { brands = [], trunks = [], ...rest } = settings;
  const own = {
    ...rest,
    accounts: [account],
    brands: brands.filter(({ id }) => id === account.brandId),
    trunks: trunks
      .filter(({ accountIds }) => accountIds.includes(accountId))
      .map(({ name }) => ({ name, accountIds: [accountId] })),
    defaultAccountId: accountId,
  };
  return { account, settings: own };
}

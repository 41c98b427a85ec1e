import type { AccountSettings, UserSettings } from '../policy/types.ts';
import { type AccountPolicy, type Kind, KINDS, nameOf, type UserValue, type Value, type Values } from './values.ts';

/** What an account's settings are made of. */
export interface AccountContent {
  readonly id: string;
  readonly name: string;
  readonly brandId: string | null;
  readonly policy: AccountPolicy;
  /** Values by kind and id, in any order. */
  readonly entries: { readonly [K in Kind]: ReadonlyMap<string, Values[K]> };
}

/** Fields of a user that no decision needs; they stay out of the snapshot. */
const PERSONAL = ['firstName', 'lastName', 'userName', 'department', 'language', 'additionalGroupIds', 'mail'] as const;

/** The account as policy decides by it. */
export function accountSettings({ id, name, brandId, policy, entries }: AccountContent): AccountSettings {
  const lists: Record<string, unknown[]> = {};
  for (const kind of KINDS) {
    const list = [...entries[kind]].map(([entryId, value]) => settingOf(kind, entryId, value));
    if (list.length > 0) lists[kind] = list;
  }
  return { ...policy, ...lists, id, name, ...(brandId === null ? {} : { brandId }) };
}

function settingOf(kind: Kind, id: string, value: Value): object {
  return kind === 'users' ? userSettings(id, value as UserValue) : { ...value, id };
}

function userSettings(id: string, value: UserValue): UserSettings {
  const setting: Record<string, unknown> = { ...value, id, name: nameOf('users', value) };
  for (const field of PERSONAL) delete setting[field];
  return setting as unknown as UserSettings;
}

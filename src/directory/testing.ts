import { systemClock } from '../base/clock.ts';
import { systemRandom } from '../base/ids.ts';
import { openTestCatalogue, type TestCatalogue } from '../catalogue/testing.ts';
import { Directory, type DirectoryParts } from './directory.ts';
import type { Changed } from './port.ts';
import { secretBox } from './secret-box.ts';
import type { AccountPolicy, Author, Kind, Values } from './values.ts';

export const ALICE: Author = { id: 'user:alice', name: 'alice' };
export const BOB: Author = { id: 'user:bob', name: 'bob' };

/** A directory for tests on a real database. */
export interface TestDirectory {
  readonly catalogue: TestCatalogue;
  readonly parts: DirectoryParts;
  readonly directory: Directory;
  /** How often listeners were told of a change. */
  told(): number;
  /** A new account with nothing in it. */
  account(policy?: AccountPolicy): Promise<string>;
  add<K extends Kind>(accountId: string, kind: K, value: Values[K]): Promise<Changed<K>>;
  close(): Promise<void>;
}

export async function openTestDirectory(): Promise<TestDirectory> {
  const catalogue = await openTestCatalogue();
  let told = 0;
  const parts: DirectoryParts = {
    db: catalogue.catalogue.db,
    clock: systemClock(),
    random: systemRandom,
    box: secretBox('a secret of the tests', systemRandom),
    fromFile: [],
    onChanged: async () => void (told += 1),
  };
  const directory = new Directory(parts);
  let accounts = 0;
  return {
    catalogue,
    parts,
    directory,
    told: () => told,
    account: async (policy = {}) =>
      (await directory.createAccount(ALICE, { name: `Account ${++accounts}`, brandId: null, policy })).id,
    add: (accountId, kind, value) => directory.create(ALICE, accountId, kind, value),
    close: () => catalogue.close(),
  };
}

export function person(firstName: string, more: Partial<Values['users']> = {}): Values['users'] {
  return { firstName, lastName: 'Example', ...more };
}

import type { EndpointSwitches } from '../policy/types.ts';
import * as accounts from './accounts.ts';
import * as brands from './brands.ts';
import * as entries from './entries.ts';
import * as history from './history.ts';
import * as matrix from './matrix.ts';
import * as platform from './platform.ts';
import type {
  DirectoryPort,
  EntryQuery,
  HistoryQuery,
  MatrixQuery,
  NewAccount,
  PlatformValues,
  TrialEdit,
  TrunkValue,
} from './port.ts';
import { accountWith } from './trial.ts';
import * as trunks from './trunks.ts';
import type { Author, Kind, Values } from './values.ts';

export type DirectoryParts = trunks.TrunkParts;

/** What people set, out of the database and into it. */
export class Directory implements DirectoryPort {
  readonly #parts: DirectoryParts;

  constructor(parts: DirectoryParts) {
    this.#parts = parts;
  }

  accounts(scope: Parameters<DirectoryPort['accounts']>[0]) {
    return accounts.listAccounts(this.#parts.db, scope);
  }

  account(id: string) {
    return accounts.getAccount(this.#parts.db, id);
  }

  createAccount(author: Author, account: NewAccount) {
    return accounts.createAccount(this.#parts, author, account);
  }

  changeAccount(author: Author, id: string, revision: number, change: Partial<NewAccount>) {
    return accounts.changeAccount(this.#parts, author, id, revision, change);
  }

  deleteAccount(author: Author, id: string, revision: number) {
    return accounts.deleteAccount(this.#parts, author, id, revision);
  }

  brands() {
    return brands.listBrands(this.#parts.db);
  }

  brand(id: string) {
    return brands.getBrand(this.#parts.db, id);
  }

  createBrand(author: Author, name: string) {
    return brands.createBrand(this.#parts, author, name);
  }

  changeBrand(author: Author, id: string, revision: number, name: string) {
    return brands.changeBrand(this.#parts, author, id, revision, name);
  }

  deleteBrand(author: Author, id: string, revision: number) {
    return brands.deleteBrand(this.#parts, author, id, revision);
  }

  trunks() {
    return trunks.listTrunks(this.#parts);
  }

  createTrunk(author: Author, name: string, value: TrunkValue) {
    return trunks.createTrunk(this.#parts, author, name, value);
  }

  changeTrunk(author: Author, name: string, revision: number, value: TrunkValue) {
    return trunks.changeTrunk(this.#parts, author, name, revision, value);
  }

  deleteTrunk(author: Author, name: string, revision: number) {
    return trunks.deleteTrunk(this.#parts, author, name, revision);
  }

  platform() {
    return platform.readPlatform(this.#parts.db);
  }

  changePlatform(author: Author, change: PlatformValues) {
    return platform.changePlatform(this.#parts, author, change);
  }

  list<K extends Kind>(accountId: string, kind: K, query: EntryQuery) {
    return entries.listEntries(this.#parts.db, accountId, kind, query);
  }

  get<K extends Kind>(accountId: string, kind: K, id: string) {
    return entries.getEntry(this.#parts.db, accountId, kind, id);
  }

  create<K extends Kind>(author: Author, accountId: string, kind: K, value: Values[K]) {
    return entries.createEntry(this.#parts, author, accountId, kind, value);
  }

  change<K extends Kind>(author: Author, accountId: string, kind: K, id: string, revision: number, value: Values[K]) {
    return entries.changeEntry(this.#parts, author, accountId, kind, id, { revision, value });
  }

  remove(author: Author, accountId: string, kind: Kind, id: string, revision: number) {
    return entries.removeEntry(this.#parts, author, accountId, kind, id, revision);
  }

  accountWith(accountId: string, edits: readonly TrialEdit[]) {
    return accountWith(this.#parts, accountId, edits);
  }

  matrix(accountId: string, query: MatrixQuery) {
    return matrix.readMatrix(this.#parts.db, accountId, query);
  }

  setOwn(author: Author, accountId: string, id: string, own: EndpointSwitches) {
    return matrix.setOwn(this.#parts, author, accountId, id, own);
  }

  ownerOf(accountId: string, id: string) {
    return matrix.ownerOf(this.#parts.db, accountId, id);
  }

  history(accountId: string, query: HistoryQuery) {
    return history.listHistory(this.#parts.db, accountId, query);
  }

  undoNeeds(accountId: string, changeId: string) {
    return history.undoNeeds(this.#parts.db, accountId, changeId);
  }

  undo(author: Author, accountId: string, changeId: string) {
    return history.undoChange(this.#parts, author, accountId, changeId);
  }
}

import type { TrunkConfig, TrunkHeaders } from '../base/trunks.ts';
import type { JsonValue } from '../base/json.ts';
import type { AccountSettings, EndpointSwitches, PilotSettings } from '../policy/types.ts';
import type { Account, AccountPolicy, Author, Brand, Entry, Kind, Value, Values } from './values.ts';

/** What the directory offers to the rest: the API and the commands go through here. */
export interface DirectoryPort {
  /** All accounts that fit, by name. */
  accounts(scope: AccountScope): Promise<readonly Account[]>;
  account(id: string): Promise<Account | undefined>;
  createAccount(author: Author, account: NewAccount): Promise<Account>;
  /** @throws EarshotError CONFLICT with the current account when `revision` is not the newest */
  changeAccount(author: Author, id: string, revision: number, change: Partial<NewAccount>): Promise<Account>;
  /** @throws EarshotError CONFLICT while anything of it is left */
  deleteAccount(author: Author, id: string, revision: number): Promise<void>;

  brands(): Promise<readonly Brand[]>;
  brand(id: string): Promise<Brand | undefined>;
  createBrand(author: Author, name: string): Promise<Brand>;
  changeBrand(author: Author, id: string, revision: number, name: string): Promise<Brand>;
  deleteBrand(author: Author, id: string, revision: number): Promise<void>;

  trunks(): Promise<readonly Trunk[]>;
  createTrunk(author: Author, name: string, value: TrunkValue): Promise<Trunk>;
  changeTrunk(author: Author, name: string, revision: number, value: TrunkValue): Promise<Trunk>;
  deleteTrunk(author: Author, name: string, revision: number): Promise<void>;

  platform(): Promise<PlatformValues>;
  changePlatform(author: Author, change: PlatformValues): Promise<PlatformValues>;

  list<K extends Kind>(accountId: string, kind: K, query: EntryQuery): Promise<Entries<K>>;
  get<K extends Kind>(accountId: string, kind: K, id: string): Promise<Entry<K> | undefined>;
  create<K extends Kind>(author: Author, accountId: string, kind: K, value: Values[K]): Promise<Changed<K>>;
  /** @throws EarshotError CONFLICT with the current entry when `revision` is not the newest; NOT_FOUND; BAD_REQUEST */
  change<K extends Kind>(
    author: Author,
    accountId: string,
    kind: K,
    id: string,
    revision: number,
    value: Values[K],
  ): Promise<Changed<K>>;
  /** @throws EarshotError CONFLICT naming those who refer to it */
  remove(author: Author, accountId: string, kind: Kind, id: string, revision: number): Promise<void>;

  /** The account as it would be after these edits; nothing is saved. @throws EarshotError for edits that could not be saved either */
  accountWith(accountId: string, edits: readonly TrialEdit[]): Promise<AccountSettings>;

  matrix(accountId: string, query: MatrixQuery): Promise<Matrix>;
  /** A user's own switches, or those of one of his devices. @throws EarshotError NOT_ALLOWED where the account forbids it */
  setOwn(author: Author, accountId: string, id: string, own: EndpointSwitches): Promise<OwnSwitches>;
  /** Whose switches these are: the user of that id, or the owner of the device; undefined: neither is there. */
  ownerOf(accountId: string, id: string): Promise<{ readonly userId: string | null } | undefined>;

  history(accountId: string, query: HistoryQuery): Promise<HistoryPage>;
  /** Whose rights taking it back needs besides the account's administrator. @throws EarshotError NOT_FOUND */
  undoNeeds(
    accountId: string,
    changeId: string,
  ): Promise<{ readonly isBrands: boolean; readonly isPlatforms: boolean }>;
  /** The id of the change that takes it back. @throws EarshotError CONFLICT when something newer stands in the way */
  undo(author: Author, accountId: string, changeId: string): Promise<string>;
}

/** Null: any. */
export interface AccountScope {
  readonly brandId: string | null;
  readonly accountIds: readonly string[] | null;
}

export interface NewAccount {
  readonly name: string;
  readonly brandId: string | null;
  readonly policy: AccountPolicy;
}

/** An edit that is tried out; `id` null: a new entry, `value` null: it is deleted. */
export type TrialEdit =
  | { readonly kind: Kind; readonly id: string | null; readonly value: Value | null }
  | { readonly kind: 'account'; readonly policy: AccountPolicy };

export interface EntryQuery {
  readonly q?: string;
  /** The last row of the page before: name in lower case, id. */
  readonly after?: readonly [string, string];
  readonly limit: number;
}

export interface MatrixQuery extends EntryQuery {
  /** Only this user. */
  readonly userId?: string;
}

export interface Entries<K extends Kind = Kind> {
  readonly items: readonly Entry<K>[];
  readonly more: boolean;
}

export interface Changed<K extends Kind = Kind> extends Entry<K> {
  /** What is allowed but may not be meant, as sentences. */
  readonly warnings: readonly string[];
}

/** A trunk as people set it; what is left out has the value that earshot.yaml would give it. */
export interface TrunkValue extends Partial<Omit<TrunkConfig, 'name' | 'digest' | 'headers'>> {
  readonly digest?: { readonly username: string; readonly password?: string } | null;
  readonly headers?: TrunkHeaders;
  /** Left out: it may serve any. */
  readonly accountIds?: readonly string[];
}

export interface Trunk {
  readonly name: string;
  readonly revision: number;
  /** Without the password. */
  readonly value: TrunkValue;
  readonly isFromFile: boolean;
  readonly changedAt: Date | null;
  readonly changedBy: string | null;
}

export interface PlatformValues {
  readonly revision: number;
  readonly defaultAccountId?: string;
  readonly unknownAccount?: 'hold' | 'discard';
  readonly pilots?: readonly PilotSettings[];
}

export type CellName = keyof EndpointSwitches;

export interface EffectiveCell {
  readonly value: 'on' | 'off';
  readonly from: 'own' | 'device' | 'user' | 'account' | 'none';
}

export type EffectiveCells = Readonly<Record<CellName, EffectiveCell>>;

export interface OwnSwitches {
  readonly own: EndpointSwitches;
  readonly effective: EffectiveCells;
}

export interface MatrixEndpoint extends OwnSwitches {
  readonly id: string;
  readonly name: string;
  readonly revision: number;
  readonly endpoints: EndpointSwitches;
}

export interface MatrixUser extends MatrixEndpoint {
  readonly extensions: readonly string[];
  readonly groupId: string | null;
}

export interface MatrixDevice extends MatrixEndpoint {
  readonly mac: string | null;
}

export interface Matrix {
  readonly account: {
    readonly endpoints: EndpointSwitches;
    readonly entire: EndpointSwitches;
    readonly usersMaySet: boolean;
    readonly revision: number;
  };
  /** By name of the user; devices without a user come last. */
  readonly items: readonly { readonly user: MatrixUser | null; readonly devices: readonly MatrixDevice[] }[];
  /** The last row, when there are more. */
  readonly next: readonly [string, string] | null;
}

export type HistoryKind = Kind | 'account' | 'import' | 'sync';

export interface HistoryQuery {
  readonly entryId?: string;
  /** Older than this number. */
  readonly before?: number;
  readonly limit: number;
}

export interface HistoryItem {
  readonly seq: number;
  readonly changeId: string;
  readonly at: Date;
  readonly actor: string;
  readonly actorName: string;
  readonly kind: HistoryKind;
  readonly entryId: string;
  readonly name: string;
  readonly before: JsonValue;
  readonly after: JsonValue;
  readonly others: readonly { readonly kind: string; readonly entryId: string; readonly name: string }[];
  readonly undoneBy: string | null;
}

export interface HistoryPage {
  readonly items: readonly HistoryItem[];
  readonly more: boolean;
}

/** Bringing in users, devices and numbers from elsewhere. */
export interface ImportPort {
  importCsv(author: Author, accountId: string, file: CsvFile): Promise<ImportResult>;
  ldapConnection(accountId: string): Promise<LdapConnection | undefined>;
  /** @param revision 0: there is none yet. @param password undefined: stays as it is */
  saveLdapConnection(
    author: Author,
    accountId: string,
    revision: number,
    value: LdapValue,
    password: string | null | undefined,
  ): Promise<LdapConnection>;
  deleteLdapConnection(author: Author, accountId: string, revision: number): Promise<void>;
  /** Reads the directory server and makes the account's users follow. Errors are in the result; nothing is applied then. */
  runLdap(author: Author, accountId: string, run: LdapRun): Promise<ImportResult>;
}

/** What one synchronisation may do. */
export interface LdapRun {
  readonly dryRun: boolean;
  /** Even when more than a third would be deleted. */
  readonly force: boolean;
  /** Give what was made by hand to the server, which may delete it later. */
  readonly adopt: boolean;
}

export interface CsvFile {
  readonly text: string;
  readonly kind: 'users' | 'devices' | 'numbers';
  /** `sync`: what an earlier file brought and this one does not is deleted. */
  readonly mode: 'merge' | 'sync';
  readonly dryRun: boolean;
  readonly force: boolean;
  /** Give what was made by hand to the source, which may delete it later. */
  readonly adopt: boolean;
}

export interface ImportCounts {
  readonly created: number;
  readonly changed: number;
  readonly deleted: number;
  readonly unchanged: number;
}

export interface ImportResult {
  readonly applied: boolean;
  readonly counts: ImportCounts;
  readonly created: readonly { readonly name: string; readonly kind: string; readonly value: unknown }[];
  readonly changed: readonly {
    readonly name: string;
    readonly kind: string;
    readonly fields: readonly FieldChange[];
  }[];
  readonly deleted: readonly { readonly name: string; readonly kind: string }[];
  readonly errors: readonly ImportFault[];
  readonly warnings: readonly string[];
  readonly changeId: string | null;
}

export interface FieldChange {
  readonly field: string;
  readonly before: unknown;
  readonly after: unknown;
}

export interface ImportFault {
  /** From 1; null: not about one line. */
  readonly line: number | null;
  /** Heading or attribute. */
  readonly column: string | null;
  readonly message: string;
}

export type LdapField =
  | 'key'
  | 'firstName'
  | 'lastName'
  | 'userName'
  | 'department'
  | 'language'
  | 'pbxUserName'
  | 'extensions'
  | 'aliases'
  | 'numericUserId'
  | 'numericPartitionId'
  | 'agentId'
  | 'mail';

export interface LdapValue {
  readonly url: string;
  readonly startTls?: boolean;
  /** PEM. */
  readonly ca?: string;
  readonly bindDn?: string;
  readonly baseDn: string;
  readonly filter?: string;
  readonly type: 'active-directory' | 'openldap';
  readonly attributes?: Partial<Readonly<Record<LdapField, string>>>;
  readonly groups?: {
    readonly baseDn: string;
    readonly filter?: string;
    readonly name?: string;
    readonly member?: string;
    readonly as: 'teams' | 'groups';
  };
  readonly pageSize?: number;
  /** Cron expression, local time. */
  readonly schedule?: string | null;
}

export interface LdapConnection {
  readonly revision: number;
  readonly value: LdapValue;
  readonly hasPassword: boolean;
  readonly lastRun: {
    readonly at: Date;
    readonly ok: boolean;
    readonly text: string;
    readonly counts: ImportCounts | null;
  } | null;
  readonly nextRun: Date | null;
}

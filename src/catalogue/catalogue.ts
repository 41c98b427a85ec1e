import type { Kysely } from 'kysely';
import { systemClock, type Clock } from '../base/clock.ts';
import type { JsonValue } from '../base/json.ts';
import type { Log } from '../base/log.ts';
import { listAudit, recordAudit, type AuditEntry, type AuditInput } from './audit.ts';
import { recordCall } from './call-insert.ts';
import * as calls from './calls.ts';
import { changesSince, currentMark, pruneChanges, type Change, type ChangeMark } from './changes.ts';
import { asUnreachable, openConnection, type Connection } from './connect.ts';
import type { Page } from './cursor.ts';
import * as deletion from './deletion.ts';
import { catalogueFigures, isEmpty, reserveRecordId, setRecordIdFloor, type CatalogueFigures } from './figures.ts';
import * as held from './held.ts';
import { insertRecording, type AlongWith, type InsertOutcome } from './insert.ts';
import { migrate } from './migrate.ts';
import type { Reach } from './reach.ts';
import * as recordings from './recordings.ts';
import type { Schema } from './schema.ts';
import { changeSetting, listSettings } from './settings.ts';
import { urlTarget, type DatabaseTarget } from './target.ts';
import type { CallInput, RecordingInput } from './types.ts';
import { watchDatabase, type Watch } from './watch.ts';

/** The one account of a new catalogue, *Main*. */
export const MAIN_ACCOUNT = 'main';

/** A reserved account: it holds calls of which nothing told the account. Only the platform's operators see it; no policy is made in it. */
export const UNASSIGNED_ACCOUNT = 'unassigned';

export interface CatalogueOptions {
  readonly target: DatabaseTarget;
  readonly log: Log;
  readonly clock?: Clock;
  /** Most connections at once; default 10. */
  readonly connections?: number;
}

/**
 * The catalogue: what there is, whose it is and where. Every method may fail with DATABASE_UNREACHABLE while the server is away and works
 * again when it is back.
 */
export class Catalogue {
  /** The tables, for rooms with queries of their own (access). */
  readonly db: Kysely<Schema>;
  readonly #connection: Connection;
  readonly #target: DatabaseTarget;
  readonly #clock: Clock;
  readonly #log: Log;

  private constructor(options: CatalogueOptions) {
    this.#connection = openConnection(options.target, options.log, options.connections ?? 10);
    this.db = this.#connection.db;
    this.#target = options.target;
    this.#clock = options.clock ?? systemClock();
    this.#log = options.log;
  }

  /**
   * Connects and brings the schema up to date.
   * @throws EarshotError DATABASE_UNREACHABLE and CONFIG_INVALID naming DATABASE_URL, DATABASE_VERSION
   */
  static async open(options: CatalogueOptions): Promise<Catalogue> {
    if (options.target.kind === 'url') urlTarget(options.target.url);
    const catalogue = new Catalogue(options);
    try {
      await migrate(catalogue.#connection, options.log);
      return catalogue;
    } catch (error) {
      await catalogue.close();
      throw asUnreachable(error, options.target);
    }
  }

  async close(): Promise<void> {
    await this.db.destroy();
  }

  /** Whether the database answers; @throws EarshotError DATABASE_UNREACHABLE */
  ping(): Promise<void> {
    return this.#reach(async () => void (await this.#connection.pool.query('select 1')));
  }

  insertRecording(input: RecordingInput, alongWith?: AlongWith): Promise<InsertOutcome> {
    return this.#reach(() => insertRecording(this.#connection, input, alongWith));
  }

  reserveRecordId(): Promise<number> {
    return this.#reach(() => reserveRecordId(this.db));
  }

  setRecordIdFloor(floor: number): Promise<void> {
    return this.#reach(() => setRecordIdFloor(this.db, floor));
  }

  isEmpty(): Promise<boolean> {
    return this.#reach(() => isEmpty(this.db));
  }

  listRecordings(
    filter: recordings.RecordingFilter,
    page?: recordings.PageRequest,
  ): Promise<Page<recordings.RecordingSummary>> {
    return this.#reach(() => recordings.listRecordings(this.db, filter, page));
  }

  /** Counted up to `bound` (default 1,000). */
  countRecordings(filter: recordings.RecordingFilter, bound?: number): Promise<number> {
    return this.#reach(() => recordings.countRecordings(this.db, filter, bound));
  }

  getRecording(reach: Reach, id: string): Promise<recordings.RecordingDetail | null> {
    return this.#reach(() => recordings.getRecording(this.db, reach, id));
  }

  recordingsOfConversation(reach: Reach, conversationId: string): Promise<recordings.RecordingSummary[]> {
    return this.#reach(() => recordings.recordingsOfConversation(this.db, reach, conversationId));
  }

  async accountExists(id: string): Promise<boolean> {
    const accounts = this.db.selectFrom('accounts').select('id').where('id', '=', id);
    return (await this.#reach(() => accounts.executeTakeFirst())) !== undefined;
  }

  /** Makes an account of that id if there is none, named by it. */
  async ensureAccount(id: string): Promise<void> {
    const row = this.db.insertInto('accounts').values({ id, name: id });
    await this.#reach(() => row.onConflict((conflict) => conflict.doNothing()).execute());
  }

  /** A call that is not recorded, or not yet; one with a recording comes with it. `audit`: noted when the call is new here. */
  recordCall(input: CallInput, audit?: readonly AuditInput[]): Promise<void> {
    return this.#reach(() => recordCall(this.#connection.pool, input, audit));
  }

  listCalls(filter: calls.CallFilter, page?: recordings.PageRequest): Promise<Page<calls.CallSummary>> {
    return this.#reach(() => calls.listCalls(this.db, filter, page));
  }

  getCall(reach: Reach, id: string): Promise<calls.CallDetail | null> {
    return this.#reach(() => calls.getCall(this.db, reach, id));
  }

  pastCalls(accountId: string, limit?: number): Promise<calls.PastCallRow[]> {
    return this.#reach(() => calls.pastCalls(this.db, accountId, limit));
  }

  forgetCalls(request: { accountId: string; before: Date; limit?: number }): Promise<number> {
    return this.#reach(() => calls.forgetCalls(this.db, request));
  }

  notRecordedDays(): Promise<{ accountId: string; days: number | null }[]> {
    return this.#reach(() => calls.notRecordedDays(this.db));
  }

  holdCall(request: { callId: string; accountId: string; until: Date }): Promise<held.Holding> {
    return this.#reach(() => held.holdCall(this.db, request));
  }

  holdingOf(callId: string): Promise<held.Holding | null> {
    return this.#reach(() => held.holdingOf(this.db, callId));
  }

  chooseHeld(choice: held.HeldChoice): Promise<boolean> {
    return this.#reach(() => held.chooseHeld(this.db, choice, new Date(this.#clock.now())));
  }

  releaseHeld(callId: string, audit: readonly AuditInput[]): Promise<void> {
    return this.#reach(() => held.releaseHeld(this.db, callId, audit));
  }

  heldCalls(reach: Reach, callId?: string): Promise<held.HeldCall[]> {
    return this.#reach(() => held.heldCalls(this.db, reach, callId));
  }

  deleteRecording(request: deletion.Deletion): Promise<deletion.Tombstone | null> {
    return this.#reach(() => deletion.deleteRecording(this.db, request, new Date(this.#clock.now())));
  }

  dueForDeletion(now: Date, limit?: number): Promise<deletion.DueRecording[]> {
    return this.#reach(() => deletion.dueForDeletion(this.db, now, limit));
  }

  uncleanedTombstones(limit?: number): Promise<deletion.Tombstone[]> {
    return this.#reach(() => deletion.uncleanedTombstones(this.db, limit));
  }

  markCleaned(id: string): Promise<void> {
    return this.#reach(() => deletion.markCleaned(this.db, id, new Date(this.#clock.now())));
  }

  /** @returns whether it was not known */
  insertTombstone(tombstone: deletion.Tombstone): Promise<boolean> {
    return this.#reach(() => deletion.insertTombstone(this.db, tombstone));
  }

  listTombstones(reach: Reach, page?: recordings.PageRequest): Promise<Page<deletion.Tombstone>> {
    return this.#reach(() => deletion.listTombstones(this.db, reach, page));
  }

  listSettings(accountId: string): Promise<Record<string, JsonValue>> {
    return this.#reach(() => listSettings(this.db, accountId));
  }

  /** `undefined` removes the setting. */
  changeSetting(change: {
    accountId: string;
    key: string;
    value: JsonValue | undefined;
    actor: string;
  }): Promise<void> {
    return this.#reach(() => changeSetting(this.db, change));
  }

  recordAudit(entry: AuditInput): Promise<void> {
    return this.#reach(() => recordAudit(this.db, entry));
  }

  listAudit(
    filter: { accountId: string; subject?: string | undefined },
    page?: recordings.PageRequest,
  ): Promise<Page<AuditEntry>> {
    return this.#reach(() => listAudit(this.db, filter, page));
  }

  figures(): Promise<CatalogueFigures> {
    return this.#reach(() => catalogueFigures(this.db, new Date(this.#clock.now())));
  }

  currentMark(): Promise<ChangeMark> {
    return this.#reach(() => currentMark(this.db));
  }

  changesSince(mark: ChangeMark, limit?: number): Promise<{ changes: Change[]; mark: ChangeMark; more: boolean }> {
    return this.#reach(() => changesSince(this.db, mark, limit));
  }

  pruneChanges(before: Date): Promise<number> {
    return this.#reach(() => pruneChanges(this.db, before));
  }

  /** Wakes the caller when something may have changed; read {@link changesSince} then. */
  watch(wake: () => void): Watch {
    return watchDatabase(this.#target, this.#clock, this.#log, wake);
  }

  async #reach<T>(query: () => Promise<T>): Promise<T> {
    try {
      return await query();
    } catch (error) {
      throw asUnreachable(error, this.#target);
    }
  }
}

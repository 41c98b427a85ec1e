import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { importCsv } from './import/csv.ts';
import { Report } from './import/report.ts';
import { runImport } from './import/run.ts';
import {
  type ConnectionParts,
  deleteConnection,
  nextRun,
  noteRun,
  openConnection,
  readConnection,
  saveConnection,
  scheduledConnections,
} from './ldap/connection.ts';
import { LdapHosts } from './ldap/hosts.ts';
import { planAnswer } from './ldap/plan.ts';
import { readLdap } from './ldap/read.ts';
import type { CsvFile, ImportPort, ImportResult, LdapConnection, LdapRun, LdapValue } from './port.ts';
import type { Author } from './values.ts';

export interface ImportParts extends Omit<ConnectionParts, 'hosts'> {
  readonly log: Log;
  /** The setting `directory.ldapHosts`. */
  readonly ldapHosts: readonly string[];
}

/** Somebody looks whether a schedule has come, this often. */
const LOOK_MS = 20_000;
const SCHEDULE: Author = { id: 'system', name: 'schedule' };

/** Users, devices and numbers from elsewhere: files, and directory servers by hand or on a schedule. */
export class Imports implements ImportPort {
  readonly #parts: ConnectionParts & Pick<ImportParts, 'log'>;
  readonly #running = new Map<string, Promise<ImportResult>>();
  /** Text by account. */
  readonly #failing = new Map<string, string>();
  #timer: { cancel(): void } | null = null;
  #lookedAt: number;
  #isStopped = false;

  constructor(parts: ImportParts) {
    this.#parts = { ...parts, hosts: new LdapHosts(parts.ldapHosts) };
    this.#lookedAt = parts.clock.now();
  }

  /** Synchronisations that failed and were not repeated with success. */
  get alarms(): readonly { readonly code: string; readonly text: string }[] {
    return [...this.#failing.values()].map((text) => ({ code: 'synchronisation-failing', text }));
  }

  importCsv(author: Author, accountId: string, file: CsvFile): Promise<ImportResult> {
    return importCsv(this.#parts, author, accountId, file);
  }

  ldapConnection(accountId: string): Promise<LdapConnection | undefined> {
    return readConnection(this.#parts, accountId);
  }

  async saveLdapConnection(
    author: Author,
    accountId: string,
    revision: number,
    value: LdapValue,
    password: string | null | undefined,
  ): Promise<LdapConnection> {
    await saveConnection(this.#parts, author, accountId, { revision, value, password });
    return (await readConnection(this.#parts, accountId))!;
  }

  async deleteLdapConnection(author: Author, accountId: string, revision: number): Promise<void> {
    await deleteConnection(this.#parts, author, accountId, revision);
    this.#failing.delete(accountId);
  }

  /** One at a time for each account: who comes meanwhile waits, and then asks anew. */
  async runLdap(author: Author, accountId: string, run: LdapRun): Promise<ImportResult> {
    for (let before; (before = this.#running.get(accountId)) !== undefined;) await before.catch(() => undefined);
    const running = this.#runLdap(author, accountId, run).finally(() => this.#running.delete(accountId));
    this.#running.set(accountId, running);
    return running;
  }

  /** Begins to follow the schedules. */
  async start(): Promise<void> {
    for (const { accountId, lastRun } of await scheduledConnections(this.#parts.db)) {
      if (lastRun?.ok === false) this.#failing.set(accountId, lastRun.text);
    }
    this.#lookLater();
  }

  async stop(): Promise<void> {
    this.#isStopped = true;
    this.#timer?.cancel();
    await Promise.allSettled(this.#running.values());
  }

  async #runLdap(author: Author, accountId: string, run: LdapRun): Promise<ImportResult> {
    const { value, password } = await openConnection(this.#parts, accountId);
    const result = await this.#synchronise(author, accountId, value, password, run);
    if (run.dryRun) return result;
    const [error] = result.errors;
    const { created, changed, deleted } = result.counts;
    const text =
      error === undefined
        ? `${created} created, ${changed} changed, ${deleted} deleted.`
        : `The users of ${await this.#nameOf(accountId)} could not be synchronised: ${error.message}`;
    const { db, clock, log } = this.#parts;
    const ok = error === undefined;
    await noteRun(db, accountId, { at: clock.now(), ok, text, counts: ok ? result.counts : null });
    if (ok) this.#failing.delete(accountId);
    else {
      this.#failing.set(accountId, text);
      log.warn({ account: accountId, error: error?.message }, 'a synchronisation with a directory server failed');
    }
    return result;
  }

  async #synchronise(
    author: Author,
    accountId: string,
    value: LdapValue,
    password: string | null,
    { dryRun, force, adopt }: LdapRun,
  ): Promise<ImportResult> {
    const report = new Report();
    const answer = await readLdap(value, password, this.#parts.hosts).catch((error: unknown) => messageOf(error));
    if (typeof answer === 'string') report.fault(null, null, answer);
    else report.warnings.push(...answer.warnings);
    return runImport(this.#parts, {
      author,
      accountId,
      isTrial: dryRun,
      adopt,
      head: { kind: 'sync', entryId: 'ldap', name: new URL(value.url).host },
      action: 'directory.sync',
      report,
      work: (draft) => {
        if (typeof answer === 'string') return;
        const { random } = this.#parts;
        planAnswer(draft, answer, report, { random, force, adopt, groupsAs: value.groups?.as ?? null });
      },
      headingOf: (field) => field,
    });
  }

  async #nameOf(accountId: string): Promise<string> {
    const row = await this.#parts.db
      .selectFrom('accounts')
      .select('name')
      .where('id', '=', accountId)
      .executeTakeFirst();
    return row?.name ?? accountId;
  }

  #lookLater(): void {
    if (this.#isStopped) return;
    this.#timer = this.#parts.clock.after(LOOK_MS, () => {
      void this.#look()
        .catch((error: unknown) =>
          this.#parts.log.warn({ error: messageOf(error) }, 'schedules could not be looked at'),
        )
        .finally(() => this.#lookLater());
    });
  }

  /** Runs what has come since the last look. What came while nobody looked, the machine being off, is not made up for. */
  async #look(): Promise<void> {
    const from = new Date(this.#lookedAt);
    const now = this.#parts.clock.now();
    this.#lookedAt = now;
    for (const { accountId, value } of await scheduledConnections(this.#parts.db)) {
      const next = nextRun(value, from);
      if (next === null || next.getTime() > now || this.#running.has(accountId)) continue;
      await this.runLdap(SCHEDULE, accountId, { dryRun: false, force: false, adopt: false }).catch((error: unknown) => {
        this.#failing.set(accountId, `The users could not be synchronised: ${messageOf(error)}`);
      });
    }
  }
}

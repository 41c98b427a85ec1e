import type { JsonValue } from '../base/json.ts';
import type { Actor } from './actor.ts';

export type Outcome = 'done' | 'refused' | 'failed';

/** What the system does by itself, e.g. deletion by age. */
export interface SystemActor {
  readonly kind: 'system';
}

/** One line of the audit log (F8): who did, or tried to do, what to which thing, from where. Never a secret. */
export interface AuditRecord {
  readonly actor: Actor | SystemActor;
  readonly action: string;
  readonly outcome: Outcome;
  /** Null: something above the accounts. */
  readonly accountId: string | null;
  /** Id of the recording, token or user that was meant. */
  readonly subject: string | null;
  /** Address of the client. */
  readonly address: string | null;
  readonly detail?: JsonValue;
}

/** An entry as stored. */
export interface AuditRow {
  /** Grows; the key of pages. */
  readonly id: string;
  readonly at: Date;
  readonly actor: { readonly kind: Actor['kind'] | 'system'; readonly id: string | null; readonly name: string | null };
  readonly action: string;
  readonly outcome: Outcome;
  readonly accountId: string | null;
  readonly subject: string | null;
  readonly address: string | null;
  readonly detail: JsonValue;
}

export interface AuditFilter {
  /** Null: all, and what is above them. */
  readonly accountIds: readonly string[] | null;
  readonly from?: Date;
  readonly to?: Date;
  readonly action?: string;
  readonly subject?: string;
  readonly outcome?: Outcome;
  /** Entries older than this id. */
  readonly before?: string;
  readonly limit: number;
}

export interface AuditLog {
  write(record: AuditRecord): Promise<void>;
  /** Newest first. */
  list(filter: AuditFilter): Promise<AuditRow[]>;
}

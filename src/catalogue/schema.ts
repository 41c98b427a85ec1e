import type { ColumnType, Generated, GeneratedAlways } from 'kysely';
import type { JsonValue } from '../base/json.ts';
import type { PartyInput, RecordingInput } from './types.ts';

/** The tables as Kysely sees them; the SQL of migrations/ is the truth, a test compares the two. */
export interface Schema {
  accounts: AccountTable;
  settings: SettingTable;
  conversations: ConversationTable;
  calls: CallTable;
  recordings: RecordingTable;
  parties: PartyTable;
  tracks: TrackTable;
  events: EventTable;
  tombstones: TombstoneTable;
  changes: ChangeTable;
  users: UserTable;
  sessions: SessionTable;
  tokens: TokenTable;
  links: LinkTable;
  audit: AuditTable;
}

/** jsonb: read as a value, written as its text. */
type Json<T = JsonValue> = ColumnType<T, string, string>;
type JsonDefault<T = JsonValue> = ColumnType<T, string | undefined, string>;
type At = ColumnType<Date, Date, Date>;
type AtDefault = ColumnType<Date, Date | undefined, Date>;
type AtOrNull = ColumnType<Date | null, Date | null | undefined, Date | null>;

export interface AccountTable {
  id: string;
  name: string;
  created_at: AtDefault;
}

export interface SettingTable {
  account_id: string;
  key: string;
  value: Json;
  changed_at: AtDefault;
}

export interface ConversationTable {
  id: string;
  account_id: string;
  started_at: At;
}

export interface CallTable {
  id: string;
  account_id: string;
  conversation_id: string;
  node_id: string;
  protocol: string;
  trunk: string;
  started_at: At;
  ended_at: At;
  vendor_ids: JsonDefault<Record<string, string>>;
}

export interface RecordingTable {
  id: string;
  record_id: number;
  call_id: string;
  account_id: string;
  conversation_id: string;
  node_id: string;
  direction: RecordingInput['direction'];
  protocol: string;
  trunk: string;
  started_at: At;
  ended_at: At;
  duration_ms: number;
  end_reason: string;
  container: RecordingInput['container'];
  codec: string;
  channels: number;
  object_key: string | null;
  object_bytes: number;
  manifest_key: string;
  manifest_sha256: string;
  retain_until: AtOrNull;
  warnings: JsonDefault<string[]>;
  vendor_ids: JsonDefault<Record<string, string>>;
  search: string;
  created_at: AtDefault;
}

export interface PartyTable {
  recording_id: string;
  account_id: string;
  position: number;
  name: string | null;
  number: string | null;
  digits: string | null;
  aor: string | null;
  role: PartyInput['role'];
  channel: number | null;
}

export interface TrackTable {
  recording_id: string;
  account_id: string;
  channel: number;
  label: string;
  codec: string;
  packets: number;
  lost: number;
  duplicates: number;
  reordered: number;
  silent_ms: number;
  detail: Json;
}

export interface EventTable {
  recording_id: string;
  account_id: string;
  position: number;
  at: At;
  offset_ms: number;
  type: string;
  text: string;
}

export interface TombstoneTable {
  id: string;
  record_id: number;
  account_id: string;
  call_id: string;
  started_at: At;
  duration_ms: number;
  object_key: string | null;
  manifest_key: string;
  manifest_sha256: string;
  reason: string;
  actor: string;
  deleted_at: At;
  cleaned_at: AtOrNull;
}

export interface ChangeTable {
  /** Transaction id (xid8); compared in SQL only. */
  xid: Generated<string>;
  seq: GeneratedAlways<number>;
  account_id: string;
  kind: string;
  subject: string;
  at: AtDefault;
}

export interface UserTable {
  id: string;
  account_id: string;
  login: string;
  name: string;
  password_hash: string | null;
  role: string;
  disabled_at: AtOrNull;
  created_at: AtDefault;
}

export interface SessionTable {
  /** SHA-256 of the session's secret. */
  hash: string;
  account_id: string;
  user_id: string;
  created_at: AtDefault;
  seen_at: AtDefault;
  expires_at: At;
  address: string | null;
  agent: string | null;
}

export interface TokenTable {
  id: string;
  account_id: string;
  /** SHA-256 of the token. */
  hash: string;
  name: string;
  role: string;
  user_id: string | null;
  created_at: AtDefault;
  used_at: AtOrNull;
  expires_at: AtOrNull;
}

/** One-time links: first administrator, invitations. */
export interface LinkTable {
  /** SHA-256 of the link's secret. */
  hash: string;
  account_id: string;
  purpose: string;
  user_id: string | null;
  created_at: AtDefault;
  expires_at: At;
  used_at: AtOrNull;
}

export interface AuditTable {
  id: GeneratedAlways<number>;
  account_id: string;
  at: AtDefault;
  actor: string;
  action: string;
  subject: string;
  detail: JsonDefault;
}

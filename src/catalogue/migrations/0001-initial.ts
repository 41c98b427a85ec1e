import { sql, type Kysely } from 'kysely';

/**
 * The first schema. Times are timestamptz with the milliseconds that the program knows; ids are opaque texts of the program's own making;
 * every row belongs to an account.
 * @public Kysely's migrator calls it by its name.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statements of [EXTENSIONS, ACCOUNTS, CALLS, RECORDINGS, DETAILS, TOMBSTONES, CHANGES, PEOPLE]) {
    await sql.raw(statements).execute(db);
  }
}

const EXTENSIONS = `create extension if not exists pg_trgm`;

const ACCOUNTS = `
create table accounts (
  id text primary key,
  name text not null unique,
  created_at timestamptz not null default now()
);
insert into accounts (id, name) values ('main', 'Main');

create table settings (
  account_id text not null references accounts (id) on delete cascade,
  key text not null,
  value jsonb not null,
  changed_at timestamptz not null default now(),
  primary key (account_id, key)
);
insert into settings (account_id, key, value) values ('main', 'record_all', 'true');
`;

const CALLS = `
create table conversations (
  id text primary key,
  account_id text not null references accounts (id),
  started_at timestamptz not null
);

create table calls (
  id text primary key,
  account_id text not null references accounts (id),
  conversation_id text not null references conversations (id),
  node_id text not null,
  protocol text not null,
  trunk text not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  vendor_ids jsonb not null default '{}'
);
create index calls_conversation on calls (conversation_id);
`;

/* The search text is one string a recording, so that one trigram index serves names, numbers and addresses; fastupdate is off because its
   pending list is scanned by every search. */
const RECORDINGS = `
create sequence recording_ids as bigint;

create table recordings (
  id text primary key,
  record_id bigint not null unique,
  call_id text not null references calls (id),
  account_id text not null references accounts (id),
  conversation_id text not null references conversations (id),
  node_id text not null,
  direction text not null check (direction in ('IN', 'OUT', 'INTERNAL', 'DIALIN', 'UNKNOWN')),
  protocol text not null,
  trunk text not null,
  started_at timestamptz not null,
  ended_at timestamptz not null,
  duration_ms integer not null check (duration_ms >= 0),
  end_reason text not null,
  container text not null check (container in ('wav', 'flac', 'none')),
  codec text not null,
  channels smallint not null,
  object_key text,
  object_bytes bigint not null,
  manifest_key text not null,
  manifest_sha256 text not null,
  retain_until timestamptz,
  warnings jsonb not null default '[]',
  vendor_ids jsonb not null default '{}',
  search text not null,
  created_at timestamptz not null default now()
);
create index recordings_time on recordings (account_id, started_at desc, id desc);
create index recordings_direction on recordings (account_id, direction, started_at desc, id desc);
create index recordings_duration on recordings (account_id, duration_ms);
create index recordings_retention on recordings (retain_until) where retain_until is not null;
create index recordings_conversation on recordings (conversation_id);
create index recordings_call on recordings (call_id);
create index recordings_search on recordings using gin (search gin_trgm_ops) with (fastupdate = off);
alter table recordings alter column search set statistics 1000;
`;

const DETAILS = `
create table parties (
  recording_id text not null references recordings (id) on delete cascade,
  account_id text not null references accounts (id),
  position smallint not null,
  name text,
  number text,
  digits text,
  aor text,
  role text not null check (role in ('caller', 'callee', 'unknown')),
  channel smallint,
  primary key (recording_id, position)
);

create table tracks (
  recording_id text not null references recordings (id) on delete cascade,
  account_id text not null references accounts (id),
  channel smallint not null,
  label text not null,
  codec text not null,
  packets bigint not null,
  lost bigint not null,
  duplicates bigint not null,
  reordered bigint not null,
  silent_ms bigint not null,
  detail jsonb not null,
  primary key (recording_id, channel)
);

create table events (
  recording_id text not null references recordings (id) on delete cascade,
  account_id text not null references accounts (id),
  position integer not null,
  at timestamptz not null,
  offset_ms bigint not null,
  type text not null,
  text text not null,
  primary key (recording_id, position)
);
`;

/* What is left of a deleted recording. Its objects may still be there until cleaned_at is set. */
const TOMBSTONES = `
create table tombstones (
  id text primary key,
  record_id bigint not null unique,
  account_id text not null references accounts (id),
  call_id text not null,
  started_at timestamptz not null,
  duration_ms integer not null,
  object_key text,
  manifest_key text not null,
  manifest_sha256 text not null,
  reason text not null,
  actor text not null,
  deleted_at timestamptz not null,
  cleaned_at timestamptz
);
create index tombstones_time on tombstones (account_id, deleted_at desc, id desc);
create index tombstones_uncleaned on tombstones (deleted_at) where cleaned_at is null;
`;

/* Sequence numbers do not become visible in their order; the transaction id says up to where nothing more can appear. */
const CHANGES = `
create table changes (
  xid xid8 not null default pg_current_xact_id(),
  seq bigint generated always as identity,
  account_id text not null,
  kind text not null,
  subject text not null,
  at timestamptz not null default now(),
  primary key (xid, seq)
);
create index changes_at on changes (at);
`;

const PEOPLE = `
create table users (
  id text primary key,
  account_id text not null references accounts (id),
  login text not null,
  name text not null,
  password_hash text,
  role text not null,
  disabled_at timestamptz,
  created_at timestamptz not null default now()
);
create unique index users_login on users (lower(login));

create table sessions (
  hash text primary key,
  account_id text not null references accounts (id),
  user_id text not null references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  seen_at timestamptz not null default now(),
  expires_at timestamptz not null,
  address text,
  agent text
);
create index sessions_user on sessions (user_id);
create index sessions_expiry on sessions (expires_at);

create table tokens (
  id text primary key,
  account_id text not null references accounts (id),
  hash text not null unique,
  name text not null,
  role text not null,
  user_id text references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  used_at timestamptz,
  expires_at timestamptz
);

create table links (
  hash text primary key,
  account_id text not null references accounts (id),
  purpose text not null,
  user_id text references users (id) on delete cascade,
  created_at timestamptz not null default now(),
  expires_at timestamptz not null,
  used_at timestamptz
);

create table audit (
  id bigint generated always as identity primary key,
  account_id text not null references accounts (id),
  at timestamptz not null default now(),
  actor text not null,
  action text not null,
  subject text not null,
  detail jsonb not null default '{}'
);
create index audit_time on audit (account_id, at desc, id desc);
create index audit_subject on audit (subject, at desc);
`;

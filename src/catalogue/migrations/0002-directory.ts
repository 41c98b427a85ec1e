import { sql, type Kysely } from 'kysely';

/**
 * What people set: brands, accounts with their policy, the entries of an account as documents (docs/adr/0009), the platform's own entries,
 * and the history of changes. The provisional settings of the first schema become what they stood for: a rule, and a retention.
 * @public Kysely's migrator calls it by its name.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statements of [BRANDS, ENTRIES, PLATFORM, HISTORY, PROVISIONAL]) await sql.raw(statements).execute(db);
}

/* An account may go while its traces stay: audit log and tombstones keep its id. */
const BRANDS = `
create table brands (
  id text primary key,
  name text not null,
  revision integer not null default 1,
  changed_at timestamptz not null default now(),
  changed_by text not null default 'system'
);
create unique index brands_name on brands (lower(name));

alter table accounts
  add column brand_id text references brands (id),
  add column revision integer not null default 1,
  add column policy jsonb not null default '{}',
  add column content_version bigint not null default 1,
  add column changed_at timestamptz not null default now(),
  add column changed_by text not null default 'system';
create index accounts_brand on accounts (brand_id);

alter table audit drop constraint audit_account_id_fkey;
alter table tombstones drop constraint tombstones_account_id_fkey;
`;

const ENTRIES = `
create table directory_entries (
  account_id text not null references accounts (id) on delete cascade,
  kind text not null,
  id text not null,
  revision integer not null,
  name text not null,
  value jsonb not null,
  source text check (source in ('csv', 'ldap')),
  external_key text,
  search text not null,
  changed_at timestamptz not null default now(),
  changed_by text not null,
  primary key (account_id, kind, id)
);
create index directory_entries_name on directory_entries (account_id, kind, lower(name), id);
create index directory_entries_search on directory_entries using gin (search gin_trgm_ops);
create index directory_entries_mac on directory_entries ((value ->> 'mac')) where kind = 'devices';
create unique index directory_entries_external on directory_entries (account_id, kind, source, external_key)
  where external_key is not null;
`;

const PLATFORM = `
create table platform_entries (
  kind text not null,
  id text not null,
  revision integer not null,
  value jsonb not null,
  changed_at timestamptz not null default now(),
  changed_by text not null,
  primary key (kind, id)
);
`;

/* A change may touch several entries: position 0 is the one that was meant, the others went along. */
const HISTORY = `
create table directory_history (
  change_id text not null,
  position integer not null,
  seq bigint generated always as identity,
  account_id text not null references accounts (id) on delete cascade,
  kind text not null,
  entry_id text not null,
  name text not null,
  at timestamptz not null default now(),
  actor text not null,
  actor_name text not null,
  before jsonb,
  after jsonb,
  undone_by text,
  primary key (change_id, position)
);
create index directory_history_time on directory_history (account_id, seq desc) where position = 0;
create index directory_history_entry on directory_history (account_id, kind, entry_id, seq desc);
`;

const PROVISIONAL = `
insert into directory_entries (account_id, kind, id, revision, name, value, search, changed_by)
select account_id, 'rules', 'record-all', 1, 'Record all calls',
  '{"description": "Record all calls", "isOn": true, "mode": "automatic", "scope": "call"}', 'record all calls', 'system'
from settings where key = 'record_all' and value = 'true';

update accounts set policy = jsonb_build_object('handling', jsonb_build_object('retention',
  case when jsonb_typeof(s.value) = 'number' then jsonb_build_object('amount', s.value, 'unit', 'days') else '"forever"'::jsonb end))
from settings s where s.account_id = accounts.id and s.key = 'retention_days';

delete from settings where key in ('record_all', 'retention_days');
`;

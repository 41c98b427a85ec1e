import { sql, type Kysely } from 'kysely';

/**
 * Every call, recorded or not, with why and whose it was; several recordings of one call; calls held by live-keep; and a reserved account for
 * calls of which nothing told the account.
 * @public Kysely's migrator calls it by its name.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statements of [UNASSIGNED, CALLS, CALL_DETAILS, RECORDINGS, USERS, HELD, TOMBSTONES, OLDER]) {
    await sql.raw(statements).execute(db);
  }
}

/* Names are unique; an account that has this one already keeps it. */
const UNASSIGNED = `
insert into accounts (id, name)
select 'unassigned', 'Unassigned' || case when count(*) = 0 then '' else ' calls' end from accounts where name = 'Unassigned'
on conflict (id) do nothing;
`;

/* has_recordings makes the calls without any cheap to find for upkeep; it is kept by whoever adds or removes a recording. */
const CALLS = `
alter table calls
  add column direction text not null default 'UNKNOWN' check (direction in ('IN', 'OUT', 'INTERNAL', 'DIALIN', 'UNKNOWN')),
  add column end_reason text not null default '',
  add column verdict text not null default 'record' check (verdict in ('record', 'offer', 'ignore', 'forbid', 'hold')),
  add column reason text not null default '',
  add column owner_kind text check (owner_kind in ('user', 'catch-all', 'unassigned', 'discard')),
  add column owner_user_id text,
  add column owner_name text,
  add column group_id text,
  add column parties jsonb not null default '[]',
  add column search text not null default '',
  add column has_recordings boolean not null default false;
create index calls_time on calls (account_id, started_at desc, id desc);
create index calls_all_time on calls (started_at desc, id desc);
create index calls_verdict on calls (account_id, verdict, started_at desc, id desc);
create index calls_unrecorded on calls (account_id, ended_at) where not has_recordings;
create index calls_search on calls using gin (search gin_trgm_ops) with (fastupdate = off);
alter table calls alter column search set statistics 1000;
create index conversations_account on conversations (account_id);
`;

const CALL_DETAILS = `
create table call_details (
  call_id text primary key references calls (id) on delete cascade,
  history jsonb not null,
  events jsonb not null
);
`;

const RECORDINGS = `
alter table recordings
  add column recording integer not null default 1 check (recording >= 1),
  add column by text not null default 'policy' check (by in ('policy', 'hand', 'flow', 'live-keep')),
  add column asker text,
  add column asker_user_id text,
  add column owner_kind text check (owner_kind in ('user', 'catch-all', 'unassigned', 'discard')),
  add column owner_user_id text,
  add column owner_name text,
  add column group_id text,
  add column pauses jsonb not null default '[]',
  add column deliveries jsonb not null default '[]';
create index recordings_all_time on recordings (started_at desc, id desc);
create index recordings_unassigned on recordings (account_id, started_at desc, id desc) where owner_kind = 'unassigned';
alter table parties add column user_id text, add column user_name text;
`;

/* Users of the directory that take part in a call or own it, so that each finds his own. They stay when the user is deleted. */
const USERS = `
create table call_users (
  call_id text not null references calls (id) on delete cascade,
  user_id text not null,
  account_id text not null,
  started_at timestamptz not null,
  primary key (call_id, user_id)
);
create index call_users_time on call_users (account_id, user_id, started_at desc, call_id desc);

create table recording_users (
  recording_id text not null references recordings (id) on delete cascade,
  user_id text not null,
  account_id text not null,
  started_at timestamptz not null,
  primary key (recording_id, user_id)
);
create index recording_users_time on recording_users (account_id, user_id, started_at desc, recording_id desc);
`;

/* A call that live-keep holds: choice is null until somebody asked, or the time ran out. */
const HELD = `
create table held_calls (
  call_id text primary key references calls (id) on delete cascade,
  account_id text not null references accounts (id),
  until timestamptz not null,
  choice text check (choice in ('keep', 'drop', 'expired')),
  asker jsonb,
  chosen_at timestamptz
);
create index held_calls_open on held_calls (until) where choice is null;
`;

/* What a rebuild finds in the vault tells neither the call nor when it began. */
const TOMBSTONES = `
alter table tombstones
  alter column call_id drop not null,
  alter column started_at drop not null,
  alter column duration_ms drop not null;
`;

/* Calls of the first schema were all recorded; what the list shows of them stands in their recordings. */
const OLDER = `
update calls set
  has_recordings = true,
  reason = 'Recorded by an earlier version; its manifest tells the decision.',
  direction = r.direction,
  end_reason = r.end_reason,
  search = r.search,
  parties = r.parties
from (
  select distinct on (call_id) call_id, direction, end_reason, search,
    coalesce((
      select jsonb_agg(jsonb_build_object('name', p.name, 'number', p.number, 'aor', p.aor, 'role', p.role, 'userId', null,
        'userName', null) order by p.position)
      from parties p where p.recording_id = recordings.id), '[]') as parties
  from recordings order by call_id, started_at
) as r
where r.call_id = calls.id;
`;

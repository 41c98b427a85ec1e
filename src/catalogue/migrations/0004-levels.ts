import { sql, type Kysely } from 'kysely';

/**
 * Levels of people and tokens: platform operator, brand administrator, account administrator, user. Whoever was the first administrator
 * of the installation becomes its operator; the others are administrators of their account. The audit log gets columns for what it was
 * asked by.
 * @public Kysely's migrator calls it by its name.
 */
export async function up(db: Kysely<unknown>): Promise<void> {
  for (const statements of [PEOPLE, TOKENS, SESSIONS, AUDIT]) await sql.raw(statements).execute(db);
}

const PEOPLE = `
alter table users
  alter column account_id drop not null,
  drop constraint users_account_id_fkey,
  add constraint users_account foreign key (account_id) references accounts (id) on delete cascade,
  add column brand_id text references brands (id) on delete cascade,
  add column directory_user_id text,
  add column seen_at timestamptz;

update users set role = 'operator', account_id = null
where id = (select id from users where disabled_at is null order by created_at, id limit 1);

alter table users add constraint users_level check (case role
  when 'operator' then num_nonnulls(account_id, brand_id, directory_user_id) = 0
  when 'brand' then brand_id is not null and num_nonnulls(account_id, directory_user_id) = 0
  when 'administrator' then account_id is not null and num_nonnulls(brand_id, directory_user_id) = 0
  when 'user' then account_id is not null and directory_user_id is not null and brand_id is null
  else false end);
create index users_account on users (account_id);
`;

/* Figures of the whole machine are read with tokens of the platform alone. */
const TOKENS = `
alter table tokens rename column role to scope;
alter table tokens
  alter column account_id drop not null,
  drop constraint tokens_account_id_fkey,
  add constraint tokens_account foreign key (account_id) references accounts (id) on delete cascade,
  add column brand_id text references brands (id) on delete cascade,
  add column directory_user_id text;

update tokens set account_id = null
where scope = 'metrics' and (user_id is null or user_id in (select id from users where role = 'operator'));

alter table tokens
  add constraint tokens_level check (
    (brand_id is null or account_id is null) and (directory_user_id is null or account_id is not null)),
  add constraint tokens_scope check (scope in ('full', 'read', 'metrics', 'control'));
`;

/* A session, and an invitation, belong to a person and go where he goes. */
const SESSIONS = `
alter table sessions drop column account_id;
alter table links drop column account_id;
`;

const AUDIT = `
alter table audit
  alter column account_id drop not null,
  add column outcome text not null default 'done' check (outcome in ('done', 'refused', 'failed')),
  add column name text,
  add column address text;

update audit set
  outcome = case when detail->>'outcome' in ('refused', 'failed') then detail->>'outcome' else 'done' end,
  name = detail->>'name',
  address = detail->>'address',
  detail = coalesce(detail->'more', '{}')
where detail ? 'outcome';
`;

import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { sql } from 'kysely';
import { expect, it } from 'vitest';
import { withCatalogue } from './testing.ts';

/** Tables and columns as schema.ts declares them. */
function declared(): Record<string, string[]> {
  const source = readFileSync(join(import.meta.dirname, 'schema.ts'), 'utf8');
  const columns = (name: string): string[] => {
    const body = new RegExp(`interface ${name} \\{([^}]*)\\}`).exec(source)?.[1] ?? '';
    return [...body.matchAll(/^ {2}(\w+):/gm)].map((match) => match[1] ?? '').sort();
  };
  const tables = /interface Schema \{([^}]*)\}/.exec(source)?.[1] ?? '';
  return Object.fromEntries(
    [...tables.matchAll(/(\w+): (\w+);/g)].map(([, table = '', type = '']) => [table, columns(type)]),
  );
}

it('the types name the tables and columns that the migrations make', { timeout: 60_000 }, async () => {
  await withCatalogue(async ({ catalogue }) => {
    const { rows } = await sql<{ table: string; columns: string[] }>`
      select table_name as table, array_agg(column_name::text order by column_name collate "C") as columns
      from information_schema.columns
      where table_schema = 'public' and table_name not like 'kysely%' group by table_name`.execute(catalogue.db);
    expect(declared()).toEqual(Object.fromEntries(rows.map((row) => [row.table, row.columns])));
  });
});

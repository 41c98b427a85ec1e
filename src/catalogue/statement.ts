import { CompiledQuery, type Transaction } from 'kysely';
import type { Pool } from 'pg';
import type { Schema } from './schema.ts';
import { json } from './text.ts';

/**
 * A statement that does all of a transaction's work, from one parameter of JSON: one trip to the server instead of one for each row. It has a
 * name, so each connection has it planned once.
 */
export interface Statement {
  readonly name: string;
  readonly text: string;
}

/** Runs it by itself, on any connection. @returns its one row */
export async function runAlone<Row>(pool: Pool, { name, text }: Statement, input: unknown): Promise<Row> {
  const { rows } = await pool.query({ name, text, values: [json(input)] });
  return rows[0] as Row;
}

/** Runs it as a part of a transaction. @returns its one row */
export async function runWithin<Row>(
  transaction: Transaction<Schema>,
  { text }: Statement,
  input: unknown,
): Promise<Row> {
  const { rows } = await transaction.executeQuery(CompiledQuery.raw(text, [json(input)]));
  return rows[0] as Row;
}

/** `insert into <table> (<columns>) select <columns> from <source>`, the source having columns of these names. */
export function insertFrom(table: string, columns: readonly string[], source: string): string {
  const list = columns.map((column) => `"${column}"`).join(', ');
  return `insert into ${table} (${list}) select ${list} from ${source}`;
}

/** The clause that puts the new values of these columns in the place of the old ones. */
export function takeNew(columns: readonly string[]): string {
  return columns.map((column) => `"${column}" = excluded."${column}"`).join(', ');
}

import { EarshotError } from '../base/errors.ts';

/** Where a page ended: the sort key of its last row. */
export interface Position {
  readonly at: Date;
  readonly id: string;
}

/** An opaque text for clients; stays valid when rows come and go. */
export function writeCursor(position: Position): string {
  return Buffer.from(`${position.at.getTime()}:${position.id}`).toString('base64url');
}

/** @throws EarshotError BAD_REQUEST */
export function readCursor(cursor: string): Position {
  const match = /^(-?\d{1,15}):([0-9A-Za-z_.-]{1,200})$/.exec(Buffer.from(cursor, 'base64url').toString('utf8'));
  if (match === null) {
    throw new EarshotError('BAD_REQUEST', 'is not a cursor of this list.', {
      key: 'cursor',
      remedy: 'Pass back `next` of the page before, or leave it out for the first page.',
    });
  }
  return { at: new Date(Number(match[1])), id: match[2] ?? '' };
}

export interface Page<T> {
  readonly items: readonly T[];
  /** Cursor of the next page; null = this is the last. */
  readonly next: string | null;
}

/** Cuts a result that was asked for with one row too many. */
export function pageOf<T>(rows: readonly T[], limit: number, position: (row: T) => Position): Page<T> {
  const items = rows.slice(0, limit);
  const last = items.at(-1);
  return { items, next: rows.length > limit && last !== undefined ? writeCursor(position(last)) : null };
}

/** Rows per page: at least 1, at most 500. */
export function pageSize(limit: number | undefined): number {
  return Math.min(500, Math.max(1, Math.trunc(limit ?? 50)));
}

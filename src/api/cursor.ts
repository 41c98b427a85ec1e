import { createHash } from 'node:crypto';
import { EarshotError } from '../base/errors.ts';

/**
 * Cursors of keyset pages: the position after which to go on, with a fingerprint of the filters, so that a cursor of another list is
 * refused instead of giving a page that makes no sense. Opaque to clients, but no secret.
 */
export function writeCursor(position: readonly (string | number)[], filters: object): string {
  return Buffer.from(JSON.stringify([fingerprint(filters), ...position])).toString('base64url');
}

/** @throws EarshotError BAD_REQUEST for anything that {@link writeCursor} did not make for these filters */
export function readCursor(cursor: string, filters: object): (string | number)[] {
  const parts = parse(cursor);
  if (parts === undefined || parts[0] !== fingerprint(filters)) {
    throw new EarshotError('BAD_REQUEST', 'the cursor does not belong to this list and these filters.', {
      key: 'cursor',
      remedy: 'Start again without a cursor.',
    });
  }
  return parts.slice(1);
}

function parse(cursor: string): (string | number)[] | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString('utf8'));
    if (!Array.isArray(value)) return undefined;
    return value.every((part) => typeof part === 'string' || typeof part === 'number') ? value : undefined;
  } catch {
    return undefined;
  }
}

function fingerprint(filters: object): string {
  const entries = Object.entries(filters)
    .filter(([name, value]) => value !== undefined && name !== 'limit' && name !== 'cursor')
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256').update(JSON.stringify(entries)).digest('base64url').slice(0, 12);
}

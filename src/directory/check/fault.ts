import { EarshotError } from '../../base/errors.ts';
import type { Kind } from '../values.ts';

/** What is wrong with one entry of a change. */
export interface Fault {
  readonly kind: Kind | 'account';
  readonly id: string;
  /** Place within the value, e.g. `extensions`; null: the entry as a whole. */
  readonly field: string | null;
  /** A sentence. */
  readonly message: string;
  /** Something else stands in the way, rather than the value being wrong. */
  readonly isConflict?: boolean;
}

/** The first fault as an error for the one who made the change. */
export function faultError({ kind, field, message, isConflict }: Fault): EarshotError {
  const place = kind === 'account' ? 'policy' : 'value';
  return new EarshotError(
    isConflict === true ? 'CONFLICT' : 'BAD_REQUEST',
    message,
    field === null ? {} : { key: `${place}.${field}` },
  );
}

/** `Alice, Bob and 3 more`. */
export function listed(names: readonly string[]): string {
  const shown = names.slice(0, 3);
  const more = names.length - shown.length;
  if (more > 0) return `${shown.join(', ')} and ${more} more`;
  const last = shown.pop();
  return shown.length === 0 ? (last ?? '') : `${shown.join(', ')} and ${last}`;
}

import { EarshotError } from '../base/errors.ts';

/** The embedded server on its unix socket. */
export interface SocketTarget {
  readonly kind: 'socket';
  readonly folder: string;
  readonly user: string;
  readonly database: string;
  readonly password: string;
}

/** A server of the owner's. */
export interface UrlTarget {
  readonly kind: 'url';
  readonly url: string;
}

export type DatabaseTarget = SocketTarget | UrlTarget;

/**
 * Checks a DATABASE_URL by its form.
 * @throws EarshotError CONFIG_INVALID, never naming the password
 */
export function urlTarget(url: string): UrlTarget {
  const parsed = parse(url);
  if (parsed === null) throw badUrl('is not a URL.');
  if (parsed.protocol !== 'postgres:' && parsed.protocol !== 'postgresql:')
    throw badUrl('must begin with postgres://.');
  return { kind: 'url', url };
}

/** A URL without a host is none to the standard; PostgreSQL means the unix socket that the query names. */
function parse(url: string): URL | null {
  return URL.parse(url.replace('@/', '@socket/'));
}

function badUrl(message: string): EarshotError {
  return new EarshotError('CONFIG_INVALID', message, {
    key: 'DATABASE_URL',
    remedy: 'Give postgres://user:password@host:5432/database.',
  });
}

/** The target for a log or an error line: no password, no query (it may hold one). */
export function describeTarget(target: DatabaseTarget): string {
  if (target.kind === 'socket') return `${target.folder}/${target.database}`;
  const parsed = parse(target.url);
  if (parsed === null) return 'the database';
  const { protocol, username, host, pathname } = parsed;
  return `${protocol}//${username === '' ? '' : `${username}@`}${host}${pathname}`;
}

import { createHmac, timingSafeEqual } from 'node:crypto';
import type { Clock } from '../base/clock.ts';
import type { Random } from '../base/ids.ts';
import { type DigestAlgorithm, digestResponse, parseAuth } from './digest.ts';
import { SipParseError } from './parse-error.ts';
import { formatUri, parseUri } from './uri.ts';

export interface DigestServerOptions {
  readonly realm: string;
  /** At least 16 random bytes; nonces of another secret are stale. */
  readonly secret: Buffer;
  readonly clock: Clock;
  readonly random: Random;
  /** How long a nonce lives, milliseconds. Default five minutes. */
  readonly lifetimeMs?: number;
  /** Default SHA-256 and MD5: phones and SBCs in use often know only MD5. */
  readonly algorithms?: readonly DigestAlgorithm[];
  /** How many nonces are remembered with their counts. Default 10,000. */
  readonly remembered?: number;
}

/**
 * `stale`: right nonce form but too old, or forgotten: challenge again with stale=true. `replayed`: count used before.
 * `malformed`: no Digest credentials that could be checked. `wrong`: user or password.
 */
export type Verdict =
  | { readonly ok: true; readonly username: string }
  | { readonly ok: false; readonly why: 'missing' | 'malformed' | 'wrong' | 'stale' | 'replayed' };

/** The counts of a nonce that were used: the highest, and of the 32 below it a bit each (bit 0 = the highest). */
interface Window {
  readonly issued: number;
  highest: number;
  seen: number;
}

/**
 * The server's side of digest authentication (RFC 7616, RFC 8760; qop=auth only). Nonces carry their time and an HMAC, so none
 * is kept until it is used; then its counts are, in a window, so that no request is taken twice. A retransmission must
 * therefore be caught by its transaction before it comes here.
 */
export class DigestServer {
  readonly #options: DigestServerOptions;
  readonly #lifetimeMs: number;
  readonly #remembered: number;
  readonly #algorithms: readonly DigestAlgorithm[];
  readonly #windows = new Map<string, Window>();
  /** Nonces issued up to this time may have been forgotten, so they no longer count. */
  #horizon = Number.NEGATIVE_INFINITY;

  constructor(options: DigestServerOptions) {
    this.#options = options;
    this.#lifetimeMs = options.lifetimeMs ?? 300_000;
    this.#remembered = options.remembered ?? 10_000;
    this.#algorithms = options.algorithms ?? ['SHA-256', 'MD5'];
  }

  /** Values for WWW-Authenticate, one header each, the strongest first (RFC 8760 §2.3). */
  challenge(stale = false): string[] {
    const nonce = this.#nonce();
    return this.#algorithms.map(
      (algorithm) =>
        `Digest realm="${this.#options.realm}", nonce="${nonce}", qop="auth", algorithm=${algorithm}${stale ? ', stale=true' : ''}`,
    );
  }

  /**
   * Checks the Authorization of a request. Takes the same time for an unknown user as for a wrong password.
   * @param passwordOf the user's password, null for an unknown user
   */
  verify(
    request: { readonly method: string; readonly uri: string; readonly authorization: string | undefined },
    passwordOf: (username: string) => string | null,
  ): Verdict {
    if (request.authorization === undefined) return { ok: false, why: 'missing' };
    const { scheme, params } = parseAuth(request.authorization);
    const field = (name: string): string => params.get(name) ?? '';
    const algorithm = this.#algorithms.find((one) => one === (params.get('algorithm') ?? 'MD5').toUpperCase());
    const [username, nonce, nc, cnonce, uri] = ['username', 'nonce', 'nc', 'cnonce', 'uri'].map(field) as [
      string,
      string,
      string,
      string,
      string,
    ];
    const readable = scheme === 'digest' && field('realm') === this.#options.realm && field('qop') === 'auth';
    if (!readable || algorithm === undefined || !/^[\da-fA-F]{8}$/.test(nc) || cnonce === '') return malformed;
    if (!sameUri(uri, request.uri)) return malformed;
    const issued = this.#issued(nonce);
    if (issued === null) return { ok: false, why: 'stale' };
    const password = passwordOf(username);
    const { realm } = this.#options;
    const input = { algorithm, username, realm, method: request.method, uri, nonce, qop: { nc, cnonce } };
    const right = equal(digestResponse({ ...input, password: password ?? '' }), field('response').toLowerCase());
    if (!right || password === null) return { ok: false, why: 'wrong' };
    return this.#count(nonce, issued, Number.parseInt(nc, 16))
      ? { ok: true, username }
      : { ok: false, why: 'replayed' };
  }

  /** Time (48 bits) and chance (48 bits), then 128 bits of HMAC over both and the realm. */
  #nonce(): string {
    const head = Buffer.alloc(12);
    head.writeUIntBE(Math.max(0, Math.floor(this.#options.clock.now())), 0, 6);
    this.#options.random(6).copy(head, 6);
    return Buffer.concat([head, this.#mac(head)]).toString('base64url');
  }

  #mac(head: Buffer): Buffer {
    return createHmac('sha256', this.#options.secret).update(head).update(this.#options.realm).digest().subarray(0, 16);
  }

  /** When the nonce was issued, wall milliseconds; null when it is not ours, too old, from the future or forgotten. */
  #issued(nonce: string): number | null {
    const bytes = Buffer.from(nonce, 'base64url');
    // Decoding is lenient; only the text that we wrote counts, or one nonce would have many names and counts.
    if (bytes.length !== 28 || bytes.toString('base64url') !== nonce) return null;
    const head = bytes.subarray(0, 12);
    if (!timingSafeEqual(this.#mac(head), bytes.subarray(12))) return null;
    const issued = head.readUIntBE(0, 6);
    const age = this.#options.clock.now() - issued;
    return age < 0 || age > this.#lifetimeMs || issued <= this.#horizon ? null : issued;
  }

  /** Notes a count; false when it was used before or lies too far below the highest. */
  #count(nonce: string, issued: number, count: number): boolean {
    const window = this.#windows.get(nonce);
    if (window === undefined) {
      this.#windows.set(nonce, { issued, highest: count, seen: 1 });
      this.#forget();
      return true;
    }
    const behind = window.highest - count;
    if (behind < 0) {
      window.seen = behind <= -32 ? 1 : ((window.seen << -behind) | 1) >>> 0;
      window.highest = count;
      return true;
    }
    if (behind >= 32 || ((window.seen >>> behind) & 1) === 1) return false;
    window.seen = (window.seen | (1 << behind)) >>> 0;
    return true;
  }

  /** Drops the nonce that was first used longest ago when there are too many; older ones then no longer count either. */
  #forget(): void {
    for (const [nonce, window] of this.#windows) {
      const expired = this.#options.clock.now() - window.issued > this.#lifetimeMs;
      if (!expired && this.#windows.size <= this.#remembered) return;
      this.#windows.delete(nonce);
      this.#horizon = Math.max(this.#horizon, window.issued);
    }
  }
}

const malformed: Verdict = { ok: false, why: 'malformed' };

/** The credentials' uri is the Request-URI (RFC 7616 §3.4.6), however it is escaped. */
function sameUri(given: string, requested: string): boolean {
  if (given === requested) return true;
  try {
    return formatUri(parseUri(given)) === formatUri(parseUri(requested));
  } catch (error) {
    if (error instanceof SipParseError) return false;
    throw error;
  }
}

function equal(expected: string, given: string): boolean {
  const bytes = Buffer.from(given, 'utf8');
  return bytes.length === expected.length && timingSafeEqual(Buffer.from(expected, 'utf8'), bytes);
}

import { argon2, timingSafeEqual } from 'node:crypto';
import type { Random } from '../base/ids.ts';

/** Cost of a hash: memory in KiB, passes, lanes. OWASP's first choice for argon2id is 19 MiB, 2, 1. */
export interface PasswordCost {
  readonly memory: number;
  readonly passes: number;
  readonly parallelism: number;
}

export const DEFAULT_COST: PasswordCost = { memory: 19_456, passes: 2, parallelism: 1 };

const SALT_BYTES = 16;
const TAG_BYTES = 32;
const FORM = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Hashes passwords with argon2id (RFC 9106), off the event loop, to the usual text form `$argon2id$v=19$m=…,t=…,p=…$salt$tag`. */
export class Passwords {
  readonly #cost: PasswordCost;
  readonly #random: Random;
  #decoy: Promise<string> | undefined;

  constructor(random: Random, cost: PasswordCost = DEFAULT_COST) {
    this.#random = random;
    this.#cost = cost;
  }

  async hash(password: string): Promise<string> {
    const salt = this.#random(SALT_BYTES);
    const tag = await derive(password, salt, this.#cost, TAG_BYTES);
    const { memory, passes, parallelism } = this.#cost;
    return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${base64(salt)}$${base64(tag)}`;
  }

  /**
   * Whether the password is the one that was hashed. With no hash (nobody has this login) the same work is done, so that the time
   * does not tell which logins exist.
   */
  async verify(password: string, hash: string | null): Promise<boolean> {
    this.#decoy ??= this.hash('');
    const match = FORM.exec(hash ?? (await this.#decoy));
    if (match === null) return false;
    const [, memory, passes, parallelism, salt = '', tag = ''] = match;
    const cost = { memory: Number(memory), passes: Number(passes), parallelism: Number(parallelism) };
    const expected = Buffer.from(tag, 'base64');
    const actual = await derive(password, Buffer.from(salt, 'base64'), cost, expected.length);
    return timingSafeEqual(actual, expected) && hash !== null;
  }
}

function derive(password: string, nonce: Buffer, cost: PasswordCost, tagLength: number): Promise<Buffer> {
  // The same passphrase typed on another keyboard may come in another Unicode form.
  const message = Buffer.from(password.normalize('NFC'));
  return new Promise((resolve, reject) => {
    argon2('argon2id', { message, nonce, ...cost, tagLength }, (error, tag) => {
      if (error === null || error === undefined) resolve(tag);
      else reject(error);
    });
  });
}

function base64(bytes: Buffer): string {
  return bytes.toString('base64').replaceAll('=', '');
}

import { createHash, timingSafeEqual } from 'node:crypto';
import { type Random, secretText } from '../base/ids.ts';

/** Begin of each bearer token, so that scanners of leaked secrets can know one. */
export const TOKEN_PREFIX = 'ear_';

/** A fresh secret: 256 random bits. */
export function newSecret(random: Random): string {
  return secretText(random);
}

/** What the database keeps of a secret of 256 random bits; a slow hash would add nothing to such a secret. */
export function hashSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}

/** Whether two secrets are equal, in a time that does not tell how much of them is. */
export function sameSecret(a: string, b: string): boolean {
  const [left, right] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return left !== undefined && right !== undefined && timingSafeEqual(left, right);
}

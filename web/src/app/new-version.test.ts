import { expect, it } from 'vitest';
import { shouldReload } from './new-version.ts';

it('reloads for a missing part once, and again only after a while: a broken server makes no endless loop', () => {
  const now = 1_800_000_000_000;
  expect(shouldReload(null, now)).toBe(true);
  expect(shouldReload(String(now - 5000), now)).toBe(false);
  expect(shouldReload(String(now - 120_000), now)).toBe(true);
  expect(shouldReload('nonsense', now)).toBe(true);
});

import { expect, it } from 'vitest';
import { readBack } from './back.ts';

it('leads back to pages of our own only', () => {
  expect(readBack({ back: '/recordings/1?q=a' })).toEqual({ back: '/recordings/1?q=a' });
  for (const back of [
    '//example.com',
    '/\\example.com',
    'https://example.com',
    'javascript:alert(1)',
    '',
    7,
    undefined,
  ]) {
    expect(readBack({ back })).toEqual({});
  }
});

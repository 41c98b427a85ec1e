import { expect, it } from 'vitest';
import { lately } from './lately.ts';

it('reads a text again only when it was long ago, or could not be read', () => {
  const read: string[] = [];
  const known = lately((text) => {
    read.push(text);
    if (text === 'bad') throw new Error('bad');
    return { text };
  });
  expect(known('a')).toBe(known('a'));
  expect(() => known('bad')).toThrow('bad');
  expect(() => known('bad')).toThrow('bad');
  expect(read).toEqual(['a', 'bad', 'bad']);
  for (let other = 0; other < 100; other++) expect(known(`b${other}`)).toEqual({ text: `b${other}` });
  expect(known('a')).toEqual({ text: 'a' });
  expect(read.filter((text) => text === 'a')).toHaveLength(2);
});

import { expect, it } from 'vitest';
import { lineOf, linesOf } from './exclusion-lines.ts';

it('reads what it writes: pattern, note, and whether by hand too', () => {
  const exclusions = [
    { pattern: '0800!' },
    { pattern: '+4930555....', note: 'works council; 2nd floor' },
    { pattern: '110', note: 'police', manualToo: true },
    { pattern: '112', manualToo: true },
  ];
  expect(linesOf(exclusions.map(lineOf).join('\n'))).toEqual(exclusions);
  expect(linesOf('\n  \n; only a note\n 7100 ')).toEqual([{ pattern: '7100' }]);
});

import { describe, expect, it } from 'vitest';
import { matchesPattern, matchingLines, patternFault } from './pattern.ts';

describe('D7 patterns of numbers, tried in the browser', () => {
  it.each([
    ['0800!', '08001234567', true],
    ['0800!', '0800', true],
    ['10..', '1001', true],
    ['10..', '10011', false],
    ['+4930555....', '+49305551234', true],
    ['+4930555....', '030 555 1234', true],
    ['030555....', '+49305551234', true],
    ['7100', '7100', true],
    ['7100', '71000', false],
    ['+49 30 5551234', '030 5551234', true],
    ['+49 30 5551234', '0049305551234', true],
    ['!', '112', true],
  ])('%s and %s: %s', (pattern, number, expected) => {
    expect(matchesPattern(pattern, number, 'DE')).toBe(expected);
  });

  it('says what may not stand in a pattern', () => {
    expect(patternFault('08x')).toContain('“x”');
    expect(patternFault('12+3')).toContain('beginning');
    expect(patternFault('+49 (30) 55-..')).toBe(null);
  });

  it('names the lines that match', () => {
    expect(matchingLines(['0800!', '10..', 'wrong'], '1001', undefined)).toEqual(['10..']);
  });
});

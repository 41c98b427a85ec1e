import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { codeClash } from './code.ts';
import { macOf } from './compile.ts';
import { NumberPlan } from './number.ts';
import { matchesPattern, numberForms, patternFault, readPattern } from './pattern.ts';

const german = new NumberPlan('DE');
const american = new NumberPlan('us');
const nowhere = new NumberPlan(undefined);

describe('D8 numbers are compared in normalised form', () => {
  it.each([
    ['+49 30 555100', '+4930555100'],
    ['+49 (0)30 / 555-100', '+4930555100'],
    ['004930555100', '+4930555100'],
    ['030 555100', '+4930555100'],
    ['030555100;ext=12', '+4930555100'],
    ['1001', '1001'],
    ['0', '0'],
    ['110', '110'],
    ['*41', '*41'],
    ['Alice', 'alice'],
    ['', ''],
  ])('in Germany %s is %s', (text, key) => {
    expect(german.key(text)).toBe(key);
  });

  it.each([
    ['+1 555 201 0100', '+15552010100'],
    ['(555) 201-0100', '+15552010100'],
    ['1-555-201-0100', '+15552010100'],
    ['011 49 30 123456', '+4930123456'],
    ['5550100', '5550100'],
    ['911', '911'],
  ])('in the USA %s is %s', (text, key) => {
    expect(american.key(text)).toBe(key);
  });

  it('keeps the leading zero of an Italian number', () => {
    expect(new NumberPlan('IT').key('06 12345678')).toBe('+390612345678');
  });

  it('without a country reads only what is the same everywhere', () => {
    expect(nowhere.key('0049 30 555100')).toBe('+4930555100');
    expect(nowhere.key('030 555100')).toBe('030555100');
    expect(nowhere.isSame('4930555100', '+4930555100')).toBe(true);
    expect(nowhere.isSame('1001', '1002')).toBe(false);
  });

  it('never throws and is stable: a key is its own key', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 80 }), fc.stringMatching(/^\+?[0-9 ()-]{0,20}$/), (any, number) => {
        for (const text of [any, number]) expect(german.key(german.key(text))).toBe(german.key(text));
      }),
    );
  });
});

describe('D7 patterns (Imagicle)', () => {
  const matches = (pattern: string, number: string, plan = german): boolean =>
    matchesPattern(readPattern(pattern, plan), numberForms(number, plan));

  it.each([
    ['7100', '7100', true],
    ['7100', '71000', false],
    ['72.', '721', true],
    ['72.', '72', false],
    ['72.', '7211', false],
    ['8!', '8', true],
    ['8!', '85001234', true],
    ['8!', '18', false],
    ['!', '1', true],
    ['8!1.', '8110', true],
    ['8!1.', '81', false],
    ['8!!!0', '8120', true],
    ['0!', '+4930555100', true],
    ['8!', '+8613000000', false],
    ['+49!', '030555100', true],
    ['+49!', '+4330555100', false],
    ['030 555100', '+4930555100', true],
    ['+49 30 555100', '030555100', true],
    ['.', 'alice', false],
  ])('%s and %s: %s', (pattern, number, isMatch) => {
    expect(matches(pattern, number)).toBe(isMatch);
  });

  it.each(['', ' ', '12a', '1+2', '1?', '9'.repeat(65), '[12]'])('refuses %s and says why', (text) => {
    expect(patternFault(text)).not.toBeNull();
    expect(() => readPattern(text, german)).toThrow(`the pattern "${text}"`);
  });

  it('comes to an end with hostile patterns', () => {
    expect(matches('!1'.repeat(32), `${'1'.repeat(62)}2`)).toBe(false);
  });

  it('agrees with a regular expression', () => {
    const pattern = fc.stringMatching(/^[0-2.!]{1,6}$/);
    fc.assert(
      fc.property(pattern, fc.stringMatching(/^[0-2]{1,6}$/), (text, number) => {
        const expression = new RegExp(`^${text.replaceAll('.', '\\d').replaceAll(/!+/g, '\\d*')}$`);
        expect(matches(text, number, nowhere)).toBe(expression.test(number));
      }),
    );
  });
});

describe('S4 record codes must not clash (KAZOO)', () => {
  it.each([
    ['*90', ['*41', '*42'], null],
    ['*41', ['*41'], 'taken'],
    ['*4', ['*41'], 'beginning'],
    ['*411', ['*41'], 'never be reached'],
    ['abc', [], 'must be'],
  ])('%s beside %j', (code, others, part) => {
    const clash = codeClash(code, others);
    if (part === null) expect(clash).toBeNull();
    else expect(clash).toContain(part);
  });
});

describe('D8 MACs', () => {
  it.each([
    ['00:17:95:bd:d1:6b', '001795bdd16b'],
    ['SEP001795BDD16B', '001795bdd16b'],
    ['abcdefabcdef', 'abcdefabcdef'],
    ['0017.95bd.d16b', '001795bdd16b'],
    ['1001', null],
    ['alice-desk-phone', null],
  ])('%s', (text, mac) => {
    expect(macOf(text)).toBe(mac);
  });
});

import { EarshotError } from '../base/errors.ts';
import { bareNumber, type NumberPlan } from './number.ts';

/** Numbers that a line of an exclusion or internal list means (D7). */
export interface NumberPattern {
  /** As it was written. */
  readonly text: string;
  /** A literal number is compared in normalised form, one with wildcards digit by digit. */
  readonly glob: string | null;
  readonly keys: readonly string[];
}

/** A number to match, in its forms; made once for all patterns. */
export interface NumberForms {
  readonly keys: readonly string[];
  /** Digits as signalled and as dialled within the country; without those that begin with `+`. */
  readonly dialled: readonly string[];
  /** With a leading `+`, or null. */
  readonly international: string | null;
}

/** Why a pattern cannot be used, as a clause; null = it can. */
export function patternFault(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return 'is empty';
  if (trimmed.length > 64) return 'is longer than 64 characters';
  const stranger = /[^\d.!*#+\s()\-/]/.exec(trimmed);
  if (stranger !== null)
    return `holds "${stranger[0]}", but only digits, "." (one digit) and "!" (any digits) may stand in it`;
  if (trimmed.lastIndexOf('+') > 0) return 'has a "+" that is not at its beginning';
  return null;
}

/**
 * `.` stands for exactly one digit, `!` for any number of digits, none included; a literal is a whole number, in any usual form.
 * @throws EarshotError BAD_REQUEST naming the pattern
 */
export function readPattern(text: string, plan: NumberPlan): NumberPattern {
  const fault = patternFault(text);
  if (fault !== null) throw new EarshotError('BAD_REQUEST', `the pattern "${text}" ${fault}.`);
  const trimmed = text.trim();
  if (!/[.!]/.test(trimmed)) return { text: trimmed, glob: null, keys: plan.keys(trimmed) };
  return { text: trimmed, glob: trimmed.replaceAll(/[\s()\-/]/g, '').replaceAll(/!+/g, '!'), keys: [] };
}

/** @param text as signalled */
export function numberForms(text: string, plan: NumberPlan): NumberForms {
  const keys = plan.keys(text);
  const bare = bareNumber(text);
  const international = keys.find((key) => key.startsWith('+')) ?? null;
  const national = international === null ? null : plan.national(international);
  const dialled = [bare, national].filter((form) => form !== null && !form.startsWith('+'));
  return { keys, dialled: dialled as string[], international };
}

export function matchesPattern(pattern: NumberPattern, number: NumberForms): boolean {
  const { glob } = pattern;
  if (glob === null) return pattern.keys.some((key) => number.keys.includes(key));
  if (glob.startsWith('+')) return number.international !== null && globMatches(glob, number.international);
  return number.dialled.some((form) => globMatches(glob, form));
}

/** In at most pattern × number steps, whatever the pattern: on a mismatch only the last `!` takes one digit more. */
function globMatches(glob: string, digits: string): boolean {
  let at = 0;
  let inGlob = 0;
  let star = -1;
  let starAt = 0;
  while (at < digits.length) {
    const wanted = glob[inGlob];
    if (wanted === '!') {
      star = inGlob++;
      starAt = at;
    } else if (wanted === digits[at] || (wanted === '.' && isDigit(digits[at]))) {
      at++;
      inGlob++;
    } else if (star !== -1 && isDigit(digits[starAt])) {
      inGlob = star + 1;
      at = ++starAt;
    } else return false;
  }
  while (glob[inGlob] === '!') inGlob++;
  return inGlob === glob.length;
}

function isDigit(character: string | undefined): boolean {
  return character !== undefined && character >= '0' && character <= '9';
}

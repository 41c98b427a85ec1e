import { getCountryCallingCode, isSupportedCountry, parsePhoneNumberFromString } from 'libphonenumber-js/min';

/** Why a pattern cannot be used, as a sentence; null = it can. The server has the last word. */
export function patternFault(text: string): string | null {
  const trimmed = text.trim();
  if (trimmed === '') return null;
  const stranger = /[^\d.!*#+\s()\-/]/.exec(trimmed);
  if (stranger !== null) return `“${trimmed}” holds “${stranger[0]}”; only digits, “.” and “!” may stand in it.`;
  if (trimmed.lastIndexOf('+') > 0) return `“${trimmed}” has a “+” that is not at its beginning.`;
  return trimmed.length > 64 ? `“${trimmed.slice(0, 20)}…” is longer than 64 characters.` : null;
}

/** Whether a number, as the phone system would send it, is one that the pattern means. @param country ISO 3166, as the account has it */
export function matchesPattern(pattern: string, number: string, country: string | undefined): boolean {
  const forms = formsOf(number, country);
  const bare = plain(pattern);
  if (!/[.!]/.test(bare)) return formsOf(pattern, country).some((form) => forms.includes(form));
  const expression = new RegExp(
    `^${bare.replaceAll(/[*#+]/g, '\\$&').replaceAll('.', '\\d').replaceAll(/!+/g, '\\d*')}$`,
  );
  const wanted = forms.filter((form) => form.startsWith('+') === bare.startsWith('+'));
  return wanted.some((form) => expression.test(form));
}

const plain = (text: string): string => text.replaceAll(/[\s()\-/]/g, '');

/** The number as it is sent, in E.164, and as it is dialled within the country. */
function formsOf(text: string, country: string | undefined): string[] {
  const code = country?.toUpperCase() ?? '';
  const bare = plain(text);
  if (bare === '') return [];
  const known = isSupportedCountry(code) ? code : undefined;
  const parsed = parsePhoneNumberFromString(bare.replace(/^00/, '+'), known);
  // Short digits are extensions, although some countries have numbers as short.
  const isLong = bare.startsWith('+') || bare.startsWith('00') || bare.length >= 7;
  if (parsed === undefined || !isLong || !parsed.isPossible()) return [bare];
  const isHome = known !== undefined && parsed.countryCallingCode === getCountryCallingCode(known);
  return [...new Set([bare, parsed.number, ...(isHome ? [parsed.formatNational().replaceAll(/\D/g, '')] : [])])];
}

/** Lines of the field that match a number, first to last. */
export function matchingLines(patterns: readonly string[], number: string, country: string | undefined): string[] {
  return patterns.filter((pattern) => patternFault(pattern) === null && matchesPattern(pattern, number, country));
}

import { isSupportedCountry } from 'libphonenumber-js/min';
import { codeClash } from '../../policy/code.ts';
import { macOf } from '../../policy/compile.ts';
import { bareNumber } from '../../policy/number.ts';
import { patternFault } from '../../policy/pattern.ts';
import type { AccountPolicy, Kind, UserValue, Value, Values } from '../values.ts';

/** What is wrong with a value by itself, as field and sentence. Its shape has been checked, by the API or by who made it. */
export interface ValueFault {
  readonly field: string | null;
  readonly message: string;
}

const LONGEST = 500;

export function valueFaults(kind: Kind, value: Value): ValueFault[] {
  const own = OWN[kind]?.(value as never) ?? [];
  return [...textFaults(value, ''), ...own];
}

const OWN: { readonly [K in Kind]?: (value: Values[K]) => ValueFault[] } = {
  users: userFaults,
  devices: ({ mac, own, userId }) => [
    ...(mac !== undefined && macOf(mac) === null
      ? [fault('mac', `"${mac}" is not a MAC address: 12 hexadecimal digits are needed.`)]
      : []),
    ...(own !== undefined && userId === undefined
      ? [fault('own', 'A device without a user has no switches of its user.')]
      : []),
  ],
  numbers: ({ number }) => numberFault('number', number),
};

function userFaults({ firstName, lastName, extensions = [], aliases = [], language, mail }: UserValue): ValueFault[] {
  return [
    ...(firstName === '' && lastName === '' ? [fault('lastName', 'A user needs a first or a last name.')] : []),
    ...extensions.flatMap((text) => numberFault('extensions', text)),
    ...aliases.flatMap((text) => numberFault('aliases', text)),
    ...(language !== undefined && !isLanguage(language)
      ? [fault('language', `"${language}" is not a language tag such as de or en-GB.`)]
      : []),
    ...(mail?.address !== undefined && !/^[^\s@]+@[^\s@]+$/.test(mail.address)
      ? [fault('mail.address', `"${mail.address}" is not an e-mail address.`)]
      : []),
    ...(mail?.notify === true && mail.address === undefined
      ? [fault('mail.address', 'Mails cannot be sent without an address.')]
      : []),
  ];
}

function numberFault(field: string, text: string): ValueFault[] {
  return bareNumber(text) === null ? [fault(field, `"${text}" is not a number: digits, *, # and + are read.`)] : [];
}

function isLanguage(text: string): boolean {
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}

/** Of what is set for the account as a whole. */
export function policyFaults(policy: AccountPolicy): ValueFault[] {
  const { country, filters, internalPatterns = [], onDemand, pilots = [] } = policy;
  const { code, otherCodes = [], isOn } = onDemand ?? {};
  const patterns = [
    ...(filters?.exclusions ?? []).map(
      ({ pattern }, index) => [`filters.exclusions.${index}.pattern`, pattern] as const,
    ),
    ...internalPatterns.map((pattern, index) => [`internalPatterns.${index}`, pattern] as const),
  ];
  const clash = code === undefined ? null : codeClash(code, otherCodes);
  return [
    ...textFaults(policy, ''),
    ...(country !== undefined && !isSupportedCountry(country)
      ? [fault('country', `"${country}" is not a country that has telephone numbers.`)]
      : []),
    ...patterns.flatMap(([field, pattern]) => {
      const wrong = patternFault(pattern);
      return wrong === null ? [] : [fault(field, `The pattern "${pattern}" ${wrong}.`)];
    }),
    ...(clash === null ? [] : [fault('onDemand.code', clash)]),
    ...(isOn === true && onDemand?.isAllowed === false
      ? [fault('onDemand.isOn', 'Recording on demand is not allowed for this account.')]
      : []),
    ...pilots.flatMap(({ number }, index) => numberFault(`pilots.${index}.number`, number)),
  ];
}

/** Control characters have no place in names; PostgreSQL stores none of U+0000, and terminals obey the others. */
function textFaults(value: unknown, at: string): ValueFault[] {
  if (typeof value === 'string') {
    // oxlint-disable-next-line no-control-regex
    if (/[\u0000-\u0008\u000b-\u001f\u007f]/.test(value)) return [fault(at, 'Control characters cannot stand here.')];
    return value.length > LONGEST ? [fault(at, `A text of more than ${LONGEST} characters cannot stand here.`)] : [];
  }
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, inner]) => textFaults(inner, at === '' ? key : `${at}.${key}`));
}

function fault(field: string | null, message: string): ValueFault {
  return { field, message };
}

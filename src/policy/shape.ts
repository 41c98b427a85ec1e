/** What is wrong with a foreign value: where, and a clause; null = nothing. */
export type Fault = string | null;
/** Checks a value; `at` is its place, e.g. `accounts[0].users[3].id`. */
export type Check = (value: unknown, at: string) => Fault;

export const text: Check = (value, at) => (typeof value === 'string' ? null : `${at} must be a text`);
/** An id or name that others refer to. */
export const name: Check = (value, at) =>
  typeof value === 'string' && value !== '' ? null : `${at} must be a text that is not empty`;
export const flag: Check = (value, at) => (typeof value === 'boolean' ? null : `${at} must be true or false`);

export function whole(least: number): Check {
  return (value, at) =>
    Number.isSafeInteger(value) && (value as number) >= least ? null : `${at} must be a whole number from ${least}`;
}

export function choice(...choices: readonly string[]): Check {
  return (value, at) =>
    typeof value === 'string' && choices.includes(value) ? null : `${at} must be one of ${choices.join(', ')}`;
}

export function listOf(item: Check): Check {
  return (value, at) => {
    if (!Array.isArray(value)) return `${at} must be a list`;
    for (let index = 0; index < value.length; index++) {
      const fault = item(value[index], `${at}[${index}]`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

/** The field may be missing. */
export function optional(check: Check): Check {
  return (value, at) => (value === undefined ? null : check(value, at));
}

export function orNull(check: Check): Check {
  return (value, at) => (value === null ? null : check(value, at));
}

export function oneOf(what: string, ...checks: readonly Check[]): Check {
  return (value, at) => (checks.some((check) => check(value, at) === null) ? null : `${at} must be ${what}`);
}

/** An object with these fields. Others are let through: a newer service may say more than this recorder knows. */
export function shape(fields: Readonly<Record<string, Check>>): Check {
  const entries = Object.entries(fields);
  return (value, at) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return `${at} must hold fields`;
    for (const [key, check] of entries) {
      const fault = check((value as Record<string, unknown>)[key], at === '' ? key : `${at}.${key}`);
      if (fault !== null) return fault;
    }
    return null;
  };
}

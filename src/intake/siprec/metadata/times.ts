/**
 * A moment in any of the forms that clients write: RFC 3339, zones as `+0000` or `+00`, no zone (taken as UTC), a blank for the `T`,
 * fractions of any length, or seconds or milliseconds since 1970.
 *
 * @returns milliseconds since 1970, undefined when it is no time
 */
export function readTime(text: string): number | undefined {
  const trimmed = text.trim();
  if (/^\d{9,10}$/.test(trimmed)) return Number(trimmed) * 1000;
  if (/^\d{12,13}$/.test(trimmed)) return Number(trimmed);
  const match =
    /^(\d{4})-?(\d\d)-?(\d\d)[T t_]+(\d\d):?(\d\d)(?::?(\d\d)(?:[.,](\d{1,9}))?)?\s*(Z|UTC|GMT|[+-]\d\d(?::?\d\d)?)?$/i.exec(
      trimmed,
    );
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = '0', fraction = '0', zone] = match;
  const fields = [Number(month), Number(day), Number(hour), Number(minute), Number(second)] as const;
  const [mon, dom, h, m, s] = fields;
  if (mon < 1 || mon > 12 || dom < 1 || dom > 31 || h > 24 || m > 59 || s > 60) return undefined;
  const local = Date.UTC(Number(year), mon - 1, dom, h, m, s, Math.floor(Number(`0.${fraction}`) * 1000));
  return local - zoneMinutes(zone) * 60_000;
}

function zoneMinutes(zone: string | undefined): number {
  const match = /^([+-])(\d\d):?(\d\d)?$/.exec(zone ?? '');
  if (match === null) return 0;
  const minutes = Number(match[2]) * 60 + Number(match[3] ?? '0');
  return match[1] === '-' ? -minutes : minutes;
}

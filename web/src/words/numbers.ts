const whole = new Intl.NumberFormat();
const oneDigit = new Intl.NumberFormat(undefined, { maximumFractionDigits: 1 });
const twoDigits = new Intl.NumberFormat(undefined, { maximumFractionDigits: 2 });

export const count = (value: number): string => whole.format(value);
export const decimal = (value: number): string => oneDigit.format(value);

/** "1 packet", "2,000 packets". */
export function counted(value: number, one: string, many = `${one}s`): string {
  return `${whole.format(value)} ${value === 1 ? one : many}`;
}

export function bytes(value: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [value, 0];
  while (size >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${oneDigit.format(size)} ${units[unit] ?? ''}`;
}

/** A share of a whole in percent; tiny shares do not become nought. */
export function percent(part: number, of: number): string {
  if (of === 0 || part === 0) return '0 %';
  const value = (100 * part) / of;
  if (value < 0.01) return 'under 0.01 %';
  return `${value < 1 ? twoDigits.format(value) : oneDigit.format(value)} %`;
}

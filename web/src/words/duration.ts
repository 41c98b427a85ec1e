import type { Retention } from '../directory/types.ts';
import { counted } from './numbers.ts';

const UNITS = [
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** A length of time in whole units: "2 hours", "1 hour 30 minutes". */
export function lasting(seconds: number): string {
  let left = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const value = Math.floor(left / size);
    left -= value * size;
    if (value > 0) parts.push(counted(value, unit));
  }
  return parts.length === 0 ? '0 seconds' : parts.join(' ');
}

/** How long something is kept, after "kept": "for 90 days", "until somebody deletes it". */
export function keptWords(retention: Retention): string {
  if (retention === 'forever') return 'until somebody deletes it';
  return `for ${counted(retention.amount, retention.unit.slice(0, -1))}`;
}

import { macOf } from '../../policy/compile.ts';
import type { AccountPolicy, Kind, Values } from '../values.ts';

/** Fields that stay even when they are empty. */
const REQUIRED: Partial<Record<Kind, readonly string[]>> = { users: ['firstName', 'lastName'], teams: ['userIds'] };

/**
 * The one form in which a value is stored, so that equal settings are equal values: texts without blanks around them, lists without doubles,
 * nothing that is empty, MACs as `00:17:95:bd:d1:6b`.
 */
export function tidyValue<K extends Kind>(kind: K, value: Values[K]): Values[K] {
  const required = REQUIRED[kind] ?? [];
  const tidy = tidyObject(value as unknown as Record<string, unknown>, required);
  if (kind === 'devices' && typeof tidy['mac'] === 'string') tidy['mac'] = tidyMac(tidy['mac']);
  return tidy as unknown as Values[K];
}

export function tidyPolicy(policy: AccountPolicy): AccountPolicy {
  return tidyObject({ ...policy }, []);
}

function tidyMac(text: string): string {
  const mac = macOf(text);
  return mac === null ? text : mac.replace(/(..)(?=.)/g, '$1:');
}

function tidyObject(value: Record<string, unknown>, required: readonly string[]): Record<string, unknown> {
  const tidy: Record<string, unknown> = {};
  for (const key of Object.keys(value).sort()) {
    const inner = tidyAny(value[key]);
    if (inner !== undefined && (!isEmpty(inner) || required.includes(key))) tidy[key] = inner;
  }
  return tidy;
}

function tidyAny(value: unknown): unknown {
  if (typeof value === 'string') return value.trim();
  if (Array.isArray(value)) {
    const items = value.map(tidyAny).filter((item) => item !== undefined && !isEmpty(item));
    return items.every((item) => typeof item === 'string') ? [...new Set(items)] : items;
  }
  if (typeof value === 'object' && value !== null) return tidyObject(value as Record<string, unknown>, []);
  return value;
}

function isEmpty(value: unknown): boolean {
  if (value === '') return true;
  if (Array.isArray(value)) return value.length === 0;
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

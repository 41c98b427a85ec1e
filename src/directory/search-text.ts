import type { NumberPlan } from '../policy/number.ts';
import type { Kind, Value, Values } from './values.ts';

/** Between the words and the keys of numbers. */
const KEYS = '\u2028';

/** What an entry is found by: its names in lower case, its numbers as they are written and as they are compared. */
export const searchText = {
  of(kind: Kind, name: string, value: Value, plan: NumberPlan): string {
    const numbers = numbersOf(kind, value);
    const words = [name, ...wordsOf(kind, value), ...numbers].map((word) => word.toLowerCase());
    return `${words.join(' ')}${KEYS}${numbers.map((number) => plan.key(number)).join(' ')}`;
  },

  keysOf(text: string): string[] {
    return (text.split(KEYS)[1] ?? '').split(' ').filter((key) => key !== '');
  },

  /** A pattern for LIKE that finds the text anywhere. */
  pattern(text: string): string {
    return `%${text
      .trim()
      .toLowerCase()
      .replaceAll(/[\\%_]/g, '\\$&')}%`;
  },
};

function numbersOf(kind: Kind, value: Value): readonly string[] {
  if (kind === 'numbers') return [(value as Values['numbers']).number];
  if (kind === 'queues') return (value as Values['queues']).numbers ?? [];
  if (kind !== 'users') return [];
  const { extensions = [], aliases = [] } = value as Values['users'];
  return [...extensions, ...aliases];
}

function wordsOf(kind: Kind, value: Value): string[] {
  const words: (string | undefined)[] = [];
  if (kind === 'users') {
    const { userName, pbxUserName, department, agentId, mail } = value as Values['users'];
    words.push(userName, pbxUserName, department, agentId, mail?.address);
  } else if (kind === 'devices') {
    const { mac, aliases = [] } = value as Values['devices'];
    words.push(mac, mac?.replaceAll(':', ''), ...aliases);
  }
  return words.filter((word) => word !== undefined);
}

/**
 * `0000000042.jnl`: counts up, so that the order of names is the order of files whatever the wall clock did. `0000000042-0000000001.jnl` holds
 * what was left of files up to number 42; it stands before `0000000042.jnl` and behind all with a lower number, as the entries do.
 */
export function journalName(number: number, generation = 0): string {
  const name = String(number).padStart(10, '0');
  return generation === 0 ? `${name}.jnl` : `${name}-${String(generation).padStart(10, '0')}.jnl`;
}

export function isJournalName(name: string): boolean {
  return /^\d{10}(-\d{10})?\.jnl$/.test(name);
}

export function journalNumber(name: string): number {
  return Number.parseInt(name, 10);
}

/** How many files had taken the place of others when this one did; 0 for one that was written at its time. */
export function journalGeneration(name: string): number {
  return Number.parseInt(/-(\d+)/.exec(name)?.[1] ?? '0', 10);
}

/** Names of the journal's files among others, in their order. */
export function journalNames(names: readonly string[]): string[] {
  return names.filter(isJournalName).sort();
}

/** `0000000042.jnl`: counts up, so that the order of names is the order of files whatever the wall clock did. */
export function journalName(number: number): string {
  return `${String(number).padStart(10, '0')}.jnl`;
}

export function isJournalName(name: string): boolean {
  return /^\d{10}\.jnl$/.test(name);
}

export function journalNumber(name: string): number {
  return Number.parseInt(name, 10);
}

/** Names of the journal's files among others, in their order. */
export function journalNames(names: readonly string[]): string[] {
  return names.filter(isJournalName).sort();
}

const KEY = 'earshot-account';

/** The account that was worked on last in this browser; the address says which one is shown. */
export function lastAccount(): string | null {
  try {
    return localStorage.getItem(KEY);
  } catch {
    return null;
  }
}

export function rememberAccount(id: string): void {
  try {
    localStorage.setItem(KEY, id);
  } catch {
    // A browser that keeps nothing begins with the first account.
  }
}

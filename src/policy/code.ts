/**
 * Why a feature code cannot be used beside the others (K: a code that does not conflict with preset codes), as a sentence; null = it can.
 * Two codes clash when one begins with the other: the shorter one would take effect before the longer one is dialled.
 */
export function codeClash(code: string, others: readonly string[]): string | null {
  if (!/^[*#]?[\d*#]{1,15}$/.test(code)) return `The code "${code}" must be 1 to 16 digits, * or #.`;
  for (const other of others) {
    if (other === code) return `The code ${code} is taken already.`;
    if (other.startsWith(code))
      return `The code ${code} is the beginning of the code ${other}, which could not be dialled any more.`;
    if (other !== '' && code.startsWith(other)) {
      return `The code ${code} begins with the code ${other}, so that it would never be reached.`;
    }
  }
  return null;
}

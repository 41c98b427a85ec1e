import type { CompiledAccount, CompiledPilot, CompiledSettings } from './compile.ts';
import type { CallFacts } from './types.ts';

/** The pilot number that a call was sent to, as the settings know it (S8). */
export interface DialledPilot {
  readonly kind: CompiledPilot['kind'];
  /** As it was dialled, digits only. */
  readonly number: string;
  /** What stands behind the prefix: numeric user or partition id, or the four digits of a CTI number. */
  readonly suffix: string;
}

const CTI_DIGITS = 4;

/** The account's pilot that was dialled; the longest prefix that fits. */
export function dialledPilot(facts: CallFacts, account: CompiledAccount): DialledPilot | null {
  const number = facts.pilot?.replaceAll(/[^\d*#]/g, '') ?? '';
  if (number === '') return null;
  const [pilot] = account.pilots
    .filter((one) => isPilotNumber(one, number))
    .sort((a, b) => b.digits.length - a.digits.length);
  return pilot === undefined ? null : { kind: pilot.kind, number, suffix: number.slice(pilot.digits.length) };
}

/** Whether a number is one of the pilot's: itself, or in the range behind its prefix (9000XXXX for `cti`). */
export function isPilotNumber(pilot: CompiledPilot, digits: string): boolean {
  if (pilot.digits === '' || !digits.startsWith(pilot.digits)) return false;
  const behind = digits.length - pilot.digits.length;
  if (pilot.kind === 'record') return behind === 0;
  if (pilot.kind === 'cti') return behind === CTI_DIGITS;
  return pilot.kind === 'live-keep' || behind > 0;
}

/** Accounts that have a pilot of their own with this number. */
export function accountsOfPilot(facts: CallFacts, compiled: CompiledSettings): string[] {
  if (facts.pilot === undefined) return [];
  const digits = facts.pilot.replaceAll(/[^\d*#]/g, '');
  return [...compiled.accounts.values()]
    .filter(
      (account) =>
        (account.settings.pilots ?? []).length > 0 && account.pilots.some((one) => isPilotNumber(one, digits)),
    )
    .filter((account) => hasOwnId(account, facts))
    .map((account) => account.settings.id);
}

/** With a numeric user id behind the prefix, only an account that has such a user is meant. */
function hasOwnId(account: CompiledAccount, facts: CallFacts): boolean {
  const pilot = dialledPilot(facts, account);
  return pilot?.kind !== 'user-id' || account.byNumericId.has(pilot.suffix);
}

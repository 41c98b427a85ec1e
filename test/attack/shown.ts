import { appendFileSync } from 'node:fs';
import type { Finding } from '../faults/finding.ts';

/** Where `npm run attack` gathers the lines of its table. */
const TABLE = process.env['EARSHOT_ATTACK_TABLE'];

/** Notes what an attack has shown; `check` must not throw for it to count as met. */
export async function shown(
  attack: string,
  target: string,
  found: string | (() => string),
  check: () => Promise<void> | void,
): Promise<void> {
  let isMet = false;
  try {
    await check();
    isMet = true;
  } finally {
    const finding: Finding = { fault: attack, target, found: typeof found === 'string' ? found : found(), isMet };
    if (TABLE !== undefined) appendFileSync(TABLE, `${JSON.stringify(finding)}\n`);
  }
}

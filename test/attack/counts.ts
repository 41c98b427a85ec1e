/** Long runs are asked for by `npm run attack`; the short ones are part of the tests. */
export const LONG = process.env['EARSHOT_ATTACK'] === 'long';

/** How many of something a test does: `EARSHOT_ATTACK_<NAME>` when that is set. */
export function count(name: string, short: number, long: number): number {
  return Number(process.env[`EARSHOT_ATTACK_${name}`] ?? (LONG ? long : short));
}

/** Time for a test that does so many things, ms. */
export function timeFor(things: number, each: number): number {
  return 120_000 + things * each;
}

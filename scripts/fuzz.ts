import { mkdirSync, writeFileSync } from 'node:fs';
import { performance } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import { dice, mutate } from '../test/fuzz/mutate.ts';
import { type Target, targets } from '../test/fuzz/targets.ts';

/**
 * Throws mutated input at everything that reads what others send, and prints a table. `EARSHOT_FUZZ`: mutations of each (default a million);
 * `EARSHOT_FUZZ_SEED`: where the dice begin; names of targets as arguments take only those. Finds are written to `fuzz-finds/`; exit code 1.
 */
const COUNT = Number(process.env['EARSHOT_FUZZ'] ?? 1_000_000);
const SEED = Number(process.env['EARSHOT_FUZZ_SEED'] ?? 4475);
/** Of the processor, so that what else the machine does is not counted. */
const MOST_MS = 50;
const MOST_BYTES = 16 * 1024 * 1024;
const MOST_FINDS = 20;
/** What seems to take longer is measured again. */
const SURE_MS = 5;

interface Result {
  readonly target: string;
  mutations: number;
  finds: number;
  slowestMs: number;
  largestMegabytes: number;
  seconds: number;
}

async function fuzz(target: Target): Promise<Result> {
  const result: Result = { target: target.name, mutations: 0, finds: 0, slowestMs: 0, largestMegabytes: 0, seconds: 0 };
  const roll = dice(SEED);
  const from = performance.now();
  while (result.mutations < COUNT && result.finds < MOST_FINDS) {
    const seed = target.seeds[roll(target.seeds.length)]!;
    const input = mutate(seed, target.seeds[roll(target.seeds.length)]!, target.pieces, roll);
    result.mutations += 1;
    const problem = await tryOne(target, input, result);
    if (problem !== null) keep(target, input, result, problem);
  }
  result.seconds = Math.round((performance.now() - from) / 1000);
  return result;
}

/** What is wrong with how the input was read; null: nothing. */
async function tryOne(target: Target, input: Buffer, result: Result): Promise<string | null> {
  const first = await measure(target, input, result.mutations);
  if (first.problem !== null) return first.problem;
  let { ms, bytes } = first;
  // The machine may have been busy with something else, or the collector with what came before: what is truly dear is so each time.
  for (let again = 0; again < 3 && (ms > SURE_MS || bytes > MOST_BYTES); again++) {
    const next = await measure(target, input, result.mutations);
    ms = Math.min(ms, next.ms);
    bytes = Math.min(bytes, next.bytes);
  }
  result.slowestMs = Math.max(result.slowestMs, Math.round(ms * 10) / 10);
  result.largestMegabytes = Math.max(result.largestMegabytes, Math.round(bytes / 104_857.6) / 10);
  if (ms > MOST_MS) return `took ${ms.toFixed(0)} ms of CPU`;
  return bytes > MOST_BYTES ? `took ${(bytes / 2 ** 20).toFixed(0)} MB` : null;
}

async function measure(
  target: Target,
  input: Buffer,
  at: number,
): Promise<{ ms: number; bytes: number; problem: string | null }> {
  const held = memory();
  const from = threadMs();
  let problem: string | null = null;
  try {
    const reading = target.read(input, at);
    if (reading instanceof Promise) await reading;
  } catch (error) {
    problem = error instanceof Error ? (error.stack ?? error.message) : String(error);
  }
  return { ms: threadMs() - from, bytes: memory() - held, problem };
}

/** Time that this thread has had of a processor. */
function threadMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

function memory(): number {
  const { used_heap_size, external_memory } = getHeapStatistics();
  return used_heap_size + external_memory;
}

function keep(target: Target, input: Buffer, result: Result, problem: string): void {
  result.finds += 1;
  mkdirSync('fuzz-finds', { recursive: true });
  const file = `fuzz-finds/${target.name.replace(' ', '-')}-${SEED}-${result.mutations}.bin`;
  writeFileSync(file, input);
  process.stderr.write(`${file}: ${problem}\n`);
}

const chosen = process.argv.slice(2);
const results: Result[] = [];
for (const target of await targets()) {
  if (chosen.length > 0 && !chosen.includes(target.name)) continue;
  results.push(await fuzz(target));
  process.stderr.write(`${target.name}: done\n`);
}
console.table(results);
process.exitCode = results.every(({ finds }) => finds === 0) ? 0 : 1;

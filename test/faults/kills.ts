import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Finding } from './finding.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** So many in one life of the server and its calls. */
const A_ROUND = 20;
const CALLS = 50;

interface Round {
  /** Empty: all as required. */
  readonly failure: string;
  readonly backMs: number;
  readonly lostMs: number;
}

/** `kill -9` of any process at random, by test/e2e/kills.test.ts, in rounds. A round that falls short does not end the others. */
export async function kills(times: number): Promise<Finding> {
  const rounds: Round[] = [];
  for (let done = 0; done < times; done += A_ROUND) rounds.push(await oneRound(Math.min(A_ROUND, times - done), done));
  const failures = rounds.filter(({ failure }) => failure !== '');
  const worst = (of: 'backMs' | 'lostMs'): number => Math.max(...rounds.map((round) => round[of]));
  return {
    fault: `kill -9 of recorder, service, PostgreSQL or supervisor at random, ${CALLS} calls running, ${times} times`,
    target:
      'every call in the list within 30 s, once; recorder back within 2 s; whole but for the downtime and 400 ms before; none stuck; each BYE answered',
    found:
      failures.length === 0
        ? `as required; recorder back after at most ${worst('backMs')} ms, at most ${worst('lostMs')} ms missing before a kill`
        : `${failures.length} of ${rounds.length} rounds short: ${failures[0]!.failure}`,
    isMet: failures.length === 0,
  };
}

function oneRound(times: number, seed: number): Promise<Round> {
  return new Promise((resolve) => {
    const test = ['vitest', 'run', '--project', 'e2e', 'test/e2e/kills.test.ts'];
    const settings = {
      EARSHOT_KILLS: String(times),
      EARSHOT_KILL_CALLS: String(CALLS),
      EARSHOT_KILL_SEED: String(seed),
      NO_COLOR: '1',
    };
    const child = spawn('npx', test, { cwd: root, env: { ...process.env, ...settings } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => {
      const worst = /worst: back after (\d+) ms, (-?\d+) ms missing/.exec(output);
      process.stderr.write(code === 0 ? `${times} kills: ${worst?.[0] ?? ''}\n` : output);
      const line = output.split('\n').find((text) => text.includes('Error:'));
      const failure = code === 0 ? '' : (line ?? 'the test failed').trim();
      resolve({ failure, backMs: Number(worst?.[1] ?? 0), lostMs: Number(worst?.[2] ?? 0) });
    });
  });
}

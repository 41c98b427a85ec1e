import { spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import type { Finding } from './finding.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));
/** So many in one life of the server and its calls. */
const A_ROUND = 20;

/** `kill -9` of every process in turn, by test/e2e/kills.test.ts, in rounds. */
export async function kills(times: number): Promise<Finding> {
  let done = 0;
  let failed = '';
  while (done < times && failed === '') {
    const round = Math.min(A_ROUND, times - done);
    failed = await oneRound(round);
    done += round;
  }
  return {
    fault: `kill -9 of recorder, service, PostgreSQL and supervisor in turn, 20 calls running, ${done} times`,
    target: 'every call once, whole but for the downtime and 400 ms, none stuck',
    found: failed === '' ? 'as required' : failed,
    isMet: failed === '',
  };
}

function oneRound(times: number): Promise<string> {
  return new Promise((resolve) => {
    const test = ['vitest', 'run', '--project', 'e2e', 'test/e2e/kills.test.ts'];
    const child = spawn('npx', test, { cwd: root, env: { ...process.env, EARSHOT_KILLS: String(times) } });
    let output = '';
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    child.on('close', (code) => {
      process.stderr.write(code === 0 ? `${times} kills\n` : output);
      const line = output.split('\n').find((text) => text.includes('Error:'));
      resolve(code === 0 ? '' : (line ?? 'the test failed').trim());
    });
  });
}

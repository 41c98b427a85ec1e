import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Finding } from './finding.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** What takes hours, or thousands of tries at every point, is shown in virtual time by a unit test of this name. */
export interface UnitTrial {
  readonly fault: string;
  readonly target: string;
  readonly file: string;
  /** Beginnings of the names of tests; each must be there and pass. */
  readonly tests: readonly string[];
}

interface Report {
  readonly testResults: readonly {
    readonly name: string;
    readonly assertionResults: readonly { readonly title: string; readonly status: string }[];
  }[];
}

/** Runs the tests, all in one go, and tells of each trial whether its tests passed. */
export async function unitTrials(trials: readonly UnitTrial[]): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-unit-'));
  const file = join(folder, 'report.json');
  try {
    await run([...new Set(trials.map((trial) => trial.file))], file);
    const report = JSON.parse(readFileSync(file, 'utf8')) as Report;
    return trials.map((trial) => findingOf(trial, report));
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function findingOf({ fault, target, file, tests }: UnitTrial, report: Report): Finding {
  const results = report.testResults.find(({ name }) => name.endsWith(file))?.assertionResults ?? [];
  const own = results.filter(({ title }) => tests.some((test) => title.startsWith(test)));
  const missing = tests.filter((test) => own.every(({ title }) => !title.startsWith(test)));
  const failed = own.filter(({ status }) => status !== 'passed').map(({ title }) => title);
  const isMet = missing.length + failed.length === 0;
  const short = [...missing.map((test) => `no test “${test}”`), ...failed].join('; ');
  return { fault, target, found: isMet ? `as required (${file})` : short, isMet };
}

function run(files: readonly string[], report: string): Promise<void> {
  return new Promise((resolve) => {
    const args = ['vitest', 'run', '--project', 'unit', '--reporter=json', `--outputFile=${report}`, ...files];
    spawn('npx', args, { cwd: root, stdio: 'ignore' }).on('close', () => resolve());
  });
}

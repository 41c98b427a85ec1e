import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { machineSize } from '../../bench/machine.ts';
import { type Finding, tableOf } from '../faults/finding.ts';
import { unitTrials, type UnitTrial } from '../faults/unit-trials.ts';

/**
 * All attacks, one table.
 *
 *   npm run attack [-- --short] [flood media …]
 */
const args = process.argv.slice(2);
const isShort = args.includes('--short');
const files = args.filter((arg) => !arg.startsWith('--'));
if (!isShort) process.env['EARSHOT_ATTACK'] = 'long';
const root = fileURLToPath(new URL('../..', import.meta.url));

const TRIALS: readonly UnitTrial[] = [
  {
    fault: '100,000 forged, damaged and replayed SRTP packets',
    target: 'nothing changes, and the good ones after them are taken',
    file: 'src/rtp/srtp/receiver.test.ts',
    tests: ['is not moved by 100,000'],
  },
  {
    fault: 'vectors of RFC 3711, RFC 7714 and of other implementations, SRTCP with them',
    target: 'met byte by byte',
    file: 'src/rtp/srtp/vectors.test.ts',
    tests: ['B.2', 'B.3', 'of an RTP packet', 'of an RTCP packet', 'RTP', 'RTCP', 'a changed byte anywhere'],
  },
  {
    fault: 'every prefix of the messages of RFC 4475, every split of them as a stream, byte by byte',
    target: 'no uncaught error, the same as the whole',
    file: 'src/sip/framer.test.ts',
    tests: ['in two', 'byte by byte', 'every prefix'],
  },
  {
    fault: 'the messages of RFC 5118',
    target: 'each as the RFC says',
    file: 'src/sip/rfc5118.test.ts',
    tests: ['§4.1', '§4.2', '§4.3', '§4.5', '§4.8', '§4.10'],
  },
  {
    fault: 'metadata: document types, bombs, 10,000 levels, more than a megabyte',
    target: 'refused or cut, no entity ever opened',
    file: 'src/intake/siprec/metadata/parse.test.ts',
    tests: ['refuses a document type', 'refuses a DOCTYPE', 'stops at the depth limit', 'refuses more than a megabyte'],
  },
];

/** Runs the tests of the project, and gives what they noted. */
async function attacks(): Promise<Finding[]> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-attack-'));
  const [table, report] = [join(folder, 'table'), join(folder, 'report.json')];
  const env = { ...process.env, EARSHOT_ATTACK_TABLE: table };
  const projects = ['--project', 'side-by-side', '--project', 'attack'];
  const vitest = ['vitest', 'run', ...projects, '--reporter=default', '--reporter=json'];
  try {
    await new Promise<void>((resolve) => {
      const child = spawn(
        'npx',
        [...vitest, `--outputFile=${report}`, ...(files.length > 0 ? files : ['test/attack/'])],
        {
          cwd: root,
          env,
          stdio: ['ignore', 2, 2],
        },
      );
      child.on('close', () => resolve());
    });
    const noted = existsSync(table) ? readFileSync(table, 'utf8').trim().split('\n') : [];
    return [...noted.map((line) => JSON.parse(line) as Finding), summaryOf(report)];
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function summaryOf(report: string): Finding {
  const all = { fault: 'all tests of the attacks', target: 'pass' };
  if (!existsSync(report)) return { ...all, found: 'they did not run', isMet: false };
  const counts = JSON.parse(readFileSync(report, 'utf8')) as { numPassedTests: number; numFailedTests: number };
  const { numPassedTests, numFailedTests } = counts;
  return { ...all, found: `${numPassedTests} passed, ${numFailedTests} failed`, isMet: numFailedTests === 0 };
}

const size = machineSize();
const findings = [...(await attacks()), ...(files.length === 0 ? await unitTrials(TRIALS) : [])];
process.stdout.write(`${size}\n${tableOf(findings)}\n`);
process.exit(findings.some(({ isMet }) => isMet === false) ? 1 : 0);

import { machineSize } from '../../bench/machine.ts';
import { databaseAway } from './database.ts';
import { badDisk } from './bad-disk.ts';
import { clockSteps } from './clock.ts';
import { damagedFiles } from './damaged-files.ts';
import { tableOf, type Finding } from './finding.ts';
import { kills } from './kills.ts';
import { lostOpenings } from './lost-openings.ts';
import { powerCuts } from './power-cut.ts';
import { realDisk } from './real-disk.ts';
import { virtualTime } from './virtual-time.ts';

/**
 * Real faults, one table.
 *
 *   node test/faults/run.ts [--long] [--kills 500] [--only disk]
 */
const args = process.argv.slice(2);
const isLong = args.includes('--long');
const valueOf = (name: string): string | undefined => args[args.indexOf(name) + 1 || args.length];
const killTimes = Number(valueOf('--kills') ?? (isLong ? 100 : 4));
const only = valueOf('--only') ?? '';

const trials: readonly (readonly [string, () => Promise<Finding | Finding[]>])[] = [
  ['damage', () => damagedFiles(isLong ? 2000 : 100)],
  ['power', () => powerCuts(isLong ? 500 : 50)],
  ['openings', () => lostOpenings()],
  ['virtual time', () => virtualTime()],
  ['bad disk', () => badDisk()],
  ['real disk', () => realDisk(isLong)],
  ['clock', () => clockSteps()],
  ['database', () => databaseAway(isLong ? 20 : 3)],
  ['kills', () => kills(killTimes)],
];

const say = (text: string): void => void process.stdout.write(`${text}\n`);
const findings: Finding[] = [];
say(machineSize());
for (const [name, run] of trials) {
  if (!name.includes(only)) continue;
  process.stderr.write(`${name} …\n`);
  try {
    findings.push(...[await run()].flat());
  } catch (error) {
    const found = error instanceof Error ? error.message.split('\n')[0]! : String(error);
    findings.push({ fault: name, target: 'the trial runs', found, isMet: false });
  }
}
say(tableOf(findings));
process.exit(findings.some(({ isMet }) => isMet === false) ? 1 : 0);

import type { Finding } from './finding.ts';
import { unitTrials, type UnitTrial } from './unit-trials.ts';

const TRIALS: readonly UnitTrial[] = [
  {
    fault: 'PostgreSQL away for an hour, and flapping for an hour',
    target: 'all calls in the list within 120 s of its return, once',
    file: 'src/archive/archiver.test.ts',
    tests: ['for an hour', 'again and again for an hour'],
  },
  {
    fault: 'a two-hour call among 2,400 short ones',
    target: 'holds about its own bytes, and is read back whole',
    file: 'src/recording/log/carry.test.ts',
    tests: ['holds about its own bytes for two hours'],
  },
  {
    fault: 'power cut, full disk and damage while its records are carried forward',
    target: 'no record lost, no half of a file left',
    file: 'src/recording/log/carry.test.ts',
    tests: [
      'removes nothing before the copy',
      'leaves everything as it is when the disk is full',
      'does not touch a segment',
    ],
  },
  {
    fault: 'a disk that never answers again',
    target: 'ports given back after 10 s with an alarm, the call ended after 60 s',
    file: 'src/recording/recorder.test.ts',
    tests: ['holds no call for more than ten seconds', 'that never comes back'],
  },
  {
    fault: 'the audio waits for the disk for five seconds',
    target: 'alarm after one second, nothing lost',
    file: 'src/recording/log/log.test.ts',
    tests: ['carries a stall of five seconds'],
  },
  {
    fault: 'EIO and ENOSPC on write and fsync',
    target: 'everything written again elsewhere, the failed file never trusted again',
    file: 'src/recording/log/log.test.ts',
    tests: ['writes everything again elsewhere after EIO', 'writes everything again elsewhere after ENOSPC'],
  },
];

/** What would take hours, in virtual time. */
export function virtualTime(): Promise<Finding[]> {
  return unitTrials(TRIALS);
}

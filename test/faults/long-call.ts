import { readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { machineSize } from '../../bench/machine.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import { type Finding, tableOf } from './finding.ts';
import { accountOf, placeNoise, type PlacedCall } from './placed-calls.ts';
import { SoakLoad } from './soak-load.ts';

/**
 * One long call beside others that come and go: what it takes from the disk must be its own share, not the segments of all its time.
 *
 *   npm run long-call -- [--minutes 120] [--calls 4]
 */
const args = process.argv.slice(2);
const valueOf = (name: string, fallback: number): number =>
  Number(args[args.indexOf(name) + 1 || args.length] ?? fallback);
const MINUTES = valueOf('--minutes', 120);
const OTHERS = valueOf('--calls', 4);
const PACKETS = MINUTES * 60 * 50;
/** Header, G.711 of 20 ms, and what the log adds to both: two streams of it. */
const BYTES_A_SECOND = 2 * 50 * 190;
const EVERY_MS = 10_000;
/** Of its audio; it is in the parties' names. */
const SEED = 1_000_000;
/** What is not older than that may be there as a whole: segments of a minute, and five until something is carried out of them. */
const FRESH_S = 420;
const MB = 2 ** 20;

interface Spool {
  readonly seconds: number;
  readonly bytes: number;
  readonly files: number;
}

function spoolOf(server: TestServer, seconds: number): Spool {
  const folder = join(server.dataDir, 'spool/audio');
  const sizes = readdirSync(folder).map((name) => statSync(join(folder, name), { throwIfNoEntry: false })?.size ?? 0);
  return { seconds, bytes: sizes.reduce((sum, size) => sum + size, 0), files: sizes.length };
}

/** Twice what the call has said, as a segment stays while more than half of it is needed, and all that is fresh. */
const allowed = ({ seconds }: Spool): number => BYTES_A_SECOND * (2 * seconds + OTHERS * FRESH_S) + 4 * MB;

function print(spools: readonly Spool[]): void {
  const every = Math.max(1, Math.floor(spools.length / 12));
  const shown = spools.filter((_, index) => index % every === every - 1);
  process.stdout.write(
    '| minute | audio log, MB | its files | the long call so far, MB | all calls so far, MB, about |\n|---|---|---|---|---|\n',
  );
  for (const { seconds, bytes, files } of shown) {
    const own = (seconds * BYTES_A_SECOND) / MB;
    const row = [seconds / 60, bytes / MB, files, own, own * (1 + OTHERS)].map((one) => one.toFixed(0));
    process.stdout.write(`| ${row.join(' | ')} |\n`);
  }
  process.stdout.write('\n');
}

async function findings(server: TestServer, call: PlacedCall, spools: readonly Spool[]): Promise<Finding[]> {
  await server.until('the long call to be archived', 120_000, async () => {
    const { archive, recorder } = await server.api<{ archive: { waiting: number }; recorder: { calls: number } }>(
      'GET',
      '/status',
    );
    return archive.waiting === 0 && recorder.calls === 0;
  });
  const { found, missingPackets, wrongPackets } = await accountOf(server, [call], `caller ${SEED}`);
  const worst = spools.reduce((most, one) => (one.bytes / allowed(one) > most.bytes / allowed(most) ? one : most));
  const last = spools.at(-1)!;
  return [
    {
      fault: `a call of ${MINUTES} minutes beside ${OTHERS} others at a time`,
      target: 'in the list, each packet at its place',
      found: `${found} in the list; of 2 × ${PACKETS} packets ${missingPackets} missing, ${wrongPackets} elsewhere`,
      isMet: found === 1 && missingPackets + wrongPackets === 0,
    },
    {
      fault: 'audio log meanwhile',
      target: 'at most twice what the long call has said, and what is fresh',
      found: `${(last.bytes / MB).toFixed(0)} MB at the end, of which it had said ${((last.seconds * BYTES_A_SECOND) / MB).toFixed(0)}; at most ${((100 * worst.bytes) / allowed(worst)).toFixed(0)} % of what is allowed`,
      isMet: worst.bytes <= allowed(worst),
    },
    { fault: 'after it', target: 'freed', found: `${(spoolOf(server, 0).bytes / MB).toFixed(1)} MB left`, isMet: null },
  ];
}

async function run(): Promise<Finding[]> {
  const server = new TestServer({ basePort: 28_000, env: { EARSHOT_SILENCE_SECONDS: '5', EARSHOT_RTP_REST: '2' } });
  await server.start();
  const client = await RecordingClient.open(server, 'udp');
  const others = new SoakLoad(client);
  try {
    const state = { isOver: false };
    const long = placeNoise(client, SEED, PACKETS).finally(() => (state.isOver = true));
    const from = performance.now();
    const short = others.run(OTHERS);
    const spools: Spool[] = [];
    while (!state.isOver) {
      await pause(EVERY_MS);
      spools.push(spoolOf(server, (performance.now() - from) / 1000));
    }
    others.stop();
    const [call] = await Promise.all([long, short]);
    print(spools);
    const isMet = others.failed === 0;
    const found = `${others.failed} of ${others.started} failed ${others.lastFailure}`;
    return [...(await findings(server, call, spools)), { fault: 'the others', target: 'none fails', found, isMet }];
  } finally {
    await client.close();
    await server.remove();
  }
}

process.stdout.write(`${machineSize()}; a call of ${MINUTES} minutes\n\n`);
const result = await run();
process.stdout.write(`${tableOf(result)}\n`);
process.exit(result.every(({ isMet }) => isMet !== false) ? 0 : 1);

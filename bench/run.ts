/**
 * Earshot under load, in one table: the whole server on loopback, a load generator, and a bare C receiver to compare with.
 *
 *   npm run bench -- [--calls 200] [--seconds 60] [--spread 0] [--rate 50] [--setups 0] [--climb 0] [--rows 100000] [--first-port 10000] [--quick]
 *
 * `--setups N` adds N set-ups a second of calls of 5 s, for `--setup-seconds` (60). `--climb N` adds how far it goes: 1,000, 1,500 … N calls at once, a
 * minute each, until something is lost. `--quick` takes less than a minute and shows that the
 * benchmark itself works. Exit code 1 when a figure falls short; with `--quick` only when something was lost.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { TestServer } from '../test/e2e/server.ts';
import { measureArchive } from './archive.ts';
import { CallsRun, type CallLoad, type CallsResult } from './calls.ts';
import { measureCatalogue } from './catalogue.ts';
import { callFigures, climbFigures, costFigures, isKept, listFigures, setupFigures } from './figures.ts';
import { machineSize } from './machine.ts';
import { compilePrograms, endPrograms, runFloor, type FloorResult, type Programs } from './native.ts';
import { writeTable, type Figure } from './table.ts';

interface Plan {
  readonly load: CallLoad;
  /** Null = not measured. */
  readonly setups: CallLoad | null;
  readonly climb: readonly CallLoad[];
  readonly rows: number;
  readonly rounds: number;
  readonly floorSeconds: number;
  readonly archiveCalls: number;
  readonly archiveMinutes: number;
  readonly shortCalls: number;
  readonly firstPort: number;
  readonly isQuick: boolean;
}

/** HTTP, SIP and TLS lie this far below the media ports. */
const PORTS_BELOW = 100;
const LAST_PORT = 19_999;
/** The steps of `--climb`. */
const CLIMB_FROM = 1000;
const CLIMB_STEP = 500;
const CLIMB_SECONDS = 60;
/** A recorder that has just started compiles what it runs while the first calls come. */
const RISE_S = 10;
/** More than the highest step; what it is to be is found out. */
const MOST_CALLS = 10_000;
/** Beyond what the calls take by themselves, of all and of each run; then everything is ended. */
const SPARE_MS = 270_000;
const SPARE_OF_A_RUN_S = 120;

function readPlan(): Plan {
  const text = (value: string) => ({ type: 'string', default: value }) as const;
  const { values } = parseArgs({
    options: {
      calls: text('200'),
      seconds: text('60'),
      spread: text('0'),
      rate: text('50'),
      setups: text('0'),
      climb: text('0'),
      'setup-seconds': text('60'),
      rows: text('100000'),
      'first-port': text('10000'),
      quick: { type: 'boolean', default: false },
    },
  });
  const isQuick = values.quick;
  const setups = Number(values.setups);
  const setupCalls = setups * Number(values['setup-seconds']);
  return {
    load: isQuick
      ? { calls: 20, seconds: 6, spread: 0, rate: 20, rise: 0 }
      : {
          calls: Number(values.calls),
          seconds: Number(values.seconds),
          spread: Number(values.spread),
          rate: Number(values.rate),
          rise: Math.min(RISE_S, Number(values.calls) / Number(values.rate)),
        },
    setups:
      setups === 0
        ? null
        : { calls: setupCalls + (setups * RISE_S) / 2, seconds: 5, spread: 0, rate: setups, rise: RISE_S },
    climb: isQuick ? [] : climbTo(Number(values.climb), Number(values.rate)),
    rows: isQuick ? 2000 : Number(values.rows),
    rounds: isQuick ? 5 : 40,
    floorSeconds: isQuick ? 2 : 10,
    archiveCalls: isQuick ? 1 : 6,
    archiveMinutes: isQuick ? 2 : 10,
    shortCalls: isQuick ? 2 : 60,
    firstPort: Number(values['first-port']),
    isQuick,
  };
}

function climbTo(most: number, rate: number): CallLoad[] {
  const loads: CallLoad[] = [];
  for (let calls = CLIMB_FROM; calls <= most; calls += CLIMB_STEP) {
    loads.push({ calls, seconds: CLIMB_SECONDS, spread: 0, rate, rise: RISE_S });
  }
  return loads;
}

type Say = (what: string) => void;

/** Things to be undone, whatever happens; the last first. */
const cleanups: (() => Promise<void> | void)[] = [];

async function cleanUp(): Promise<void> {
  endPrograms();
  for (const undo of cleanups.splice(0).reverse()) await undo();
}

async function startServer(firstPort: number): Promise<TestServer> {
  const server = new TestServer({
    dataDir: mkdtempSync(join(tmpdir(), 'earshot-bench-')),
    basePort: firstPort - PORTS_BELOW,
    env: {
      EARSHOT_SIP_HOST: '127.0.0.1',
      EARSHOT_HTTP_HOST: '127.0.0.1',
      EARSHOT_RTP_PORTS: `${firstPort}-${firstPort + LAST_PORT}`,
      // As they are without settings, and not as short as in the tests.
      EARSHOT_RTP_REST: '10',
      EARSHOT_MAX_CALLS: String(MOST_CALLS),
    },
  });
  cleanups.push(async () => {
    await server.stop();
    rmSync(server.dataDir, { recursive: true, force: true });
  });
  await server.start();
  return server;
}

async function runCalls(plan: Plan, load: CallLoad, programs: Programs, say: Say): Promise<CallsResult> {
  const server = await startServer(plan.firstPort);
  // For whoever wants to look into it with perf.
  say(`  the recorder is process ${server.pidOf('recorder')}, the service ${server.pidOf('service')}`);
  const result = await new CallsRun(server, load, programs).run();
  await server.stop();
  return result;
}

async function measure(plan: Plan, say: Say): Promise<Figure[]> {
  const folder = mkdtempSync(join(tmpdir(), 'earshot-bench-'));
  cleanups.push(() => rmSync(folder, { recursive: true, force: true }));
  const programs = compilePrograms(folder);
  const streams = 2 * plan.load.calls;
  const floor = (): Promise<FloorResult> =>
    runFloor(programs, folder, { firstPort: plan.firstPort, streams, seconds: plan.floorSeconds });
  say(`the bare receiver, ${streams} streams`);
  const before = await floor();
  say(`${plan.load.calls} calls of ${plan.load.seconds} s on the whole server`);
  const calls = await runCalls(plan, plan.load, programs, say);
  say('the bare receiver again');
  const after = await floor();
  const figures = callFigures(plan.load, calls, [before, after]);
  if (plan.setups !== null) {
    say(`${plan.setups.rate} set-ups a second`);
    figures.push(...setupFigures(plan.setups, await runCalls(plan, plan.setups, programs, say)));
  }
  for (const load of plan.climb) {
    say(`${load.calls} calls of ${load.seconds} s, to see how far it goes`);
    const result = await runCalls(plan, load, programs, say);
    figures.push(...climbFigures(load, result));
    if (!isKept(load, result)) break;
  }
  say('the archive');
  const long = await measureArchive(plan.archiveCalls, plan.archiveMinutes);
  const short = await measureArchive(plan.shortCalls, 1);
  figures.push(...costFigures(calls, long, short));
  say(`${plan.rows} recordings in the catalogue`);
  figures.push(...listFigures(plan.rows, await measureCatalogue(plan.rows, plan.rounds)));
  return figures;
}

function stopAfter(plan: Plan): void {
  const seconds = [plan.load, plan.setups, ...plan.climb].reduce(
    (sum, load) => sum + (load === null ? 0 : SPARE_OF_A_RUN_S + load.seconds + load.spread + load.calls / load.rate),
    0,
  );
  const limitMs = SPARE_MS + seconds * 1000;
  setTimeout(() => giveUp(`it took longer than ${Math.round(limitMs / 1000)} s`), limitMs).unref();
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => giveUp(signal));
}

function giveUp(why: string): void {
  console.error(`The benchmark was cut short: ${why}.`);
  void cleanUp().finally(() => process.exit(2));
}

const plan = readPlan();
stopAfter(plan);
const machine = machineSize();
const started = performance.now();
const progress = (what: string): void => {
  console.error(`${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s  ${what}`);
};
try {
  const figures = await measure(plan, progress);
  console.log(`\n${writeTable(figures)}\n\n${machine}`);
  if (figures.some(({ isMet, isLoss }) => isMet === false && (isLoss || !plan.isQuick))) process.exitCode = 1;
} finally {
  await cleanUp();
}

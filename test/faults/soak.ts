import { setTimeout as pause } from 'node:timers/promises';
import { machineSize } from '../../bench/machine.ts';
import { RecordingClient } from '../e2e/recording-client.ts';
import { TestServer } from '../e2e/server.ts';
import { type Finding, tableOf } from './finding.ts';
import { memoryOf, memoryOfFamily } from './process-memory.ts';
import { SoakLoad } from './soak-load.ts';

/**
 * Calls of every kind against the whole server for a long time; nothing may grow with them.
 *
 *   npm run soak -- [--minutes 30] [--calls 20]
 */
const args = process.argv.slice(2);
const valueOf = (name: string, fallback: number): number =>
  Number(args[args.indexOf(name) + 1 || args.length] ?? fallback);
const MINUTES = valueOf('--minutes', 30);
const AT_ONCE = valueOf('--calls', 20);
const EVERY_MS = 5000;
const WINDOWS = 10;
/** Warming up: code is compiled, pools and caches fill. */
const WARM_WINDOWS = 3;

interface Sample {
  readonly calls: number;
  readonly recorderHeap: number;
  readonly recorder: number;
  readonly recorderFiles: number;
  readonly serviceHeap: number;
  readonly service: number;
  readonly serviceFiles: number;
  readonly postgres: number;
}
type Figure = Exclude<keyof Sample, 'calls'>;

const HEADINGS: Readonly<Record<Figure, string>> = {
  recorderHeap: 'recorder heap, MB',
  recorder: 'recorder, MB',
  recorderFiles: 'recorder files',
  serviceHeap: 'service heap, MB',
  service: 'service, MB',
  serviceFiles: 'service files',
  postgres: 'PostgreSQL, MB',
};
const FIGURES = Object.keys(HEADINGS) as Figure[];
/** How much a figure may be above what it was when warm: MB, or open files. */
const MAY_GROW: Readonly<Partial<Record<Figure, number>>> = {
  recorderHeap: 3,
  recorder: 20,
  recorderFiles: 4,
  serviceHeap: 5,
  service: 30,
  serviceFiles: 4,
};

async function sample(server: TestServer, load: SoakLoad): Promise<Sample> {
  const metrics = (await server.api<Buffer>('GET', '/metrics')).toString();
  const metric = (name: string): number =>
    Number(new RegExp(`^${name} ([\\d.e+]+)`, 'm').exec(metrics)?.[1] ?? Number.NaN);
  const [recorder, service] = [memoryOf(server.pidOf('recorder')), memoryOf(server.pidOf('service'))];
  // As people do meanwhile.
  await server.api('GET', '/recordings?limit=50&q=caller');
  return {
    calls: load.started,
    recorderHeap: metric('earshot_process_heap_bytes') / 2 ** 20,
    recorder: recorder.resident,
    recorderFiles: recorder.files,
    serviceHeap: metric('earshot_service_nodejs_heap_size_used_bytes') / 2 ** 20,
    service: service.resident,
    serviceFiles: service.files,
    postgres: memoryOfFamily(server.pidOf('postgres')),
  };
}

/** Of each window: calls until its end, and the least of each figure, which is what stays when the collector has been. */
function floorsOf(samples: readonly Sample[]): Sample[] {
  const size = Math.ceil(samples.length / WINDOWS);
  return Array.from({ length: Math.ceil(samples.length / size) }, (_, window) => {
    const part = samples.slice(window * size, (window + 1) * size);
    const least = Object.fromEntries(FIGURES.map((figure) => [figure, Math.min(...part.map((one) => one[figure]))]));
    return { calls: part.at(-1)!.calls, ...(least as Record<Figure, number>) };
  });
}

function judge(floors: readonly Sample[]): Finding[] {
  return FIGURES.flatMap((figure): Finding[] => {
    const most = MAY_GROW[figure];
    if (most === undefined) return [];
    const warm = floors.slice(WARM_WINDOWS).map((one) => one[figure]);
    const half = Math.floor(warm.length / 2);
    const grown = median(warm.slice(half)) - median(warm.slice(0, half));
    return [
      {
        fault: HEADINGS[figure],
        target: `grows by at most ${most} from the first to the second half`,
        found: `${warm[0]!.toFixed(1)} when warm, ${warm.at(-1)!.toFixed(1)} at the end; ${slopeOf(floors.slice(WARM_WINDOWS), figure).toFixed(1)} a 1,000 calls`,
        isMet: grown <= most,
      },
    ];
  });
}

/** Least squares: how much a thousand calls add. */
function slopeOf(floors: readonly Sample[], figure: Figure): number {
  const [x, y] = [mean(floors.map(({ calls }) => calls)), mean(floors.map((one) => one[figure]))];
  const above = floors.reduce((sum, one) => sum + (one.calls - x) * (one[figure] - y), 0);
  return (1000 * above) / floors.reduce((sum, one) => sum + (one.calls - x) ** 2, 0);
}

const mean = (values: readonly number[]): number => values.reduce((sum, value) => sum + value, 0) / values.length;
const median = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!;

function printWindows(floors: readonly Sample[], minutes: number): void {
  const head = ['minute', 'calls', ...FIGURES.map((figure) => HEADINGS[figure])];
  const rows = floors.map((one, at) => [
    ((minutes * (at + 1)) / floors.length).toFixed(0),
    String(one.calls),
    ...FIGURES.map((figure) => one[figure].toFixed(figure.endsWith('Files') ? 0 : 1)),
  ]);
  process.stdout.write([head, head.map(() => '---'), ...rows].map((row) => `| ${row.join(' | ')} |\n`).join('') + '\n');
}

async function leftOver(server: TestServer): Promise<Finding> {
  const none = ['calls_running', 'calls_unarchived', 'rtp_ports_used', 'sip_dialogs', 'sip_transactions'];
  let left = '';
  const isClean = async (): Promise<boolean> => {
    const { recorder } = await server.api<{ recorder: { figures: Record<string, number> } }>('GET', '/status');
    left = none.map((name) => `${recorder.figures[name]} ${name}`).join(', ');
    return none.every((name) => recorder.figures[name] === 0);
  };
  const isMet = await server.until('everything to be given back', 120_000, isClean).then(
    () => true,
    () => false,
  );
  return { fault: 'after the last call', target: 'no call, port, dialog or transaction is left', found: left, isMet };
}

async function soak(): Promise<Finding[]> {
  const server = new TestServer({ basePort: 27_000, env: { EARSHOT_SILENCE_SECONDS: '5', EARSHOT_RTP_REST: '2' } });
  await server.start();
  try {
    return await underLoad(server);
  } finally {
    await server.remove();
  }
}

async function underLoad(server: TestServer): Promise<Finding[]> {
  const client = await RecordingClient.open(server, 'udp');
  const load = new SoakLoad(client);
  const calls = load.run(AT_ONCE);
  const samples: Sample[] = [];
  const from = performance.now();
  while (performance.now() - from < MINUTES * 60_000) {
    await pause(EVERY_MS);
    samples.push(await sample(server, load));
  }
  load.stop();
  await calls;
  const left = await leftOver(server);
  const { alarms } = await server.api<{ alarms: { code: string }[] }>('GET', '/status');
  await client.close();
  const floors = floorsOf(samples);
  printWindows(floors, MINUTES);
  const failed = `${load.failed} of ${load.started} calls failed ${load.lastFailure}; alarms: ${alarms.map(({ code }) => code).join(', ') || 'none'}`;
  return [{ fault: 'calls', target: 'none fails', found: failed, isMet: load.failed === 0 }, ...judge(floors), left];
}

process.stdout.write(`${machineSize()}; ${MINUTES} minutes, ${AT_ONCE} calls at once\n\n`);
const findings = await soak();
process.stdout.write(`${tableOf(findings)}\n`);
process.exit(findings.every(({ isMet }) => isMet !== false) ? 0 : 1);

import { setTimeout as pause } from 'node:timers/promises';
import type { RecordingSummary } from '../src/api/recordings/schema.ts';
import type { Status } from '../src/api/status/schema.ts';
import { openDetail } from '../src/vault/manifest.ts';
import { loadManifest, readVault } from '../src/vault/vault.ts';
import type { TestServer } from '../test/e2e/server.ts';
import { Callers, writeTimetable, type CallersResult } from './callers.ts';
import { cpuSecondsOf, cpuSecondsOfFamily, residentBytesOf } from './machine.ts';
import { LoadGenerator, PACKETS_PER_SECOND, type LoadResult, type Programs } from './native.ts';
import { OptionsProbe } from './options-probe.ts';

export interface CallLoad {
  readonly calls: number;
  /** Length of the shortest call, and by how much the longest is longer. */
  readonly seconds: number;
  readonly spread: number;
  /** Set-ups a second. */
  readonly rate: number;
  /** So many seconds the rate takes to rise to that, as traffic does; these calls count in all but the set-up times. */
  readonly rise: number;
}

export interface CallsResult {
  /** INVITE to 200 of each call, ms. */
  readonly setupMs: readonly number[];
  readonly refused: number;
  /** How often each refusal came, e.g. `503 ×12`. */
  readonly refusals: string;
  readonly optionsMs: readonly number[];
  readonly optionsUnanswered: number;
  readonly generator: LoadResult;
  readonly callers: CallersResult;
  /** Of the program that places the calls, in all, and of this process, which tells it when they end, from the first INVITE to the last BYE. */
  readonly callersCpuSeconds: number;
  /** From the first INVITE to the last BYE. */
  readonly recorderCpuSeconds: number;
  /** While all calls ran; null when that never was for two seconds. */
  readonly steady: SteadyState | null;
  readonly syncLagP99Ms: number;
  readonly unsyncedMaxMs: number;
  readonly recordsLost: number;
  readonly archived: ArchivedCalls;
}

export interface SteadyState {
  readonly seconds: number;
  readonly packets: number;
  readonly recorderCpuSeconds: number;
  readonly serviceCpuSeconds: number;
  readonly recorderResidentBytes: number;
}

export interface ArchivedCalls {
  /** Recordings in the list. */
  readonly listed: number;
  /** Recordings with both tracks, every packet in its track, none lost or twice. */
  readonly whole: number;
  readonly packets: number;
  readonly lost: number;
  /** From a call's end to its manifest, ms. */
  readonly latenessMs: readonly number[];
  /** Hours of audio in these recordings. */
  readonly hours: number;
  /** CPU seconds of service and PostgreSQL from the first call's end to the last recording, less what they take when nothing ends. */
  readonly serviceCpuSeconds: number;
  readonly databaseCpuSeconds: number;
}

/** How long the last call's archiving may take before the rest counts as missing. */
const ARCHIVE_DEADLINE_MS = 90_000;
const STEADY_MARGIN_MS = 1500;

/** Runs two-stream G.711 calls by SIPREC against a server, media by the load generator, and looks at what became of them. */
export class CallsRun {
  readonly #server: TestServer;
  readonly #load: CallLoad;
  readonly #generator: LoadGenerator;
  readonly #callersProgram: string;
  readonly #setupMs: number[] = [];
  #refused = 0;
  readonly #refusals = new Map<number, number>();
  #syncLagP99Ms = 0;
  #unsyncedMaxMs = 0;
  #recordsLost = 0;
  #running = 0;
  #firstEnd: Promise<void>;
  #markFirstEnd: () => void;

  constructor(server: TestServer, load: CallLoad, programs: Programs) {
    this.#server = server;
    this.#load = load;
    this.#generator = new LoadGenerator(programs.load);
    this.#callersProgram = programs.callers;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#firstEnd = promise;
    this.#markFirstEnd = resolve;
  }

  async run(): Promise<CallsResult> {
    const { calls } = this.#load;
    const timetable = `${this.#callersProgram}.timetable`;
    const starts = Array.from({ length: calls }, (_, index) => this.#startOf(index));
    await writeTimetable(timetable, starts);
    const probe = new OptionsProbe(this.#server.sipPort);
    const watching = this.#watch();
    const ownBefore = process.cpuUsage();
    const recorderBefore = this.#cpu().recorder;
    const callers = new Callers(this.#callersProgram, this.#server.sipPort, timetable, calls);
    const over = Promise.all(starts.map((_, index) => this.#call(callers, index)));
    const steady = await Promise.race([this.#steady(starts.at(-1) ?? 0), over.then(() => null)]);
    const ending = this.#cpuOfOthers();
    await over;
    const own = process.cpuUsage(ownBefore);
    const recorderCpuSeconds = this.#cpu().recorder - recorderBefore;
    watching.abort();
    await probe.stop();
    const generator = await this.#generator.finish();
    const called = await callers.finish();
    const since = performance.now();
    await this.#settled();
    const after = this.#cpuOfOthers();
    const idleShare = steady === null ? 0 : steady.serviceCpuSeconds / steady.seconds;
    const endingSeconds = (performance.now() - since) / 1000;
    return {
      setupMs: this.#setupMs,
      refused: this.#refused,
      refusals: [...this.#refusals].map(([status, times]) => `${status} ×${times}`).join(', '),
      optionsMs: probe.times,
      optionsUnanswered: probe.unanswered,
      generator,
      callers: called,
      callersCpuSeconds: called.cpuSeconds + (own.user + own.system) / 1e6,
      recorderCpuSeconds,
      steady,
      syncLagP99Ms: this.#syncLagP99Ms,
      unsyncedMaxMs: this.#unsyncedMaxMs,
      recordsLost: this.#recordsLost,
      archived: {
        ...(await this.#look()),
        serviceCpuSeconds: Math.max(0, after.service - ending.service - idleShare * endingSeconds),
        databaseCpuSeconds: after.database - ending.database,
      },
    };
  }

  /** Seconds from the beginning to the call's INVITE. */
  #startOf(index: number): number {
    const { rate, rise } = this.#load;
    const rising = this.#risingCalls;
    return index < rising ? rise * Math.sqrt(index / rising) : rise + (index - rising) / rate;
  }

  get #risingCalls(): number {
    return Math.floor((this.#load.rate * this.#load.rise) / 2);
  }

  #packetsOf(index: number): number {
    const { calls, seconds, spread } = this.#load;
    return Math.round((seconds + (spread * index) / calls) * PACKETS_PER_SECOND);
  }

  async #call(callers: Callers, index: number): Promise<void> {
    const { status, ports, ms } = await callers.answer(index);
    if (status >= 300) {
      this.#refused++;
      this.#refusals.set(status, (this.#refusals.get(status) ?? 0) + 1);
      return;
    }
    if (index >= this.#risingCalls) this.#setupMs.push(ms);
    this.#running++;
    const packets = this.#packetsOf(index);
    await Promise.all(ports.map((port) => this.#generator.send(port, packets)));
    this.#markFirstEnd();
    this.#running--;
    await callers.bye(index);
  }

  /** CPU between two moments at which all calls run; the last begins in so many seconds. */
  async #steady(lastStart: number): Promise<SteadyState | null> {
    await pause(lastStart * 1000 + STEADY_MARGIN_MS);
    const streams = 2 * this.#running;
    const before = this.#cpu();
    await this.#firstEnd;
    const after = this.#cpu();
    const seconds = after.at - before.at;
    if (seconds < 2) return null;
    return {
      seconds,
      packets: streams * PACKETS_PER_SECOND * seconds,
      recorderCpuSeconds: after.recorder - before.recorder,
      serviceCpuSeconds: after.service - before.service,
      recorderResidentBytes: residentBytesOf(this.#server.pidOf('recorder')),
    };
  }

  #cpu(): { at: number; recorder: number; service: number } {
    const [recorder, service] = (['recorder', 'service'] as const).map((role) =>
      cpuSecondsOf(this.#server.pidOf(role)),
    );
    return { at: performance.now() / 1000, recorder: recorder!, service: service! };
  }

  #cpuOfOthers(): { service: number; database: number } {
    return {
      service: cpuSecondsOf(this.#server.pidOf('service')),
      database: cpuSecondsOfFamily(this.#server.pidOf('postgres')),
    };
  }

  /** Looks at the recorder's figures each second. */
  #watch(): AbortController {
    const stop = new AbortController();
    const look = async (): Promise<void> => {
      while (!stop.signal.aborted) {
        await pause(1000);
        const { figures } = (await this.#status()).recorder;
        this.#syncLagP99Ms = Math.max(this.#syncLagP99Ms, figures['log_sync_lag_p99_ms'] ?? 0);
        this.#unsyncedMaxMs = Math.max(this.#unsyncedMaxMs, figures['log_unsynced_ms'] ?? 0);
        this.#recordsLost = figures['log_records_lost_total'] ?? 0;
      }
    };
    void look().catch(() => undefined);
    return stop;
  }

  #status(): Promise<Status> {
    return this.#server.api<Status>('GET', '/status');
  }

  /** Waits until the recorder holds no call any more, as all are archived, or the deadline. */
  async #settled(): Promise<void> {
    const deadline = performance.now() + ARCHIVE_DEADLINE_MS;
    for (;;) {
      const { calls, figures } = (await this.#status()).recorder;
      if (calls === 0 && figures['calls_unarchived'] === 0) return;
      if (performance.now() > deadline) return;
      await pause(500);
    }
  }

  async #list(): Promise<RecordingSummary[]> {
    const all: RecordingSummary[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const query = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`;
      const page: { items: RecordingSummary[]; next: string | null } = await this.#server.api(
        'GET',
        `/recordings?limit=200${query}`,
      );
      all.push(...page.items);
      cursor = page.next;
    }
    return all;
  }

  /** What the manifests say, which is what would be shown in court. */
  async #look(): Promise<Omit<ArchivedCalls, 'serviceCpuSeconds' | 'databaseCpuSeconds'>> {
    const vault = await readVault(this.#server.dataDir);
    const list = await this.#list();
    const latenessMs: number[] = [];
    let [whole, packets, lost, hours] = [0, 0, 0, 0];
    for (const { id, parties } of list) {
      const manifest = await loadManifest(vault, id);
      const detail = await openDetail(manifest, vault.identities);
      const expected = this.#packetsOf(Number(parties[0]?.number?.slice(-7)));
      const isWhole =
        detail.tracks.length === 2 &&
        detail.tracks.every((track) => track.packets === expected && track.lost === 0 && track.duplicates === 0);
      if (isWhole) whole++;
      for (const track of detail.tracks) {
        packets += track.packets;
        lost += track.lost;
      }
      hours += detail.durationMs / 3_600_000;
      latenessMs.push(manifest.createdAt - detail.endedAt);
    }
    return { listed: list.length, whole, packets, lost, hours, latenessMs };
  }
}

import type { ArchiveCost } from './archive.ts';
import type { CallLoad, CallsResult, SteadyState } from './calls.ts';
import type { CatalogueTimes } from './catalogue.ts';
import type { FloorResult } from './native.ts';
import { percentile } from './percentile.ts';
import { measured, promised, told, type Figure } from './table.ts';

/** The targets, in one place. */
const CPU_RATIO = 3;
const SIP_P99_MS = 50;
const ARCHIVED_WITHIN_MS = 60_000;
const UNSYNCED_MS = 1000;
const ARCHIVE_SECONDS = 1;
const LIST_P95_MS = 100;

const count = (value: number): string => value.toLocaleString('en');
const ms = (value: number): string => `${value.toFixed(value < 10 ? 1 : 0)} ms`;
const us = (seconds: number, packets: number): string => `${((seconds * 1e6) / packets).toFixed(2)} µs`;
const spreadOf = (values: readonly number[]): string =>
  `p50 ${ms(percentile(values, 0.5))}, p99 ${ms(percentile(values, 0.99))}`;

/** What became of the calls, and what a packet cost. */
export function callFigures(load: CallLoad, result: CallsResult, floors: readonly FloorResult[]): Figure[] {
  const { calls } = load;
  return [
    ...keptFigures(`${count(calls)} calls of ${load.seconds} s`, calls, result),
    ...sipFigures(`${load.rate} set-ups a second`, result),
    ...(result.steady === null ? [] : packetFigures(result.steady, floors)),
    told(
      'load generator, CPU a packet',
      `${us(result.generator.cpuSeconds, result.generator.sent)}, at most ${ms(result.generator.worstLatenessMs)} late`,
    ),
    measured(
      'packet to disk: sync lag, p99',
      ms(result.syncLagP99Ms),
      `≤ ${UNSYNCED_MS} ms`,
      result.syncLagP99Ms <= UNSYNCED_MS,
    ),
    measured(
      'oldest packet not on the disk, max',
      ms(result.unsyncedMaxMs),
      `≤ ${UNSYNCED_MS} ms`,
      result.unsyncedMaxMs <= UNSYNCED_MS,
    ),
  ];
}

/** The same for set-ups that go on and on. */
export function setupFigures(load: CallLoad, result: CallsResult): Figure[] {
  const name = `${load.rate} set-ups a second`;
  const { recorderCpuSeconds, callersCpuSeconds, callers } = result;
  const each = (seconds: number): string => `${((seconds * 1000) / load.calls).toFixed(2)} ms`;
  return [
    ...keptFigures(`${name}, ${count(load.calls)} calls of ${load.seconds} s`, load.calls, result),
    ...sipFigures(name, result),
    told('whole recorder, CPU a call: set-up, end, and its media', each(recorderCpuSeconds)),
    told(
      'the callers, CPU a call',
      `${each(callersCpuSeconds)}, at most ${ms(callers.worstLatenessMs)} late, ${count(callers.repeated)} requests sent again`,
    ),
  ];
}

/** Whether every call was answered and every packet kept. */
export function isKept({ calls }: CallLoad, { generator, refused, archived }: CallsResult): boolean {
  return refused === 0 && archived.whole === calls && generator.sent === archived.packets;
}

/** One step of the climb, in two lines. */
export function climbFigures(load: CallLoad, result: CallsResult): Figure[] {
  const { generator, archived, steady, setupMs, syncLagP99Ms } = result;
  const cores = steady === null ? '?' : ((100 * steady.recorderCpuSeconds) / steady.seconds).toFixed(0);
  const p99 = percentile(setupMs, 0.99);
  const name = `how far it goes: ${count(load.calls)} calls at once`;
  return [
    promised(
      `${name}: whole recordings, packets missing`,
      `${count(archived.whole)}, ${count(generator.sent - archived.packets)} of ${count(generator.sent)}`,
      `${count(load.calls)}, 0`,
      isKept(load, result),
    ),
    measured(
      `${name}: INVITE to 200 p99, sync lag p99, recorder`,
      `${ms(p99)}, ${ms(syncLagP99Ms)}, ${cores} % of a core`,
      `< ${SIP_P99_MS} ms, ≤ ${UNSYNCED_MS} ms`,
      p99 < SIP_P99_MS && syncLagP99Ms <= UNSYNCED_MS,
    ),
  ];
}

function keptFigures(
  name: string,
  calls: number,
  { generator, refused, refusals, recordsLost, archived }: CallsResult,
): Figure[] {
  const missing = generator.sent - archived.packets;
  const latest = Math.max(0, ...archived.latenessMs);
  return [
    promised(
      `${name}: answered`,
      `${count(calls - refused)}${refused === 0 ? '' : ` (${refusals})`}`,
      count(calls),
      refused === 0,
    ),
    promised(
      'packets sent, and missing in the recordings',
      `${count(generator.sent)}, ${count(missing)}`,
      '0 missing',
      missing === 0 && archived.lost === 0 && generator.errors === 0 && recordsLost === 0,
    ),
    promised(
      'recordings whole, each packet once',
      `${count(archived.whole)} of ${count(archived.listed)} in the list`,
      count(calls),
      archived.whole === calls,
    ),
    measured(
      'archived after a call’s end',
      `p50 ${ms(percentile(archived.latenessMs, 0.5))}, max ${ms(latest)}`,
      `≤ ${ARCHIVED_WITHIN_MS / 1000} s`,
      archived.listed >= calls && latest <= ARCHIVED_WITHIN_MS,
    ),
  ];
}

function sipFigures(name: string, { setupMs, optionsMs, optionsUnanswered }: CallsResult): Figure[] {
  const p99 = percentile(setupMs, 0.99);
  const optionsP99 = percentile(optionsMs, 0.99);
  return [
    measured(`${name}: INVITE to 200`, spreadOf(setupMs), `p99 < ${SIP_P99_MS} ms`, p99 < SIP_P99_MS),
    measured(
      'OPTIONS meanwhile',
      spreadOf(optionsMs),
      `p99 < ${SIP_P99_MS} ms`,
      optionsP99 < SIP_P99_MS && optionsUnanswered === 0,
    ),
  ];
}

function packetFigures(steady: SteadyState, floors: readonly FloorResult[]): Figure[] {
  const floor = floors.reduce((sum, { usPerPacket }) => sum + usPerPacket, 0) / floors.length;
  const recorder = (steady.recorderCpuSeconds * 1e6) / steady.packets;
  const ratio = recorder / floor;
  const share = (100 * steady.recorderCpuSeconds) / steady.seconds;
  return [
    told('whole recorder, CPU a packet', `${recorder.toFixed(2)} µs (${share.toFixed(0)} % of a core)`),
    told(
      'bare C receiver, CPU a packet',
      `${floor.toFixed(2)} µs (${floors.map(({ usPerPacket }) => usPerPacket.toFixed(2)).join(' before, ')} after)`,
    ),
    measured('recorder against bare receiver', `${ratio.toFixed(2)}×`, `≤ ${CPU_RATIO}×`, ratio <= CPU_RATIO),
    told('recorder, memory', `${Math.round(steady.recorderResidentBytes / 2 ** 20)} MiB`),
  ];
}

/** What an hour costs after its end. */
export function costFigures({ archived, steady }: CallsResult, long: ArchiveCost, short: ArchiveCost): Figure[] {
  const perHour = (seconds: number): string => (seconds / archived.hours).toFixed(2);
  const ofTheCalls = (): Figure =>
    told(
      'archive, the same of the calls above (service, and PostgreSQL)',
      `${perHour(archived.serviceCpuSeconds)} s, and ${perHour(archived.databaseCpuSeconds)} s`,
    );
  const inProcess = (minutes: string, { archiveSecondsPerHour }: ArchiveCost): Figure =>
    measured(
      `archive, CPU per recorded hour (calls of ${minutes}, in process)`,
      `${archiveSecondsPerHour.toFixed(2)} s`,
      `≤ ${ARCHIVE_SECONDS} s`,
      archiveSecondsPerHour <= ARCHIVE_SECONDS,
    );
  return [
    inProcess('10 min', long),
    inProcess('a minute', short),
    ...(steady === null ? [] : [ofTheCalls()]),
    told('MP3, CPU per recorded hour', `${long.mp3SecondsPerHour.toFixed(1)} s`),
    told('Opus, CPU per recorded hour', `${long.opusSecondsPerHour.toFixed(1)} s`),
  ];
}

export function listFigures(rows: number, { all }: CatalogueTimes): Figure[] {
  const p95 = percentile(all, 0.95);
  return [
    measured(
      `list and search over ${count(rows)} recordings`,
      `p50 ${ms(percentile(all, 0.5))}, p95 ${ms(p95)}, p99 ${ms(percentile(all, 0.99))}`,
      `p95 ≤ ${LIST_P95_MS} ms`,
      p95 <= LIST_P95_MS,
    ),
  ];
}

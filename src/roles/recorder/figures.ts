import { getHeapStatistics } from 'node:v8';
import type { WorkerStatus } from '../../recording/capture/types.ts';
import type { DiskGauge } from '../../recording/disk.ts';
import type { Recorder } from '../../recording/recorder.ts';
import type { PortPool } from '../../rtp/ports.ts';
import type { AgentStats } from '../../sip/agent/stats.ts';
import type { DroppedDatagrams } from './dropped-datagrams.ts';

export interface FigureSources {
  readonly recorder: Recorder;
  readonly dropped: DroppedDatagrams;
  readonly pool: PortPool;
  readonly disk: DiskGauge;
  readonly capture: () => readonly WorkerStatus[];
  readonly sip: () => AgentStats;
}

/** The recorder's figures by name, for metrics: counters end in `_total`. */
export function recorderFigures({
  recorder,
  dropped,
  pool,
  disk,
  capture,
  sip,
}: FigureSources): Record<string, number> {
  const workers = capture();
  const streams = workers.flatMap(({ calls }) => calls.flatMap((call) => call.streams));
  const ports = pool.figures;
  const stats = sip();
  const sum = (pick: (worker: WorkerStatus) => number) => workers.reduce((total, worker) => total + pick(worker), 0);
  return {
    calls_running: recorder.running.length,
    calls_unarchived: recorder.unarchived.size,
    calls_opened_total: recorder.figures.callsOpened,
    calls_ended_total: recorder.figures.callsEnded,
    calls_refused_total: recorder.figures.callsRefused,
    calls_ignored_total: recorder.figures.callsIgnored,
    rtp_packets: streams.reduce((total, stream) => total + stream.packets, 0),
    rtp_foreign_packets: streams.reduce((total, stream) => total + stream.foreign, 0),
    rtp_unauthenticated_packets: streams.reduce((total, stream) => total + stream.unauthenticated, 0),
    rtp_replayed_packets: streams.reduce((total, stream) => total + stream.replayed, 0),
    rtp_batch_receiver: workers.every(({ receiver }) => receiver === 'batch') ? 1 : 0,
    rtp_dropped_total: sum(({ dropped }) => dropped),
    rtp_ports_free: ports.free,
    rtp_ports_used: ports.used,
    rtp_ports_resting: ports.resting,
    log_records_total: sum(({ log }) => log.recordsWritten),
    log_bytes_total: sum(({ log }) => log.bytesWritten),
    log_records_lost_total: sum(({ log }) => log.recordsLost),
    log_failures_total: sum(({ log }) => log.failures),
    log_unsynced_ms: Math.max(0, ...workers.map(({ log }) => log.unsyncedMs)),
    log_sync_lag_p99_ms: Math.max(0, ...workers.map(({ log }) => log.syncLagP99Ms)),
    sip_transactions: stats.transactions,
    sip_dialogs: stats.dialogs,
    sip_requests_total: total(stats.requestsIn),
    sip_refused_total: total(stats.refused),
    sip_turned_away_total: stats.turnedAway,
    udp_dropped_total: dropped.count() ?? 0,
    disk_free_bytes: disk.freeBytes,
    process_cpu_seconds_total: cpuSeconds(),
    process_resident_bytes: process.memoryUsage.rss(),
    process_heap_bytes: getHeapStatistics().used_heap_size,
  };
}

function total(counts: Readonly<Record<string, number>>): number {
  return Object.values(counts).reduce((sum, count) => sum + count, 0);
}

/** Of the whole process, capture threads included. */
function cpuSeconds(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

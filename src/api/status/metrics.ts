import type { ApiContext } from '../context.ts';
import { statusOf } from './view.ts';

/**
 * Prometheus text: the service's own metrics, then the recorder's figures under the prefix `earshot_` (names that end in `_total`
 * are counters, the rest gauges), then what the status page shows.
 */
export async function metricsText(context: ApiContext): Promise<string> {
  const [own, status] = await Promise.all([context.platform.metrics(), statusOf(context)]);
  const figures: Record<string, number> = {
    recorder_up: status.recorder.state === 'away' ? 0 : 1,
    recorder_ready: status.recorder.state === 'ready' ? 1 : 0,
    calls_running: status.recorder.calls,
    archive_waiting: status.archive.waiting,
    database_up: status.database.ok ? 1 : 0,
    alarms: status.alarms.length,
    ...(status.disk === null
      ? {}
      : { disk_free_bytes: status.disk.freeBytes, disk_total_bytes: status.disk.totalBytes }),
  };
  const all = Object.entries({ ...status.recorder.figures, ...figures });
  // A name that the service has counted itself comes from there: twice would make the whole text invalid.
  const lines = all.filter(([name]) => !own.includes(`# TYPE earshot_${name} `)).flatMap(lineOf);
  return `${[own.trimEnd(), ...lines, ...alarmLines(status.alarms.map(({ code }) => code))].join('\n')}\n`;
}

/** One gauge a raised alarm; an alarm that is over is gone. */
function alarmLines(codes: readonly string[]): string[] {
  if (codes.length === 0) return [];
  const known = [...new Set(codes)].filter((code) => /^[\w-]+$/.test(code));
  return ['# TYPE earshot_alarm gauge', ...known.map((code) => `earshot_alarm{code="${code}"} 1`)];
}

function lineOf([name, value]: [string, number]): string[] {
  if (!/^[a-zA-Z_][a-zA-Z0-9_]*$/.test(name) || !Number.isFinite(value)) return [];
  const full = `earshot_${name}`;
  return [`# TYPE ${full} ${name.endsWith('_total') ? 'counter' : 'gauge'}`, `${full} ${value}`];
}

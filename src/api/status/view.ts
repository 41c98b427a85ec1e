import type { ApiContext } from '../context.ts';
import type { Health, Status } from './schema.ts';
import type { Static } from 'typebox';

type HealthStatus = Static<typeof Health>['status'];

/** One word for load balancers: the worst of recorder and database. */
export async function healthOf(context: ApiContext): Promise<HealthStatus> {
  const state = context.calls.status().state;
  if (state === 'away' || (await ping(context)) === null) return 'degraded';
  return state === 'ready' ? 'ok' : state;
}

export async function statusOf(context: ApiContext): Promise<Status> {
  const recorder = context.calls.status();
  const [latencyMs, disk] = await Promise.all([ping(context), context.platform.disk()]);
  return {
    startedAt: context.platform.startedAt().toISOString(),
    versions: {
      earshot: context.version,
      node: process.version,
      postgresql: context.platform.databaseVersion(),
      recorder: recorder.version,
    },
    recorder: {
      state: recorder.state,
      nodeId: recorder.nodeId,
      settingsVersion: recorder.message?.settingsVersion ?? null,
      calls: context.calls.calls().length,
      figures: { ...recorder.message?.figures },
    },
    archive: { waiting: context.platform.archiveWaiting() },
    disk,
    database: { ok: latencyMs !== null, latencyMs: latencyMs === null ? null : Math.round(latencyMs * 1000) / 1000 },
    alarms: alarmsOf(context, latencyMs !== null),
  };
}

/** What an administrator should know now, whoever found it. */
export function alarmsOf(
  { platform, calls }: Pick<ApiContext, 'platform' | 'calls'>,
  databaseAnswers: boolean,
): { code: string; text: string }[] {
  const recorder = calls.status();
  const alarms = [...platform.alarms(), ...(recorder.message?.alarms ?? [])].map((alarm) => ({ ...alarm }));
  if (recorder.state === 'away') alarms.push({ code: 'RECORDER_AWAY', text: 'The recorder does not answer.' });
  if (!databaseAnswers) alarms.push({ code: 'DATABASE_UNREACHABLE', text: 'The database does not answer.' });
  return alarms;
}

/** Milliseconds of a small query, null when the database does not answer. */
export async function ping(context: Pick<ApiContext, 'platform'>): Promise<number | null> {
  try {
    return await context.platform.pingDatabase();
  } catch {
    return null;
  }
}

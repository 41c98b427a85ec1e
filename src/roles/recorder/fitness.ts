import type { Config } from '../../base/config.ts';
import { EarshotError } from '../../base/errors.ts';
import type { DiskGauge } from '../../recording/disk.ts';
import type { Recorder } from '../../recording/recorder.ts';
import type { PortPool } from '../../rtp/ports.ts';
import type { Health } from '../../sip/agent/api.ts';
import type { Fitness } from './sip.ts';
import type { Spool } from './spool.ts';

const RETRY_AFTER_SECONDS = 10;
/** New calls are refused when what running ones brought has waited so long for the disk. */
const STALLED_MS = 3000;
/** Below so many pairs of ports a call is refused before it is looked at. */
const USUAL_STREAMS = 2;

/** Whether new calls may be taken, and whether there is room for them; asked for each OPTIONS and INVITE. */
export function fitnessOf(config: Config, recorder: Recorder, pool: PortPool, disk: DiskGauge, spool: Spool): Fitness {
  const full = (reason: string): Health => ({ ok: false, reason, retryAfterSeconds: RETRY_AFTER_SECONDS });
  return {
    health: () => healthOf(recorder, refusalOf(disk, spool)),
    room: () => {
      if (recorder.load >= config.limits.maxCalls) return full('Calls at their cap');
      return pool.has(USUAL_STREAMS) ? { ok: true } : full('Out of ports');
    },
  };
}

/** Why the disk allows no new calls now: full, or it has not taken what running calls brought for a while. */
export function refusalOf(disk: DiskGauge, spool: Spool): EarshotError | null {
  if (disk.refusal !== null) return disk.refusal;
  const waiting = Math.max(0, ...spool.capture.status().map(({ log }) => log.unsyncedMs));
  if (waiting < STALLED_MS) return null;
  return new EarshotError('UNAVAILABLE', `the disk has not taken any audio for ${Math.round(waiting / 1000)} s.`, {
    remedy: 'Look at the disk that holds the data folder: full, failing or too slow.',
  });
}

function healthOf(recorder: Recorder, refusal: EarshotError | null): Health {
  if (recorder.draining) return { ok: false, reason: 'Draining', retryAfterSeconds: RETRY_AFTER_SECONDS };
  if (refusal !== null) return { ok: false, reason: 'Out of disk', retryAfterSeconds: RETRY_AFTER_SECONDS };
  return { ok: true };
}

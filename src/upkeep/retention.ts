import type { Clock } from '../base/clock.ts';
import type { Log } from '../base/log.ts';
import type { DueRecording } from '../catalogue/deletion.ts';
import { cleanDeleted, deleteRecording, type DeletionCatalogue, type DeletionParts } from './deletion.ts';
import { Loop } from './loop.ts';

export interface RetentionParts extends DeletionParts {
  readonly catalogue: DeletionCatalogue & { dueForDeletion(now: Date, limit?: number): Promise<DueRecording[]> };
  readonly clock: Clock;
  readonly log: Log;
}

/** K3: deletion runs every few minutes. */
const EVERY_MS = 5 * 60_000;
const BATCH = 100;

/** Deletes every recording whose time of keeping is over, then what earlier deletions left. @returns how many were deleted */
export async function deleteDue(parts: RetentionParts): Promise<number> {
  let deleted = 0;
  for (;;) {
    const due = await parts.catalogue.dueForDeletion(new Date(parts.clock.now()), BATCH);
    for (const { id, accountId } of due) {
      if (await deleteRecording(parts, { accountId, id, actor: 'retention', reason: 'retention' })) deleted += 1;
    }
    if (due.length < BATCH) break;
  }
  await cleanDeleted(parts);
  if (deleted > 0) parts.log.info({ deleted }, 'recordings deleted by age');
  return deleted;
}

/** The loop that keeps to the times of keeping; start it with `run()`. */
export function retentionLoop(parts: RetentionParts): Loop {
  return new Loop(parts.clock, parts.log, {
    name: 'retention',
    ms: EVERY_MS,
    task: async () => void (await deleteDue(parts)),
  });
}

import type { Change, ChangeMark } from '../../catalogue/changes.ts';
import type { Catalogue } from '../../catalogue/catalogue.ts';
import { messageOf } from '../../base/errors.ts';
import type { Log } from '../../base/log.ts';
import type { FeedEvent, RecordingFeed } from '../context.ts';

type ChangeSource = Pick<Catalogue, 'currentMark' | 'changesSince' | 'watch'>;

export interface CatalogueFeed extends RecordingFeed {
  close(): Promise<void>;
}

/**
 * What the catalogue's changes say of recordings, this node's and those of others alike. Reads one after the other; a failure is tried
 * again at the next wake, from where it stopped.
 */
export function catalogueFeed(catalogue: ChangeSource, log: Log): CatalogueFeed {
  const listeners = new Set<(event: FeedEvent) => void>();
  let mark: ChangeMark | null = null;
  let reading: Promise<void> = Promise.resolve();

  async function read(): Promise<void> {
    if (mark === null) {
      mark = await catalogue.currentMark();
      return;
    }
    for (let more = true; more;) {
      const found: { changes: Change[]; mark: ChangeMark; more: boolean } = await catalogue.changesSince(mark);
      // Rows that wait for an older transaction come with a later wake.
      more = found.more && found.mark !== mark;
      mark = found.mark;
      for (const change of found.changes) tell(change);
    }
  }

  function tell(change: Change): void {
    const { kind, subject: id, accountId } = change;
    if (kind !== 'recording.created' && kind !== 'recording.deleted') return;
    for (const listener of listeners) listener({ type: kind, id, accountId });
  }

  const watch = catalogue.watch(() => {
    reading = reading.then(read).catch((error: unknown) => {
      log.warn({ error: messageOf(error) }, 'changes of the catalogue cannot be read now');
    });
  });
  return {
    subscribe(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async close() {
      await watch.close();
      await reading;
    },
  };
}

import { Client } from 'pg';
import type { Clock, Timer } from '../base/clock.ts';
import { messageOf } from '../base/errors.ts';
import type { Log } from '../base/log.ts';
import { CHANGES_CHANNEL } from './changes.ts';
import { clientConfig } from './connect.ts';
import type { DatabaseTarget } from './target.ts';

export interface Watch {
  close(): Promise<void>;
}

const RETRY_MS = 1000;
/** Looked at anyway this often: a NOTIFY may be lost with its connection. */
const POLL_MS = 10_000;

/**
 * Calls `wake` whenever the catalogue may have changed (NOTIFY only wakes; the rows tell what), on a connection of its own that is made
 * anew when it breaks. `wake` is also called after each connection, because something may have been missed.
 */
export function watchDatabase(target: DatabaseTarget, clock: Clock, log: Log, wake: () => void): Watch {
  let closed = false;
  let client: Client | null = null;
  let retry: Timer | null = null;
  let poll: Timer = clock.after(POLL_MS, onPoll);

  function onPoll(): void {
    poll = clock.after(POLL_MS, onPoll);
    if (client !== null) wake();
  }

  function again(): void {
    client = null;
    if (closed || retry !== null) return;
    retry = clock.after(RETRY_MS, () => {
      retry = null;
      void connect();
    });
  }

  async function connect(): Promise<void> {
    const fresh = new Client(clientConfig(target));
    fresh.on('error', (error) => log.warn({ error: error.message }, 'the listening database connection was lost'));
    fresh.on('end', again);
    fresh.on('notification', wake);
    try {
      await fresh.connect();
      await fresh.query(`listen ${CHANGES_CHANNEL}`);
      if (closed) return await fresh.end();
      client = fresh;
      wake();
    } catch (error) {
      log.debug({ error: messageOf(error) }, 'cannot listen to the database yet');
      await fresh.end().catch(() => undefined);
      again();
    }
  }

  void connect();
  return {
    async close() {
      closed = true;
      retry?.cancel();
      poll.cancel();
      await client?.end();
    },
  };
}

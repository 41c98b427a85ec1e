import type { QueryClient } from '@tanstack/react-query';
import { serverNow } from '../api/client.ts';
import type { LiveCall, RecordingSummary } from '../api/types.ts';
import { forgetRecording, freshenLists, recordingsKey } from '../recordings/queries.ts';
import { sessionQuery } from '../session/session.ts';
import { endedCallsQuery, journalKey, liveCallsQuery } from './queries.ts';

export type Connection = 'connecting' | 'open' | 'lost';

/** So long a break of the event stream is not worth a word: the server ends each stream after five minutes. */
const PATIENCE_MS = 6000;
const RETRY_MS = 5000;
/** A call that ended and has not come to the list by then is not shown as being saved any longer. */
const SAVING_MS = 3 * 60_000;
/** Until a call that has ended stands in the journal. */
const JOURNAL_MS = 3000;

/** Follows the server's events and keeps the loaded lists true. The result ends it. */
export function follow(client: QueryClient, onConnection: (state: Connection) => void): () => void {
  let source: EventSource | undefined;
  let lostTimer: number | undefined;
  let retryTimer: number | undefined;
  let everOpen = false;

  const opened = (): void => {
    window.clearTimeout(lostTimer);
    lostTimer = undefined;
    onConnection('open');
    // What happened during a break is told by Last-Event-ID or by a reset; counters and status are not.
    if (everOpen) void client.invalidateQueries({ queryKey: ['status'] });
    everOpen = true;
  };
  const broken = (): void => {
    lostTimer ??= window.setTimeout(() => onConnection('lost'), PATIENCE_MS);
    if (source?.readyState !== EventSource.CLOSED) return;
    // The browser does not come back by itself after an answer that is an error; it may be that the session is over.
    source.close();
    void client.invalidateQueries({ queryKey: sessionQuery.queryKey });
    retryTimer = window.setTimeout(connect, RETRY_MS);
  };
  const connect = (): void => {
    source = new EventSource('/api/v1/events');
    source.addEventListener('open', opened);
    source.addEventListener('error', broken);
    subscribe(source, client);
  };
  connect();
  return () => {
    window.clearTimeout(lostTimer);
    window.clearTimeout(retryTimer);
    source?.close();
  };
}

function subscribe(source: EventSource, client: QueryClient): void {
  const on = (type: string, tell: (data: unknown) => void): void =>
    source.addEventListener(type, (event) => tell(JSON.parse((event as MessageEvent<string>).data)));
  for (const type of ['alarm.raised', 'alarm.cleared'])
    on(type, () => void client.invalidateQueries({ queryKey: ['status'] }));
  on('call.started', (call) => putCall(client, call as LiveCall));
  on('call.changed', (call) => putCall(client, call as LiveCall));
  on('call.ended', (ended) => {
    endCall(client, (ended as { callId: string }).callId);
    // It is in the journal in a moment, recorded or not.
    window.setTimeout(() => void client.invalidateQueries({ queryKey: journalKey }), JOURNAL_MS);
  });
  on('recording.created', (recording) => {
    dropEnded(client, (recording as RecordingSummary).callId);
    void freshenLists(client);
    void client.invalidateQueries({ queryKey: journalKey });
    void client.invalidateQueries({ queryKey: [...recordingsKey, 'one'], refetchType: 'none' });
  });
  on('recording.deleted', (recording) => forgetRecording(client, (recording as { id: string }).id));
  on('reset', () => {
    void client.invalidateQueries({ queryKey: ['calls', 'live'] });
    void client.invalidateQueries({ queryKey: recordingsKey });
  });
}

function putCall(client: QueryClient, call: LiveCall): void {
  client.setQueryData(liveCallsQuery.queryKey, (live) => {
    if (live === undefined) return live;
    const known = live.items.some(({ callId }) => callId === call.callId);
    const items = known
      ? live.items.map((other) => (other.callId === call.callId ? call : other))
      : [call, ...live.items];
    return { ...live, items };
  });
}

function endCall(client: QueryClient, callId: string): void {
  const ended = client.getQueryData(liveCallsQuery.queryKey)?.items.find((call) => call.callId === callId);
  client.setQueryData(
    liveCallsQuery.queryKey,
    (live) => live && { ...live, items: live.items.filter((call) => call.callId !== callId) },
  );
  if (ended === undefined || (ended.verdict !== 'record' && ended.verdict !== 'hold')) return;
  client.setQueryData(endedCallsQuery.queryKey, (list = []) => [{ call: ended, endedAt: serverNow() }, ...list]);
  window.setTimeout(() => dropEnded(client, callId), SAVING_MS);
}

function dropEnded(client: QueryClient, callId: string): void {
  client.setQueryData(endedCallsQuery.queryKey, (list = []) => list.filter(({ call }) => call.callId !== callId));
}

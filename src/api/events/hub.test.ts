import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { ID, openTestApi, recording, settle, type TestApi } from '../testing.ts';
import { EventHub, type HubEntry } from './hub.ts';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
  api.context.rows = [recording()];
});
afterAll(() => api.app.close());

describe('the hub of events', () => {
  it('reads no rows for nobody, and says to whom comes back later that it does not know what he missed', async () => {
    const { context } = api;
    let reads = 0;
    const get: typeof context.recordings.get = (id) => {
      reads += 1;
      return context.recordings.get(id);
    };
    const hub = new EventHub({
      clock: context.clock,
      log: context.log,
      random: context.random,
      calls: context.calls,
      feed: context.feed,
      platform: context.platform,
      recordings: { ...context.recordings, get },
    });
    const tell = async (): Promise<void> => {
      context.tell({ type: 'recording.created', id: ID });
      await settle();
    };
    const told: string[] = [];
    const hear = ({ type }: HubEntry): void => void (type === 'recording.created' && told.push(type));
    const listen = () => hub.subscribe({ who: 'alice', tell: hear, end: () => undefined });

    await tell();
    expect(reads).toBe(0);
    const stop = listen();
    await tell();
    expect([reads, told]).toEqual([1, ['recording.created']]);
    const { position } = hub;
    stop();
    context.clock.advance(50_000);
    await tell();
    expect(reads).toBe(2);
    expect(hub.since(position)?.map(({ type }) => type)).toContain('recording.created');
    context.clock.advance(20_000);
    await tell();
    expect(reads).toBe(2);
    expect(hub.since(position)).toBeNull();
    expect(hub.since(hub.position)).toEqual([]);
    listen();
    await tell();
    expect([reads, told]).toEqual([3, ['recording.created', 'recording.created']]);
    hub.close();
  });
});

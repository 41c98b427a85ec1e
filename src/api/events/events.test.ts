import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { FOREIGN_ID, ID, liveCall, liveDecision, openTestApi, recording, settle, type TestApi } from '../testing.ts';

let api: TestApi;
let administrator: Record<string, string>;
beforeAll(async () => {
  api = await openTestApi();
  administrator = await api.as({ accountId: 'main' });
});
afterAll(() => api.app.close());
beforeEach(async () => {
  api.context.rows = [recording()];
  api.context.say();
  await settle();
});

interface Told {
  readonly id?: string;
  readonly event?: string;
  readonly data?: unknown;
}

/** One reader of /events: everything that it has been told so far, and a way to go away. */
async function listen(headers: Record<string, string> = {}) {
  const answer = await api.app.inject({
    url: '/api/v1/events',
    headers: { ...api.cookie, ...headers },
    payloadAsStream: true,
  });
  const stream = answer.stream();
  let text = '';
  stream.setEncoding('utf8').on('data', (chunk: string) => (text += chunk));
  return { answer, stream, text: () => text, told: () => parse(text) };
}

function parse(text: string): Told[] {
  const blocks = text.split('\n\n').filter((block) => /^(event|data):/m.test(block));
  return blocks.map((block) => {
    const fields = Object.fromEntries(block.split('\n').map((line) => line.split(/: (.*)/s, 2) as [string, string]));
    return { ...fields, data: JSON.parse(String(fields['data'])) as unknown };
  });
}

describe('live events', () => {
  it('come as an event stream that tells where it stands', async () => {
    const reader = await listen();
    await settle();
    expect(reader.answer.headers).toMatchObject({ 'content-type': 'text/event-stream; charset=utf-8' });
    expect(reader.text()).toMatch(/^retry: 2000\nid: [0-9a-z]{8}\.\d+\n: hello\n\n$/);
    reader.stream.destroy();
  });

  it('tell of calls that start, change and end, but not of counters', async () => {
    const reader = await listen();
    const stream = { stream: 0, label: '1', speakers: [], codec: 'PCMU', state: 'active' as const };
    const counters = { bytes: 0, foreign: 0, silentFor: 12.5 };
    api.context.say(liveCall({ streams: [{ ...stream, ...counters, packets: 1 }] }));
    api.context.say(liveCall({ streams: [{ ...stream, ...counters, packets: 51 }] }));
    api.context.say(liveCall({ streams: [{ ...stream, ...counters, packets: 99, state: 'held' }] }));
    api.context.say();
    await settle();
    const told = reader.told();
    expect(told.map((one) => one.event)).toEqual(['call.started', 'call.changed', 'call.ended']);
    expect(told[0]?.data).toMatchObject({ callId: 'live-1', parties: [{ name: 'Alice', number: null }] });
    expect(told[2]?.data).toEqual({ callId: 'live-1', accountId: 'main' });
    reader.stream.destroy();
  });

  it('tell of recordings in the order in which they came', async () => {
    const reader = await listen();
    api.context.tell({ type: 'recording.created', id: ID });
    api.context.tell({ type: 'recording.created', id: FOREIGN_ID });
    api.context.tell({ type: 'recording.deleted', id: ID, accountId: 'main' });
    await settle();
    const told = reader.told();
    expect(told.map((one) => one.event)).toEqual(['recording.created', 'recording.deleted']);
    expect(told[0]?.data).toMatchObject({ id: ID, recordId: 42, playable: true });
    reader.stream.destroy();
  });

  it('of other accounts are not told', async () => {
    const reader = await listen(administrator);
    api.context.rows = [recording({ id: FOREIGN_ID, accountId: 'other' })];
    api.context.tell({ type: 'recording.created', id: FOREIGN_ID });
    api.context.tell({ type: 'recording.deleted', id: FOREIGN_ID, accountId: 'other' });
    api.context.say(liveCall({ decision: liveDecision('other') }));
    await settle();
    expect(reader.told()).toEqual([]);
    reader.stream.destroy();
  });

  it('go on where a reader left off', async () => {
    const first = await listen();
    api.context.say(liveCall());
    await settle();
    const { id = '' } = first.told()[0] ?? {};
    first.stream.destroy();
    api.context.say();
    api.context.tell({ type: 'recording.created', id: ID });
    await settle();
    const second = await listen({ 'last-event-id': id });
    await settle();
    expect(second.told().map((one) => one.event)).toEqual(['call.ended', 'recording.created']);
    second.stream.destroy();
  });

  it('leave room for others, however often one listens', async () => {
    const busy = await api.as({ accountId: 'main' });
    const readers = [];
    for (let i = 0; i < 30; i++) readers.push(await listen(busy));
    const more = await api.app.inject({ url: '/api/v1/events', headers: busy });
    expect([more.statusCode, more.json()]).toMatchObject([429, { code: 'TOO_MANY_REQUESTS' }]);
    const other = await listen();
    expect(other.answer.statusCode).toBe(200);
    for (const reader of [...readers, other]) reader.stream.destroy();
  });

  it.each(['zzzzzzzz.5', 'garbage', `00000000.0`])('start with a reset after %s, which is not known', async (id) => {
    const reader = await listen({ 'last-event-id': id });
    await settle();
    expect(reader.told()).toEqual([{ event: 'reset', data: {} }]);
    reader.stream.destroy();
  });

  it('start with a reset when more was missed than is remembered', async () => {
    const first = await listen();
    await settle();
    const [, id = ''] = /^id: (\S+)$/m.exec(first.text()) ?? [];
    first.stream.destroy();
    for (let i = 0; i < 501; i++) {
      api.context.say(liveCall({ callId: `call-${i}` }));
    }
    const late = await listen({ 'last-event-id': id });
    await settle();
    expect(late.told().map((one) => one.event)).toEqual(['reset']);
    late.stream.destroy();
  });

  it('tell of alarms that begin and end, once each, to those who may read the status', async () => {
    const reader = await listen();
    const lines: string[] = [];
    Object.assign(api.context.log, {
      error: (fields: { code?: string }, text: string) => lines.push(`${text} ${fields.code}`),
      info: (fields: { code?: string }, text: string) => lines.push(`${text} ${fields.code}`),
    });
    const pass = async (seconds: number): Promise<void> => {
      for (let second = 0; second < seconds; second++) {
        api.context.clock.advance(1000);
        await settle();
      }
    };
    api.context.alarms = [{ code: 'disk-low', text: 'The disk runs full.' }];
    await pass(2);
    api.context.databaseUp = false;
    await pass(7);
    api.context.alarms = [];
    await pass(1);
    expect(lines).toEqual(['alarm disk-low', 'alarm DATABASE_UNREACHABLE', 'alarm is over disk-low']);
    api.context.databaseUp = true;
    await pass(7);
    expect(reader.told().map(({ event, data }) => [event, (data as { code: string }).code])).toEqual([
      ['alarm.raised', 'disk-low'],
      ['alarm.raised', 'DATABASE_UNREACHABLE'],
      ['alarm.cleared', 'disk-low'],
      ['alarm.cleared', 'DATABASE_UNREACHABLE'],
    ]);
    expect(reader.told()[0]!.data).toEqual({ code: 'disk-low', text: 'The disk runs full.' });
    reader.stream.destroy();
  });

  it('beat while nothing happens, and end after five minutes so that rights are checked again', async () => {
    const reader = await listen();
    const ended = new Promise((resolve) => void reader.stream.once('end', resolve));
    for (let i = 0; i < 19; i++) api.context.clock.advance(15_000);
    await settle();
    expect(reader.text().match(/^: beat$/gm)).toHaveLength(19);
    api.context.clock.advance(15_000);
    await ended;
  });
});

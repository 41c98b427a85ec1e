import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { HeldRow } from '../../context.ts';
import { liveCall, liveDecision, openTestApi, type TestApi } from '../../testing.ts';

let api: TestApi;
let people: Record<'administrator' | 'alice' | 'bob' | 'stranger', Record<string, string>>;
beforeAll(async () => {
  api = await openTestApi();
  people = {
    administrator: await api.as({}),
    alice: await api.as({ role: 'user', userId: 'alice' }),
    bob: await api.as({ role: 'user', userId: 'bob' }),
    stranger: await api.as({ accountId: 'other' }),
  };
});
afterAll(() => api.app.close());

const CONTROLS = {
  start: { by: 'users', userIds: ['alice'] },
  stop: { by: 'users', userIds: ['alice'] },
  stopAutomatic: { by: 'administrators', userIds: [] },
  pause: { by: 'users', userIds: ['alice'] },
  resume: { by: 'users', userIds: ['alice'] },
  keep: { by: 'users', userIds: ['alice'] },
} as const;

function call(callId: string, vendorIds: Record<string, string> = {}) {
  return liveCall({
    callId,
    facts: { trunk: 'default', parties: [{ id: 'a', name: 'Alice' }], direction: 'IN', vendorIds },
    decision: {
      ...liveDecision('main'),
      verdict: 'offer',
      controls: CONTROLS,
      parties: [{ id: 'a', side: 'internal', userId: 'alice', userName: 'Alice' }],
    },
  });
}

beforeEach(() => {
  api.context.commands.length = 0;
  api.context.answer = { ok: true, text: 'Done.', recording: 2 };
  api.context.held = { list: async () => [], keep: async () => true, drop: async () => true };
  api.context.say(call('one', { callId: 'abc/1+2@pbx.example', GUID: '77' }));
});

const post = (path: string, payload: object, headers: Record<string, string>) =>
  api.app.inject({ method: 'POST', url: `/api/v1/calls/${path}`, payload, headers });
const start = (headers: Record<string, string>, id = 'one') => post(`${id}/control`, { action: 'start' }, headers);

describe('controlling a running call', () => {
  it('is carried out in the name of whoever asked, with a line in the audit log', async () => {
    const answer = await post('one/control', { action: 'pause', reason: 'card number' }, people.alice);
    expect(answer.json()).toEqual({ ok: true, text: 'Done.', callId: 'one', recording: 2 });
    expect(api.context.commands).toMatchObject([
      {
        op: 'control',
        callId: 'one',
        action: 'pause',
        reason: 'card number',
        asker: { kind: 'user', userId: 'alice' },
      },
    ]);
    const [line] = await api.context.access.audit.list({ accountIds: ['main'], subject: 'one', limit: 1 });
    expect(line).toMatchObject({ action: 'calls.control', outcome: 'done', detail: { action: 'pause', recording: 2 } });
  });

  it.each(['one', 'sip:abc%2F1%2B2%40pbx.example', 'vendor:guid=77'])('finds it by %s', async (id) => {
    expect((await start(people.administrator, id)).statusCode).toBe(200);
    expect(api.context.commands).toMatchObject([{ callId: 'one' }]);
  });

  it('refuses an id that several calls have, and one that cannot be read', async () => {
    api.context.say(call('one', { GUID: '77' }), call('two', { GUID: '77' }));
    expect((await start(people.administrator, 'vendor:GUID=77')).json()).toMatchObject({ code: 'CONFLICT' });
    expect((await start(people.administrator, 'vendor:GUID')).json()).toMatchObject({ code: 'BAD_REQUEST' });
    expect((await start(people.administrator, 'three')).json()).toMatchObject({ code: 'NOT_FOUND' });
    expect(api.context.commands).toEqual([]);
  });

  it('is for those whom the call concerns; to others there is none', async () => {
    const refused = async (headers: Record<string, string>) => (await start(headers)).statusCode;
    expect(await refused(people.bob)).toBe(404);
    expect(await refused(people.stranger)).toBe(404);
    expect(await refused(people.alice)).toBe(200);
    expect(await refused(api.cookie)).toBe(200);
    const lines = await api.context.access.audit.list({ accountIds: ['other'], subject: 'one', limit: 5 });
    expect(lines.map(({ outcome }) => outcome)).toEqual(['refused']);
  });

  it('passes the refusal of the recorder on, and its silence', async () => {
    api.context.answer = { ok: false, code: 'NOT_ALLOWED', text: 'Only administrators may do this.' };
    expect((await start(people.alice)).json()).toMatchObject({
      status: 403,
      detail: 'Only administrators may do this.',
    });
    api.context.answer = { ok: false, code: 'UNAVAILABLE', text: 'The recorder does not answer.' };
    expect((await start(people.alice)).statusCode).toBe(503);
    const lines = await api.context.access.audit.list({ accountIds: ['main'], subject: 'one', limit: 2 });
    expect(lines.map(({ outcome }) => outcome)).toEqual(['failed', 'refused']);
  });

  it('leaves override, flow steps and hanging up to administrators', async () => {
    for (const [path, body] of [
      ['one/override', { value: 'deny' }],
      ['one/flow', { step: 'start', name: 'sales' }],
      ['one/hangup', {}],
    ] as const) {
      expect((await post(path, body, people.alice)).statusCode).toBe(403);
      expect((await post(path, body, people.administrator)).statusCode).toBe(200);
    }
    expect(api.context.commands).toMatchObject([
      { op: 'override', value: 'deny' },
      { op: 'flow', step: 'start', name: 'sales', asker: { kind: 'flow', via: 'flow' } },
      { op: 'hangup' },
    ]);
  });

  it('is what a control token is for, and all it is for', async () => {
    const headers = await api.bearer('control');
    expect((await start(headers)).statusCode).toBe(200);
    expect((await post('one/flow', { step: 'stop' }, headers)).statusCode).toBe(200);
    expect((await post('one/hangup', {}, headers)).statusCode).toBe(403);
    expect((await api.app.inject({ url: '/api/v1/calls/live', headers })).statusCode).toBe(403);
  });
});

describe('a call that live-keep holds after its end', () => {
  const held: HeldRow = {
    callId: 'ended',
    accountId: 'main',
    until: new Date(0),
    startedAt: new Date(0),
    endedAt: new Date(0),
    direction: 'IN',
    parties: [],
    userIds: ['alice'],
    vendorIds: { callId: 'x@pbx.example' },
    decision: { verdict: 'offer', accountId: 'main', settingsVersion: 1, layers: [], controls: CONTROLS },
  };
  const ask = (headers: Record<string, string>, action = 'keep', id = 'ended') =>
    post(`${id}/control`, { action }, headers);

  beforeEach(() => {
    api.context.held = { ...api.context.held, list: async () => [held] };
  });

  it('is kept or dropped by those who may, by any of its ids', async () => {
    expect((await ask(people.alice)).json()).toMatchObject({ text: 'The call is kept.', callId: 'ended' });
    expect((await ask(people.administrator, 'drop', 'sip:x%40pbx.example')).statusCode).toBe(200);
    expect((await ask(people.bob)).statusCode).toBe(404);
    expect((await ask(people.alice, 'start')).statusCode).toBe(404);
  });

  it('is not kept by somebody who was too late', async () => {
    api.context.held = { ...api.context.held, keep: async () => false };
    expect((await ask(people.alice)).json()).toMatchObject({ code: 'CONFLICT' });
  });
});

describe('what one may do with a call', () => {
  const abilities = async (headers: Record<string, string>) => {
    const answer = await api.app.inject({ url: '/api/v1/calls/live', headers });
    return answer.json<{ items: { abilities: Record<string, boolean> }[] }>().items[0]?.abilities;
  };

  it('is told with the call, as it stands', async () => {
    expect(await abilities(people.alice)).toMatchObject({ start: true, stop: false, pause: false, override: false });
    expect(await abilities(people.bob)).toBeUndefined();
    const running = { recording: 1, by: 'policy' as const, since: 0, askerName: 'Policy' };
    api.context.say({ ...call('one'), recordings: [running], paused: { since: 0, mode: 'cut', reason: '' } });
    expect(await abilities(people.alice)).toMatchObject({ start: false, stop: false, pause: false, resume: true });
    expect(await abilities(people.administrator)).toMatchObject({
      stop: true,
      resume: true,
      override: true,
      hangup: true,
    });
  });
});

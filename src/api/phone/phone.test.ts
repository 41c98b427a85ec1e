import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { NO_CONTROLS } from '../../policy/controls.ts';
import { liveCall, liveDecision, openTestApi, type TestApi } from '../testing.ts';

const MAC = '0004132cd0c5';
const OTHER_MAC = '001565000001';
/** Where the account's phones stand. */
const DESK = '192.0.2.50';

let api: TestApi;
beforeAll(async () => {
  api = await openTestApi();
});
afterAll(() => api.app.close());

beforeEach(() => {
  const { context } = api;
  context.phoneRanges = ['192.0.2.0/24'];
  context.commands.length = 0;
  context.answer = { ok: true, text: 'Recording 1 has begun.', recording: 1 };
  context.policySettings = {
    version: 2,
    accounts: [
      {
        id: 'main',
        name: 'Main',
        users: [
          { id: 'alice', name: 'Alice', extensions: ['1001'] },
          { id: 'bob', name: 'Bob', extensions: ['1002'] },
        ],
        devices: [
          { id: 'desk', name: 'Desk phone', mac: MAC, userId: 'alice' },
          { id: 'lobby', name: 'Lobby', mac: OTHER_MAC },
        ],
      },
      { id: 'other', name: 'Other', devices: [{ id: 'foreign', name: 'Foreign', mac: '00156500000f' }] },
    ],
  };
  context.say(callOf('one', 'alice'));
});

function callOf(callId: string, userId: string, change: { callIdOfPbx?: string; accountId?: string } = {}) {
  const { callIdOfPbx = `${callId}@pbx.example`, accountId = 'main' } = change;
  return liveCall({
    callId,
    facts: { trunk: 'default', parties: [{ id: 'a' }], direction: 'IN', vendorIds: { callId: callIdOfPbx } },
    decision: { ...liveDecision(accountId), controls: NO_CONTROLS, parties: [{ id: 'a', side: 'internal', userId }] },
  });
}

const ask = (url: string, remoteAddress = DESK, headers: Record<string, string> = {}) =>
  api.app.inject({ url, remoteAddress, headers });

const asked = () => api.context.commands.map((command) => (command.op === 'control' ? command : null));

describe('the record key of a phone', () => {
  it.each([
    [`/mobydickcmd/provisioning/snom/snom-record.php?mac=${MAC}&sipcallid=one@pbx.example`, 'SnomIPPhoneText'],
    [`/provisioning/${MAC}/pui/monitor/record?callid=one@pbx.example`, 'SnomIPPhoneText'],
    [`/phone/snom/record?mac=${MAC}`, 'SnomIPPhoneText'],
    [`/phone/yealink/record?mac=${MAC}&call_id=4711`, 'YealinkIPPhoneTextScreen'],
    [`/phone/record?mac=${MAC}`, 'Recording 1 has begun.'],
  ])('starts the recording of its call: %s', async (url, form) => {
    const answer = await ask(url);
    expect(answer.statusCode).toBe(200);
    expect(answer.body).toContain(form);
    expect(answer.body).toContain('Recording 1 has begun.');
    expect(asked()).toMatchObject([
      { callId: 'one', action: 'start', asker: { kind: 'phone', id: 'desk', userId: 'alice', via: 'phone' } },
    ]);
  });

  it('stops what runs, keeps what is held, and does what it says', async () => {
    const running = { recording: 1, by: 'hand' as const, since: 0, askerName: 'Alice' };
    api.context.say({ ...callOf('one', 'alice'), recordings: [running] });
    await ask(`/phone/record?mac=${MAC}`);
    api.context.say({
      ...callOf('one', 'alice'),
      recordings: [{ ...running, by: 'live-keep' }],
      liveKeep: { minutes: 5, kept: null },
    });
    await ask(`/phone/record?mac=${MAC}`);
    await ask(`/phone/record?mac=${MAC}&action=pause`);
    expect(asked().map((command) => command?.action)).toEqual(['stop', 'keep', 'pause']);
  });

  it('finds the call by the device where the PBX changed the Call-ID, and refuses where it has several', async () => {
    api.context.say(callOf('one', 'alice'), callOf('two', 'bob'));
    await ask(`/phone/record?mac=${MAC}&callid=unknown@phone`);
    expect(asked()).toMatchObject([{ callId: 'one' }]);
    api.context.say(callOf('one', 'alice'), callOf('two', 'alice'));
    const answer = await ask(`/phone/record?mac=${MAC}&callid=unknown@phone`);
    expect([answer.statusCode, answer.body]).toEqual([409, expect.stringContaining('2 calls run on this phone')]);
    await ask(`/phone/record?mac=${MAC}&callid=two@pbx.example`);
    expect(asked().map((command) => command?.callId)).toEqual(['one', 'two']);
  });

  it('does not reach calls of other accounts, whatever Call-ID it names', async () => {
    api.context.say(callOf('far', 'alice', { accountId: 'other' }));
    const answer = await ask(`/phone/record?mac=${MAC}&callid=far@pbx.example`);
    expect([answer.statusCode, answer.body]).toEqual([404, 'No call runs on this phone.\n']);
    expect((await ask('/phone/record?mac=00156500000f')).statusCode).toBe(401);
    expect(asked()).toEqual([]);
  });

  it('shows what the recorder refuses', async () => {
    api.context.answer = { ok: false, code: 'NOT_ALLOWED', text: 'This call may not be recorded by hand.' };
    expect((await ask(`/phone/record?mac=${MAC}`)).statusCode).toBe(403);
    const shown = await ask(`/phone/snom/record?mac=${MAC}`);
    expect([shown.statusCode, shown.body]).toEqual([200, expect.stringContaining('may not be recorded by hand')]);
    const [line] = await api.context.access.audit.list({ accountIds: ['main'], action: 'calls.control', limit: 1 });
    expect(line).toMatchObject({ outcome: 'refused', actor: { kind: 'phone', id: 'desk' }, address: DESK });
  });
});

describe('who presses', () => {
  it.each([
    ['an address elsewhere', '203.0.113.9', {}],
    ['an address that it only tells', '203.0.113.9', { 'x-forwarded-for': DESK, forwarded: `for=${DESK}` }],
    ['a page in a browser', DESK, { 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Chrome/140.0 Safari/537.36' }],
    ['a page within an app', DESK, { 'user-agent': 'Mozilla/5.0 (iPhone) AppleWebKit/605.1.15 (KHTML) Mobile/15E148' }],
    ['a page of another site', DESK, { 'sec-fetch-site': 'cross-site' }],
    ['a page with a referrer', DESK, { referer: 'https://example.com/' }],
  ])('is not known by %s', async (_what, address, headers) => {
    const answer = await ask(`/phone/record?mac=${MAC}`, address, headers);
    expect([answer.statusCode, answer.body]).toEqual([401, 'This phone is not known: its key needs a token.\n']);
    expect(asked()).toEqual([]);
  });

  it('is known where a phone calls itself like an old browser', async () => {
    const headers = { 'user-agent': 'Mozilla/4.0 (compatible; snomD785-SIP 10.1.175.16)' };
    expect((await ask(`/phone/record?mac=${MAC}`, DESK, headers)).statusCode).toBe(200);
  });

  it('must be a device of the directory where its address is all that is known', async () => {
    expect((await ask('/phone/record?mac=aaaaaaaaaaaa')).statusCode).toBe(401);
  });

  it('is shown by a token from anywhere, which stays out of what is logged and stored', async () => {
    const operators = (await api.context.access.byToken('local-token-for-tests-0123456789', true))!;
    const wish = { name: 'phones', scope: 'control', accountId: 'main' } as const;
    const { secret } = await api.context.access.tokens.create(operators, wish);
    const answer = await ask(`/phone/record?mac=${MAC}&token=${secret}`, '203.0.113.9');
    expect(answer.statusCode).toBe(200);
    expect(asked()).toMatchObject([{ asker: { kind: 'phone', userId: 'alice' } }]);
    expect(JSON.stringify(api.context.store.audit)).not.toContain(secret);
    expect((await ask(`/phone/record?mac=${MAC}&token=wrong`)).statusCode).toBe(401);
  });

  it('with a token of one user is that user', async () => {
    const operators = (await api.context.access.byToken('local-token-for-tests-0123456789', true))!;
    const wish = { name: 'of Bob', scope: 'control', accountId: 'main', userId: 'bob' } as const;
    const { secret } = await api.context.access.tokens.create(operators, wish);
    expect((await ask(`/phone/record?mac=${MAC}&token=${secret}`)).statusCode).toBe(403);
    const reading = await api.context.access.tokens.create(operators, { name: 'reads', scope: 'read' });
    expect((await ask(`/phone/record?mac=${MAC}&token=${reading.secret}`)).statusCode).toBe(401);
  });

  it('presses so often and no more', async () => {
    const shown: string[] = [];
    for (let i = 0; i < 130; i++) shown.push((await ask(`/phone/snom/record?mac=${MAC}`, '198.51.100.7')).body);
    expect(shown.filter((body) => body.includes('needs a token'))).toHaveLength(120);
    expect(shown.at(-1)).toContain('<SnomIPPhoneText>');
  });
});

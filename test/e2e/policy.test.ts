import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { TestServer } from './server.ts';
import { kept, Tenant, type JournalCall, type Kept } from './tenant.ts';

const server = new TestServer({ basePort: 18_000 });

beforeAll(() => server.start());
afterAll(() => server.remove());

const outside = { number: '+15550102', name: 'Bob' };
const alice = { number: '1001', name: 'Alice' };
const carol = { number: '1002', name: 'Carol' };

const contents = (call: JournalCall): Promise<Kept[]> => Promise.all(call.recordings.map(({ id }) => kept(server, id)));
/** Marks on the left channel, in order. */
const left = (one: Kept | undefined): number[] => [...(one?.marks[0]?.keys() ?? [])].sort((a, b) => a - b);

const RECORD_ALL = { description: 'Record all calls', isOn: true, mode: 'automatic', scope: 'call' };
const BY_HAND = { onDemand: { isAllowed: true, isOn: true } };

describe('the per-call override (D2)', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await Tenant.create(server, 'Override', '127.0.1.1', { policy: BY_HAND });
    await tenant.user('Alice', '1001');
    await tenant.add('rules', RECORD_ALL);
    await tenant.inForce();
  });
  afterAll(() => tenant.close());

  const withMode = (mode: string) => tenant.call({ from: outside, to: alice, headers: { 'X-MDC-MON-MODE': mode } });

  it('deny: nothing is kept, and the journal says why', async () => {
    const call = await withMode('deny');
    await call.speak(0x11);
    const journal = await call.end();
    expect(journal).toMatchObject({ verdict: 'forbid', recordings: [] });
    expect(journal.reason).toContain('deny');
  });

  it('auto: the rule decides', async () => {
    const call = await withMode('auto');
    await call.speak(0x11);
    const [one] = await contents(await call.end(1));
    expect(left(one)).toEqual([0x11]);
  });

  it('manual: nothing by itself, but by hand', async () => {
    const call = await withMode('manual');
    await call.speak(0x11);
    await call.control('start');
    await call.speak(0x21);
    const [one, ...more] = await contents(await call.end(1));
    expect(left(one)).toEqual([0x21]);
    expect(more).toEqual([]);
  });

  it('deny in mid-call destroys what was captured', async () => {
    const call = await withMode('auto');
    await call.speak(0x11);
    await call.parties(outside, alice, { 'X-MDC-MON-MODE': 'deny' });
    await call.speak(0x21);
    expect(await call.end()).toMatchObject({ verdict: 'forbid', recordings: [] });
  });
});

describe('numbers, endpoints and queues', () => {
  let tenant: Tenant;
  let carolsToken: string;
  beforeAll(async () => {
    tenant = await Tenant.create(server, 'Layers', '127.0.1.2', {
      policy: { endpoints: { inboundExternal: 'on', outboundExternal: 'on' }, country: 'US' },
    });
    await tenant.user('Alice', '1001');
    const off = { inboundExternal: 'off', outboundExternal: 'off' };
    carolsToken = await tenant.tokenOf(await tenant.user('Carol', '1002', { endpoints: off }));
    await tenant.add('numbers', { number: '+15550100', record: 'incoming' });
    await tenant.add('queues', { name: 'Sales', record: 'all' });
    await tenant.inForce();
  });
  afterAll(() => tenant.close());

  it('a user is recorded by the default of the account, one who is off is not (D4)', async () => {
    const [on, off] = await Promise.all([
      tenant.call({ from: outside, to: alice }),
      tenant.call({ from: outside, to: carol }),
    ]);
    await Promise.all([on.speak(0x11), off.speak(0x11)]);
    const [recorded, ignored] = await Promise.all([on.end(1), off.end()]);
    expect(recorded).toMatchObject({ verdict: 'record', recordings: [{}] });
    expect(ignored).toMatchObject({ verdict: 'ignore', recordings: [] });
    expect(JSON.stringify(ignored.moments)).toMatch(/Carol[^"]* off|off[^"]*Carol/i);
  });

  it('a number records for as long as the external party is in the call, whoever has it (D3, D11)', async () => {
    const call = await tenant.call({ from: outside, to: carol, headers: { 'X-Dialled': '+15550100' } });
    await call.speak(0x11);
    expect(await call.controlAs(carolsToken, 'stop')).toBe(403);
    await call.parties(outside, { number: '1003' });
    await call.speak(0x21);
    await call.parties({ number: '1002' }, { number: '1003' });
    await call.speak(0x31);
    const [one, ...more] = await contents(await call.end(1));
    expect(more).toEqual([]);
    expect(left(one)).toEqual([0x11, 0x21]);
  });

  it('a queue goes before a user who is off (D5)', async () => {
    const call = await tenant.call({ from: outside, to: carol, headers: { 'X-Queue': 'Sales' } });
    await call.speak(0x11);
    const journal = await call.end(1);
    expect(journal).toMatchObject({ verdict: 'record', recordings: [{}] });
    expect(journal.reason).toContain('Sales');
  });
});

describe('recording by hand (S1, S2)', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await Tenant.create(server, 'Hand', '127.0.1.3', { policy: { ...BY_HAND, pause: { mode: 'cut' } } });
    await tenant.user('Alice', '1001');
    await tenant.inForce();
  });
  afterAll(() => tenant.close());

  it('start, stop, start again, pause and resume: each start is a recording of its own, what is paused is in none', async () => {
    const call = await tenant.call({ from: outside, to: alice });
    await call.speak(0x11);
    await call.control('start');
    await call.speak(0x21);
    await call.control('stop');
    await call.speak(0x31);
    await call.control('start');
    await call.speak(0x41);
    await call.control('pause');
    await call.speak(0x51, 40);
    await call.control('resume');
    await call.speak(0x61);
    const [first, second, ...more] = (await contents(await call.end(2))).sort(
      (a, b) => Number(a.detail['recording']) - Number(b.detail['recording']),
    );
    expect(more).toEqual([]);
    expect(left(first)).toEqual([0x21]);
    expect(left(second)).toEqual([0x41, 0x61]);
    // Cut: 2 × 0.3 s of speech, not the 0.8 s of the pause.
    expect(Number(second?.detail['durationMs'])).toBeLessThan(1100);
    expect(JSON.stringify(second?.detail['events'])).toContain('pause');
  });

  it('goes on as it was after a kill of the recorder: the pause is in force, the recordings are the right ones', async () => {
    const call = await tenant.call({ from: outside, to: alice });
    await call.speak(0x11);
    await call.control('start');
    await call.speak(0x21, 50);
    await call.control('pause');
    process.kill(server.pidOf('recorder'), 'SIGKILL');
    for (let step = 0; step < 10; step++) await call.speak(0x31);
    await server.ready();
    await server.until('the call to be taken up', 10_000, async () => {
      const live = await server.api<{ items: { vendorIds: Record<string, string> }[] }>('GET', '/calls/live');
      return live.items.some(({ vendorIds }) => vendorIds['callId'] === call.vendorId);
    });
    await call.speak(0x41);
    await call.control('resume');
    await call.speak(0x51);
    await call.control('stop');
    await call.speak(0x61);
    const [one, ...more] = await contents(await call.end(1));
    expect(more).toEqual([]);
    expect(left(one)).toEqual([0x21, 0x51]);
  });
});

describe('a call flow (D6)', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await Tenant.create(server, 'Flow', '127.0.1.5');
    await tenant.user('Alice', '1001');
    await tenant.inForce();
  });
  afterAll(() => tenant.close());

  it('starts and stops by the call id of the phone system: each part is a recording, what lies between is in none', async () => {
    const call = await tenant.call({ from: outside, to: alice });
    const flow = (step: string) => server.api('POST', `/calls/${call.path}/flow`, { step, name: 'Payment' });
    await call.speak(0x11);
    await flow('start');
    await call.speak(0x21);
    await flow('stop');
    await call.speak(0x31);
    await flow('start');
    await call.speak(0x41);
    const parts = await contents(await call.end(2));
    expect(parts.map(left).sort((a, b) => a[0]! - b[0]!)).toEqual([[0x21], [0x41]]);
    expect(JSON.stringify(parts[0]!.detail)).toContain('Payment');
  });

  it('may be the border controller itself, in the signalling of the session', async () => {
    const call = await tenant.call({ from: outside, to: alice });
    await call.speak(0x11);
    expect((await call.session.session.request('INFO', { headers: { 'X-AC-Action': 'start-siprec' } })).status).toBe(
      200,
    );
    await call.speak(0x21);
    expect((await call.session.session.request('INFO', { headers: { 'X-AC-Action': 'stop-siprec' } })).status).toBe(
      200,
    );
    await call.speak(0x31);
    const [one, ...more] = await contents(await call.end(1));
    expect(left(one)).toEqual([0x21]);
    expect(more).toEqual([]);
  });
});

describe('two brands with two accounts each and the same extensions (D9)', () => {
  const tenants: Tenant[] = [];
  const secrets: string[] = [];
  const ids: string[] = [];
  beforeAll(async () => {
    for (const brand of ['North', 'South']) {
      const { id: brandId } = await server.api<{ id: string }>('POST', '/brands', { name: brand });
      for (const name of ['One', 'Two']) {
        const tenant = await Tenant.create(server, `${brand} ${name}`, `127.0.2.${tenants.length + 1}`, { brandId });
        tenants.push(tenant);
        await tenant.user('Alice', '1001');
        await tenant.add('rules', RECORD_ALL);
        const token = { name, scope: 'full', accountId: tenant.accountId };
        secrets.push((await server.api<{ secret: string }>('POST', '/tokens', token)).secret);
      }
    }
    await tenants[0]!.inForce();
    const calls = await Promise.all(tenants.map((tenant) => tenant.call({ from: outside, to: alice })));
    await Promise.all(calls.map((call, index) => call.speak(0x11 + index * 0x10)));
    for (const call of calls) ids.push((await call.end(1)).recordings[0]!.id);
  });
  afterAll(() => Promise.all(tenants.map((tenant) => tenant.close())));

  const as = async (index: number, path: string) => {
    const headers = { authorization: `Bearer ${secrets[index]!}` };
    const response = await fetch(`${server.url}/api/v1${path}`, { headers });
    return {
      status: response.status,
      body: response.ok ? ((await response.json()) as { items: { id: string }[] }) : null,
    };
  };

  it('each sees its own call, whatever it asks for', async () => {
    for (const [index, own] of ids.entries()) {
      for (const path of ['/recordings', '/recordings?number=1001', '/recordings?q=alice', '/recordings?q=bob'])
        expect({ path, ids: (await as(index, path)).body?.items.map(({ id }) => id) }).toEqual({ path, ids: [own] });
      expect((await as(index, '/calls')).body?.items).toHaveLength(1);
      expect((await as(index, `/accounts/${tenants[index]!.accountId}/users`)).body?.items).toHaveLength(1);
    }
  });

  it('what belongs to others is not there', async () => {
    for (const index of ids.keys()) {
      const other = (index + 1) % ids.length;
      for (const path of ['', '/audio', '/peaks', '/trace', '/decision'])
        expect({ path, status: (await as(index, `/recordings/${ids[other]!}${path}`)).status }).toEqual({
          path,
          status: 404,
        });
      for (const kind of ['users', 'rules', 'history', 'matrix'])
        expect([403, 404]).toContain((await as(index, `/accounts/${tenants[other]!.accountId}/${kind}`)).status);
    }
  });

  it('each extension is its own account’s user', async () => {
    for (const [index, id] of ids.entries()) expect(left(await kept(server, id))).toEqual([0x11 + index * 0x10]);
  });
});

describe('live-keep (S8)', () => {
  let tenant: Tenant;
  beforeAll(async () => {
    tenant = await Tenant.create(server, 'Keep', '127.0.1.4', { policy: { ...BY_HAND, liveKeepMinutes: 5 } });
    await tenant.user('Alice', '1001');
    await tenant.policy({ onDemand: { ...BY_HAND.onDemand, liveKeep: true } });
    await tenant.inForce();
  });
  afterAll(() => tenant.close());

  it('kept in the middle: all of it, from the first word', async () => {
    const call = await tenant.call({ from: outside, to: alice });
    await call.speak(0x11);
    await call.control('keep');
    await call.speak(0x21);
    const [one, ...more] = await contents(await call.end(1));
    expect(more).toEqual([]);
    expect(left(one)).toEqual([0x11, 0x21]);
  });

  it('kept after the end', async () => {
    const call = await tenant.call({ from: outside, to: alice });
    await call.speak(0x11);
    const journal = await call.end();
    expect(journal.recordings).toEqual([]);
    await call.control('keep');
    const [one] = await contents(await call.inJournal(1));
    expect(left(one)).toEqual([0x11]);
  });

  it('dropped: nothing is left, and it cannot be kept any more', async () => {
    const call = await tenant.call({ from: outside, to: alice });
    await call.speak(0x11);
    await call.control('drop');
    expect(await call.end()).toMatchObject({ recordings: [] });
    await expect(call.control('keep')).rejects.toThrow(/40[349]/);
  });
});

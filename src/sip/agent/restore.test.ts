import { describe, expect, it } from 'vitest';
import { responseText } from '../raw-peer.fixture.ts';
import type { DialogState } from '../dialog/state.ts';
import { agentAt, answering, SDP, SDP_ANSWER, settle } from './agents.fixture.ts';
import type { SessionHandlers } from './api.ts';

const OFFERING = { headers: ['Content-Type: application/sdp'], body: SDP };

/** The process of an agent ends, and another takes the saved state up, as read from a file. */
async function restart(
  agents: ReturnType<typeof answering>,
  saved: DialogState,
  handlers: SessionHandlers = {},
  downMs = 2000,
) {
  await agents.agent.close();
  agents.clock.advance(downMs);
  const agent = agentAt(agents.clock, agents.network, '10.0.0.2');
  const invites: unknown[] = [];
  agent.onInvite = (invite) => invites.push(invite);
  const session = agent.restore(JSON.parse(JSON.stringify(saved)) as DialogState, handlers);
  return { agent, session, invites };
}

describe('a session after a restart of the process', () => {
  it('leaves no timer behind in the old process', async () => {
    const agents = answering();
    agents.establish({ headers: ['Supported: timer', 'Session-Expires: 300'] });
    agents.send({ callId: 'waiting', branch: 'z9hG4bK-w' });
    await agents.agent.close();
    expect(agents.clock.waiting).toBe(0);
  });

  it('answers the BYE of the peer 200 and tells its user', async () => {
    const agents = answering();
    const old = agents.establish();
    const seen: string[] = [];
    const { agent, session } = await restart(agents, old.save(), { onBye: () => seen.push('bye') });
    expect(session.id).toBe(old.id);
    agents.within(old, { method: 'BYE', seq: 2 });
    expect(agents.peer.statuses).toEqual([200, 200]);
    expect(seen).toEqual(['bye']);
    agents.clock.advance(40_000);
    expect([agents.clock.waiting, agent.stats().dialogs]).toEqual([0, 0]);
  });

  it('takes a re-INVITE, and still refuses an old CSeq', async () => {
    const agents = answering();
    const old = agents.establish({ seq: 5 });
    const { session } = await restart(agents, old.save(), {
      onReinvite: () => Promise.resolve({ status: 200, ...SDP_ANSWER }),
    });
    agents.within(old, { seq: 4, ...OFFERING });
    agents.within(old, { seq: 6, ...OFFERING });
    await settle();
    agents.clock.advance(0);
    expect(agents.peer.statuses).toEqual([200, 500, 200]);
    expect(session.save().remoteSeq).toBe(6);
  });

  it('hangs up along the same routes with the next CSeq', async () => {
    const agents = answering();
    const old = agents.establish({ headers: ['Record-Route: <sip:10.0.0.1;lr>'] });
    void old.request('INFO');
    agents.clock.advance(0);
    const { session } = await restart(agents, old.save());
    agents.peer.onRequest((request) => agents.peer.send(responseText(request, 200)));
    const gone = session.bye();
    agents.clock.advance(0);
    await gone;
    const [info, bye] = [agents.peer.requests[0]!, agents.peer.requests.at(-1)!];
    expect(bye.method).toBe('BYE');
    expect(bye.headers.all('Route')).toEqual(['<sip:10.0.0.1;lr>']);
    expect(Number.parseInt(bye.headers.get('CSeq')!)).toBe(Number.parseInt(info.headers.get('CSeq')!) + 1);
    expect(bye.headers.get('From')).toBe(info.headers.get('From'));
  });

  it('answers a repeated INVITE whose ACK was not seen with the same 200, byte for byte, and makes no second call', async () => {
    const agents = answering();
    agents.network.fate = (bytes) => (bytes.toString().startsWith('SIP/2.0 200') ? [] : [0]);
    agents.send(OFFERING);
    const prepared = agents.invites[0]!.prepare(SDP_ANSWER);
    const saved = prepared.session.save();
    prepared.send();
    agents.clock.advance(0);
    const lost = agents.network.sent.at(-1)!.text;
    agents.network.fate = () => [0];
    const { session, invites } = await restart(agents, saved);
    agents.clock.advance(0);
    agents.send(OFFERING);
    const got = agents.peer.received.filter(({ text }) => text.startsWith('SIP/2.0 200')).map(({ text }) => text);
    expect(got.length).toBeGreaterThanOrEqual(2);
    expect(new Set(got)).toEqual(new Set([lost]));
    expect(invites).toEqual([]);
    agents.within(session, { method: 'ACK' });
    agents.clock.advance(100_000);
    expect(session.save().invite?.acked).toBe(true);
    expect(agents.clock.waiting).toBe(0);
  });

  it('sends a 200 that was saved but had not left, and repeats it until the ACK', async () => {
    const agents = answering();
    agents.send(OFFERING);
    const saved = agents.invites[0]!.prepare(SDP_ANSWER).session.save();
    const acks: string[] = [];
    const { session } = await restart(agents, saved, { onAck: () => acks.push('ack') });
    agents.clock.advance(600);
    expect(agents.peer.times('SIP/2.0 200')).toEqual([2000, 2500]);
    agents.within(session, { method: 'ACK' });
    agents.clock.advance(100_000);
    expect(agents.peer.times('SIP/2.0 200')).toEqual([2000, 2500]);
    expect(acks).toEqual(['ack']);
  });

  it('does not end a call whose ACK may have come while nobody was there', async () => {
    const agents = answering();
    agents.send(OFFERING);
    const prepared = agents.invites[0]!.prepare(SDP_ANSWER);
    prepared.send();
    const { session } = await restart(agents, prepared.session.save());
    agents.clock.advance(100_000);
    expect(session.ended).toBe(false);
    expect(agents.peer.times('BYE')).toEqual([]);
    expect(agents.clock.waiting).toBe(0);
  });

  it('goes on with the session timer by wall time', async () => {
    const agents = answering();
    const old = agents.establish({ headers: ['Supported: timer', 'Session-Expires: 300'] });
    const { session } = await restart(agents, old.save(), {}, 100_000);
    agents.clock.advance(167_999);
    expect(session.ended).toBe(false);
    agents.clock.advance(1);
    expect(session.ended).toBe(true);
  });

  it.each([
    ['UPDATE where the peer takes it', ['Allow: INVITE, UPDATE'], 'UPDATE', ''],
    ['re-INVITE with the same description elsewhere', ['Allow: INVITE'], 'INVITE', SDP],
  ])('goes on refreshing, by %s', async (_name, headers, method, body) => {
    const agents = answering();
    const old = agents.establish({ headers: ['Supported: timer', 'Session-Expires: 300;refresher=uas', ...headers] });
    await restart(agents, old.save(), {}, 100_000);
    agents.clock.advance(50_000);
    expect(agents.peer.requests.map((request) => [request.method, request.body.toString()])).toEqual([[method, body]]);
    expect(agents.peer.received.at(-1)!.at).toBe(150_000);
  });

  it('is saved again as it was', async () => {
    const agents = answering();
    const old = agents.establish({ headers: ['Supported: timer', 'Session-Expires: 300', 'Record-Route: <sip:p;lr>'] });
    const { session } = await restart(agents, old.save());
    expect(session.save()).toEqual(old.save());
  });

  it('gives a timer that ran out meanwhile a minute more', async () => {
    const agents = answering();
    const old = agents.establish({ headers: ['Supported: timer', 'Session-Expires: 300'] });
    const { session } = await restart(agents, old.save(), {}, 1_000_000);
    agents.clock.advance(59_999);
    expect(session.ended).toBe(false);
    agents.clock.advance(1);
    expect(session.ended).toBe(true);
  });

  it('asks to be saved when the ACK comes, when the peer asks something, and before it asks something itself', async () => {
    const agents = answering();
    const saved: (number | boolean | null)[] = [];
    const session = agents.establish(
      {},
      {
        onReinvite: () => Promise.resolve({ status: 200, ...SDP_ANSWER }),
        onSaveNeeded: () => saved.push(agents.network.sent.length),
      },
    );
    expect(saved).toHaveLength(1);
    expect(session.save().invite).toMatchObject({ acked: true, response: '' });
    const before = agents.network.sent.length;
    void session.request('INFO');
    expect(saved.at(-1)).toBe(before);
    agents.within(session, { seq: 2, ...OFFERING });
    await settle();
    expect(saved).toHaveLength(3);
  });

  it('refuses what is no saved state with a clear error', () => {
    const agents = answering();
    expect(() => agents.agent.restore({ version: 1 } as DialogState, {})).toThrow(/saved state/);
  });
});

import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import { RawPeer, responseText } from '../raw-peer.fixture.ts';
import { MemoryNetwork } from '../transport/memory.ts';
import { agentAt, SDP, SDP_ANSWER, settle } from './agents.fixture.ts';
import type { AgentOptions, OutgoingInvite, Session, TraceEntry } from './api.ts';

const CALL: OutgoingInvite = {
  target: 'sip:rec@10.0.0.2',
  protocol: 'udp',
  from: '<sip:alice@10.0.0.1>',
  body: SDP,
  contentType: 'application/sdp',
};

function two(callee: Partial<AgentOptions> = {}, caller: Partial<AgentOptions> = {}) {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  return {
    clock,
    network,
    caller: agentAt(clock, network, '10.0.0.1', caller),
    callee: agentAt(clock, network, '10.0.0.2', callee),
  };
}

function againstRaw() {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  const peer = new RawPeer(clock, network, '10.0.0.2', '10.0.0.1');
  return { clock, network, peer, caller: agentAt(clock, network, '10.0.0.1') };
}

describe('a caller', () => {
  it('answers a digest challenge with a new branch and the next CSeq', async () => {
    const trunk = { ...DEFAULT_TRUNK, digest: { username: 'bob', password: 'secret' } };
    const { clock, network, caller, callee } = two({ trunk: () => trunk });
    callee.onInvite = (invite) => void invite.accept(SDP_ANSWER);
    const right = caller.invite({ ...CALL, digest: { username: 'bob', password: 'secret' } });
    const wrong = caller.invite({ ...CALL, digest: { username: 'bob', password: 'guess' } });
    const none = caller.invite(CALL);
    clock.advance(0);
    expect((await right).response.status).toBe(200);
    expect((await right).session).toBeDefined();
    expect((await wrong).response.status).toBe(401);
    expect((await none).response.status).toBe(401);
    const invites = network.sent.filter(({ text }) => text.startsWith('INVITE'));
    expect(new Set(invites.map(({ text }) => /branch=([^;\s]+)/.exec(text)![1])).size).toBe(invites.length);
    void (await right).session!.bye();
    clock.advance(40_000);
    expect(clock.waiting).toBe(0);
  });

  it('sends CANCEL when it is aborted, once there is a provisional response, and ends with the 487', async () => {
    const { clock, network, caller, callee } = two();
    let cancelled = false;
    callee.onInvite = (invite) => {
      invite.onCancel = () => (cancelled = true);
    };
    const abort = new AbortController();
    const outcome = caller.invite({ ...CALL, signal: abort.signal });
    clock.advance(50);
    abort.abort();
    clock.advance(50);
    expect(network.sent.some(({ text }) => text.startsWith('CANCEL'))).toBe(false);
    clock.advance(200);
    expect(cancelled).toBe(true);
    const { session, response } = await outcome;
    expect([session, response.status]).toEqual([undefined, 487]);
    clock.advance(60_000);
    expect(clock.waiting).toBe(0);
  });

  it('hangs up at once when the 2xx crosses its CANCEL', async () => {
    const { clock, peer, caller } = againstRaw();
    const abort = new AbortController();
    const outcome = caller.invite({ ...CALL, signal: abort.signal });
    clock.advance(0);
    const invite = peer.requests[0]!;
    peer.send(responseText(invite, 180));
    clock.advance(0);
    abort.abort();
    peer.send(responseText(invite, 200, ['Contact: <sip:rec@10.0.0.2>']));
    clock.advance(0);
    expect((await outcome).session).toBeUndefined();
    expect(peer.requests.map(({ method }) => method)).toEqual(['INVITE', 'CANCEL', 'ACK', 'BYE']);
  });

  it('acknowledges every copy of the 2xx (§13.2.2.4)', async () => {
    const { clock, peer, caller } = againstRaw();
    const outcome = caller.invite(CALL);
    clock.advance(0);
    for (let copy = 0; copy < 3; copy++) {
      peer.send(
        responseText(peer.requests[0]!, 200, [
          'Contact: <sip:rec@10.0.0.2>',
          'Record-Route: <sip:p.invalid;lr>, <sip:10.0.0.2;lr>',
        ]),
      );
      clock.advance(500);
    }
    expect((await outcome).session).toBeDefined();
    const acks = peer.requests.filter(({ method }) => method === 'ACK');
    expect(acks).toHaveLength(3);
    expect(acks[0]!.headers.get('CSeq')).toBe('1 ACK');
    expect(acks[0]!.uri).toBe('sip:rec@10.0.0.2');
    // The caller's route set is the reverse of Record-Route (§12.1.2).
    expect(acks[0]!.headers.all('Route')).toEqual(['<sip:10.0.0.2;lr>', '<sip:p.invalid;lr>']);
  });

  it('acknowledges and hangs up the second branch of a fork', async () => {
    const { clock, peer, caller } = againstRaw();
    const outcome = caller.invite(CALL);
    clock.advance(0);
    const ok = responseText(peer.requests[0]!, 200, ['Contact: <sip:rec@10.0.0.2>']);
    peer.send(ok);
    peer.send(ok.replace(';tag=b\r\n', ';tag=other\r\n'));
    clock.advance(0);
    const { session } = await outcome;
    expect(session!.remoteTag).toBe('b');
    expect(session!.ended).toBe(false);
    const bye = peer.requests.find(({ method }) => method === 'BYE');
    expect(bye!.headers.get('To')).toContain('tag=other');
  });

  it('answers a late offer in the ACK', async () => {
    const { clock, caller, callee } = two();
    const answers: string[] = [];
    callee.onInvite = (invite) => {
      const prepared = invite.prepare(SDP_ANSWER);
      prepared.session.handlers = { onAck: (ack) => answers.push(ack.body.toString()) };
      prepared.send();
    };
    const { body: _body, contentType: _type, ...offerless } = CALL;
    const outcome = caller.invite({
      ...offerless,
      answerOffer: () => ({ body: 'v=0 answer', contentType: 'application/sdp' }),
    });
    clock.advance(0);
    expect((await outcome).session).toBeDefined();
    expect(answers).toEqual(['v=0 answer']);
  });

  it('gets 408 when nobody answers, and 503 when nobody can be reached', async () => {
    const { clock, caller } = two();
    const lost = caller.invite({ ...CALL, target: 'sip:rec@10.0.0.99' });
    const wrong = caller.invite({ ...CALL, target: 'sip:rec@10.0.0.2;transport=tls' });
    const strange = caller.invite({ ...CALL, target: 'tel:+15550100' });
    clock.advance(40_000);
    expect((await lost).response.status).toBe(408);
    expect((await wrong).response.status).toBe(503);
    expect((await strange).response.status).toBe(503);
    expect(clock.waiting).toBe(0);
  });

  it('takes the requests of the callee in its session', async () => {
    const { clock, caller, callee } = two();
    let theirs: Session | undefined;
    callee.onInvite = (invite) => (theirs = invite.accept(SDP_ANSWER));
    const seen: string[] = [];
    const outcome = caller.invite({
      ...CALL,
      handlers: {
        onInfo: (request) => {
          seen.push(request.body.toString());
          return Promise.resolve({ status: 200 });
        },
        onBye: () => seen.push('bye'),
      },
    });
    clock.advance(0);
    await outcome;
    const info = theirs!.request('INFO', { body: 'hello', contentType: 'text/plain' });
    clock.advance(0);
    await settle();
    clock.advance(0);
    expect((await info).status).toBe(200);
    void theirs!.bye();
    clock.advance(40_000);
    expect(seen).toEqual(['hello', 'bye']);
    expect(clock.waiting).toBe(0);
  });

  it('shows every message in and out to the trace, with time, peer and Call-ID', async () => {
    const entries: TraceEntry[] = [];
    const { clock, caller, callee } = two({ onTrace: (entry) => entries.push(entry) });
    callee.onInvite = (invite) => void invite.accept(SDP_ANSWER);
    const outcome = caller.invite({ ...CALL, callId: 'abc' });
    clock.advance(5);
    await outcome;
    expect(
      entries.map(({ direction, bytes, callId }) => `${direction} ${bytes.toString().split(' ')[0]} ${callId}`),
    ).toEqual(['in INVITE abc', 'out SIP/2.0 abc', 'in ACK abc']);
    expect(entries[0]).toMatchObject({ protocol: 'udp', address: '10.0.0.1', port: 5060, at: Date.UTC(2026, 0, 1) });
  });
});

describe('over a network that loses, doubles and delays', () => {
  it('calls are set up, changed and ended, each exactly once, and nothing is left', async () => {
    const { clock, network, caller, callee } = two();
    let seed = 7;
    const chance = (): number => (seed = (seed * 1_103_515_245 + 12_345) % 2 ** 31) / 2 ** 31;
    network.fate = () => {
      const roll = chance();
      const delay = (): number => Math.floor(chance() * 300);
      if (roll < 0.2) return [];
      return roll < 0.4 ? [delay(), delay()] : [delay()];
    };
    const counts = { invites: 0, reinvites: 0, byes: 0, failures: 0 };
    callee.onInvite = (invite) => {
      counts.invites++;
      const prepared = invite.prepare(SDP_ANSWER);
      prepared.session.handlers = {
        onReinvite: () => {
          counts.reinvites++;
          return Promise.resolve({ status: 200, ...SDP_ANSWER });
        },
        onBye: () => counts.byes++,
        onFailure: () => counts.failures++,
      };
      prepared.send();
    };
    const run = async (ms: number): Promise<void> => {
      for (let at = 0; at < ms; at += 100) {
        clock.advance(100);
        await settle();
      }
    };
    const outcomes = Array.from({ length: 40 }, () => caller.invite(CALL));
    await run(40_000);
    const sessions = (await Promise.all(outcomes)).map(({ session }) => session!);
    const changed = sessions.map((session) => session.request('INVITE', { body: SDP, contentType: 'application/sdp' }));
    await run(40_000);
    expect((await Promise.all(changed)).map(({ status }) => status)).toEqual(sessions.map(() => 200));
    for (const session of sessions) void session.bye();
    await run(80_000);
    expect(counts).toEqual({ invites: 40, reinvites: 40, byes: 40, failures: 0 });
    expect(clock.waiting).toBe(0);
    expect(
      caller.stats().transactions + callee.stats().transactions + caller.stats().dialogs + callee.stats().dialogs,
    ).toBe(0);
  });
});

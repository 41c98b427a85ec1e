import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { DEFAULT_TRUNK, type TrunkConfig } from '../../base/trunks.ts';
import { answering, SDP_ANSWER } from './agents.fixture.ts';
import type { AgentOptions, Health } from './api.ts';
import { TokenBucket } from './token-bucket.ts';

const full: Health = { ok: false, reason: 'Full', retryAfterSeconds: 10 };

function limited(options: Partial<AgentOptions>) {
  const agents = answering(options);
  agents.agent.onInvite = (invite) => void invite.accept(SDP_ANSWER);
  let n = 0;
  /** So many INVITEs at once, each of a call of its own. */
  const offer = (count: number): void => {
    for (let one = 0; one < count; one++) agents.send({ branch: `z9hG4bK-o${(n += 1)}`, callId: `o${n}` });
  };
  const answered = (status: number) => {
    const keys = agents.peer.responses.filter((one) => one.status === status).map((one) => one.headers.get('Call-ID'));
    return new Set(keys).size;
  };
  return { ...agents, offer, answered };
}

describe('a token bucket', () => {
  it('gives its burst at once, then its rate, and saves up no more than the burst', () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(clock, 10, 3);
    const taken = () => Array.from({ length: 20 }, () => bucket.take()).filter(Boolean).length;
    expect(taken()).toBe(3);
    clock.advance(200);
    expect(taken()).toBe(2);
    clock.advance(60_000);
    expect(taken()).toBe(3);
  });

  it('takes one at a time below one a second', () => {
    const clock = new VirtualClock();
    const bucket = new TokenBucket(clock, 0.5);
    expect([bucket.take(), bucket.take()]).toEqual([true, false]);
    clock.advance(2000);
    expect(bucket.take()).toBe(true);
  });
});

describe('more set-ups than are to be taken', () => {
  it.each([2, 5, 10])(
    '%i times the rate: at least the rate is served, the rest told to come back, without state',
    (times) => {
      const agents = limited({ overload: { setupsPerSecond: 20, requestsPerSource: null } });
      for (let tick = 0; tick < 100; tick++) {
        agents.offer((20 * times) / 10);
        agents.clock.advance(100);
      }
      const served = agents.answered(200);
      expect(served).toBeGreaterThanOrEqual(200);
      expect(served).toBeLessThanOrEqual(200 + 20);
      expect(agents.answered(503)).toBe(200 * times - served);
      const refusal = agents.peer.responses.find((one) => one.status === 503)!;
      expect(Number(refusal.headers.get('Retry-After'))).toBeGreaterThan(0);
      expect(agents.agent.stats().transactions).toBeLessThanOrEqual(served);
      expect(agents.agent.stats().turnedAway).toBe(200 * times - served);
    },
  );

  it('answers an INVITE that it has turned away the same way, however often it comes again', () => {
    const agents = limited({ overload: { setupsPerSecond: 1, requestsPerSource: null } });
    agents.offer(1);
    for (let again = 0; again < 3; again++) {
      agents.send({ branch: 'z9hG4bK-late', callId: 'late' });
      agents.clock.advance(5000);
    }
    expect(
      agents.peer.responses.filter((one) => one.headers.get('Call-ID') === 'late').map((one) => one.status),
    ).toEqual([503, 503, 503]);
  });

  it('does not let a trunk over its own rate use up that of the node', () => {
    let trunk: TrunkConfig = { ...DEFAULT_TRUNK, name: 'small', rate: 2 };
    const agents = limited({
      trunk: () => trunk,
      overload: { setupsPerSecond: 10, requestsPerSource: null },
    });
    agents.offer(50);
    expect(agents.answered(200)).toBe(2);
    trunk = { ...DEFAULT_TRUNK, name: 'large' };
    agents.offer(8);
    expect(agents.answered(200)).toBe(10);
  });

  it('holds a trunk to its calls; when one ends, the next is taken', () => {
    const agents = answering({ trunk: () => ({ ...DEFAULT_TRUNK, calls: 2 }) });
    const first = agents.establish({ branch: 'z9hG4bK-1', callId: '1' });
    agents.establish({ branch: 'z9hG4bK-2', callId: '2' });
    agents.send({ branch: 'z9hG4bK-3', callId: '3' });
    expect(agents.peer.statuses).toEqual([200, 200, 503]);
    agents.within(first, { method: 'BYE', seq: 2, callId: '1' });
    agents.send({ branch: 'z9hG4bK-4', callId: '4' });
    expect(agents.invites).toHaveLength(3);
    agents.send({ branch: 'z9hG4bK-5', callId: '5' });
    expect(agents.peer.statuses.at(-1)).toBe(503);
    agents.invites[2]!.reject(486);
    agents.send({ branch: 'z9hG4bK-6', callId: '6' });
    expect(agents.invites).toHaveLength(4);
  });

  it('refuses a new call when there is no room, but says by OPTIONS that it is well', () => {
    const agents = limited({ room: () => full });
    agents.offer(1);
    agents.send({ method: 'OPTIONS', branch: 'z9hG4bK-p', callId: 'p' });
    expect(agents.peer.statuses).toEqual([503, 200]);
    expect(agents.peer.responses[0]!.headers.get('Retry-After')).toBe('10');
  });
});

describe('a flood', () => {
  it.each(['REGISTER', 'MESSAGE', 'OPTIONS', 'SUBSCRIBE', 'CANCEL', 'BYE', 'DANCE'])(
    'of %s leaves no transaction behind, and running calls are served',
    (method) => {
      const agents = answering();
      const session = agents.establish({ callId: 'precious', branch: 'z9hG4bK-precious' });
      agents.within(session, { method: 'ACK', callId: 'precious' });
      agents.clock.advance(40_000);
      for (let n = 0; n < 500; n++) agents.send({ method, branch: `z9hG4bK-f${n}`, callId: `f${n}` });
      for (let n = 0; n < 500; n++) {
        agents.send({ method, branch: `z9hG4bK-g${n}`, callId: `g${n}`, to: '<sip:rec@10.0.0.2>;tag=none' });
      }
      expect(agents.agent.stats().transactions).toBe(0);
      expect(agents.peer.responses).toHaveLength(1001);
      agents.within(session, { method: 'BYE', seq: 2, callId: 'precious' });
      expect(agents.peer.statuses.at(-1)).toBe(200);
    },
  );

  it('of one address is answered at its pace and otherwise dropped, while new calls are taken', () => {
    const agents = limited({ overload: { setupsPerSecond: null, requestsPerSource: 10 } });
    for (let n = 0; n < 100; n++) agents.send({ method: 'OPTIONS', branch: `z9hG4bK-f${n}`, callId: `f${n}` });
    expect(agents.peer.statuses).toEqual(Array.from({ length: 10 }, () => 200));
    agents.offer(1);
    expect(agents.answered(200)).toBe(11);
  });
});

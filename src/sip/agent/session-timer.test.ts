import { describe, expect, it } from 'vitest';
import { responseText } from '../raw-peer.fixture.ts';
import { answering, SDP, SDP_ANSWER, settle } from './agents.fixture.ts';

const asking = (seconds: string, supported = true) => ({
  headers: [
    ...(supported ? ['Supported: timer'] : []),
    `Session-Expires: ${seconds}`,
    'Allow: INVITE, ACK, BYE, UPDATE',
  ],
  body: SDP,
});

describe('session timers (RFC 4028)', () => {
  it.each([
    ['the peer refreshes when it leaves the choice to us', asking('1800'), '1800;refresher=uac', 'timer'],
    ['the peer refreshes when it wants to', asking('300;refresher=uac'), '300;refresher=uac', 'timer'],
    ['we refresh when it wants us to', asking('300;refresher=uas'), '300;refresher=uas', undefined],
    ['we refresh when only a proxy asked', asking('300', false), '300;refresher=uas', undefined],
    [
      'an interval is proposed to a peer that knows timers',
      { headers: ['Supported: timer', 'Min-SE: 2000'] },
      '2000;refresher=uac',
      'timer',
    ],
    ['no timer with a peer that knows none', { headers: [] }, undefined, undefined],
  ])('%s', (_name, parts, expires, require) => {
    const agents = answering();
    agents.establish(parts);
    const { headers } = agents.peer.responses[0]!;
    expect(headers.get('Session-Expires')).toBe(expires);
    expect(headers.get('Require')).toBe(require);
  });

  it('ends with BYE and `expired` a third of the interval, at most 32 s, before its end (§10)', () => {
    const agents = answering();
    const seen: string[] = [];
    agents.establish(asking('300'), { onExpired: () => seen.push('expired'), onFailure: () => seen.push('failed') });
    agents.clock.advance(267_999);
    expect(agents.peer.times('BYE')).toEqual([]);
    agents.clock.advance(1);
    expect(agents.peer.times('BYE')).toEqual([268_000]);
    expect(seen).toEqual(['expired']);
    agents.clock.advance(100_000);
    expect(agents.clock.waiting).toBe(0);
  });

  it('takes a third of a short interval', () => {
    const agents = answering();
    agents.establish(asking('90'));
    agents.clock.advance(60_000);
    expect(agents.peer.times('BYE')).toEqual([60_000]);
  });

  it('begins anew with each UPDATE and each re-INVITE', async () => {
    const agents = answering();
    const session = agents.establish(asking('300'), {
      onReinvite: () => Promise.resolve({ status: 200, ...SDP_ANSWER }),
    });
    agents.clock.advance(200_000);
    agents.within(session, {
      method: 'UPDATE',
      seq: 2,
      headers: ['Supported: timer', 'Session-Expires: 300;refresher=uac'],
    });
    agents.clock.advance(200_000);
    const again = asking('400;refresher=uac');
    agents.within(session, { seq: 3, ...again, headers: [...again.headers, 'Content-Type: application/sdp'] });
    await settle();
    agents.clock.advance(0);
    agents.within(session, { method: 'ACK', seq: 3 });
    agents.clock.advance(367_999);
    expect(session.ended).toBe(false);
    agents.clock.advance(1);
    expect(session.ended).toBe(true);
  });

  it('answers 422 to an UPDATE with too short an interval and goes on', () => {
    const agents = answering({ minSessionSeconds: 200 });
    const session = agents.establish(asking('300'));
    agents.within(session, { method: 'UPDATE', seq: 2, headers: ['Supported: timer', 'Session-Expires: 120'] });
    expect(agents.peer.statuses).toEqual([200, 422]);
    expect(agents.peer.responses[1]!.headers.get('Min-SE')).toBe('200');
    expect(session.ended).toBe(false);
  });

  it('refreshes by UPDATE at half the interval when that is its part, again and again', async () => {
    const agents = answering();
    const session = agents.establish(asking('300;refresher=uas'));
    agents.peer.onRequest((request) =>
      agents.peer.send(responseText(request, 200, ['Session-Expires: 300;refresher=uac', 'Require: timer'])),
    );
    for (let round = 0; round < 4; round++) {
      agents.clock.advance(150_000);
      await settle();
    }
    expect(agents.peer.times('UPDATE')).toEqual([150_000, 300_000, 450_000, 600_000]);
    expect(agents.peer.requests[0]!.headers.get('Session-Expires')).toBe('300;refresher=uac');
    expect(session.ended).toBe(false);
  });

  it('refreshes by re-INVITE with the same description where the peer takes no UPDATE', async () => {
    const agents = answering();
    const parts = asking('300;refresher=uas');
    agents.establish({ ...parts, headers: parts.headers.filter((header) => !header.startsWith('Allow')) });
    agents.clock.advance(150_000);
    const [invite] = agents.peer.requests;
    expect(invite!.method).toBe('INVITE');
    expect(invite!.body.toString()).toBe(SDP);
  });

  it('asks again with the interval that a 422 wants', async () => {
    const agents = answering();
    const session = agents.establish(asking('300;refresher=uas'));
    agents.peer.onRequest((request) => {
      const enough = request.headers.get('Session-Expires')!.startsWith('900');
      agents.peer.send(
        responseText(request, enough ? 200 : 422, [enough ? 'Session-Expires: 900;refresher=uac' : 'Min-SE: 900']),
      );
    });
    agents.clock.advance(150_000);
    expect(agents.peer.requests.map(({ headers }) => headers.get('Session-Expires'))).toEqual([
      '300;refresher=uac',
      '900;refresher=uac',
    ]);
    expect(agents.peer.requests[1]!.headers.get('Min-SE')).toBe('900');
    expect(session.save().timer).toMatchObject({ seconds: 900, refresher: 'us' });
  });

  it('ends the session when the peer refuses every refresh', () => {
    const agents = answering();
    const session = agents.establish(asking('300;refresher=uas'));
    agents.peer.onRequest((request) => agents.peer.send(responseText(request, request.method === 'BYE' ? 200 : 500)));
    agents.clock.advance(268_000);
    expect(session.ended).toBe(true);
    expect(agents.peer.times('BYE')).toEqual([268_000]);
  });
});

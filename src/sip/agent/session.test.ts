import { describe, expect, it } from 'vitest';
import type { SipRequest } from '../message.ts';
import { responseText } from '../raw-peer.fixture.ts';
import { answering, SDP, SDP_ANSWER, settle } from './agents.fixture.ts';
import type { RequestAnswer } from './api.ts';

const OFFERING = { headers: ['Content-Type: application/sdp'], body: SDP };

describe('the 2xx of an INVITE (RFC 3261 §13.3.1.4)', () => {
  it('MUST be repeated from T1 at doubling intervals up to T2 until the ACK', () => {
    const agents = answering();
    agents.send(OFFERING);
    const session = agents.invites[0]!.accept(SDP_ANSWER);
    agents.clock.advance(8000);
    agents.within(session, { method: 'ACK' });
    agents.clock.advance(100_000);
    expect(agents.peer.times('SIP/2.0 200')).toEqual([0, 500, 1500, 3500, 7500]);
    expect(session.ended).toBe(false);
    expect(agents.clock.waiting).toBe(0);
  });

  it('MUST be repeated over TCP as well', () => {
    const agents = answering({}, 'tcp');
    agents.send({ ...OFFERING, via: 'SIP/2.0/TCP 10.0.0.1:5060;branch=z9hG4bK-1' });
    agents.invites[0]!.accept(SDP_ANSWER);
    agents.clock.advance(1500);
    expect(agents.peer.times('SIP/2.0 200')).toEqual([0, 500, 1500]);
  });

  it('without any ACK for 64*T1 ends the session with a BYE', () => {
    const agents = answering();
    agents.send(OFFERING);
    const prepared = agents.invites[0]!.prepare(SDP_ANSWER);
    const failures: string[] = [];
    prepared.session.handlers = { onFailure: (reason) => failures.push(reason) };
    prepared.send();
    agents.clock.advance(32_000);
    expect(agents.peer.times('SIP/2.0 200').at(-1)).toBe(31_500);
    expect(agents.peer.times('BYE')).toEqual([32_000]);
    expect(failures).toEqual(['no ACK came for the 200']);
    agents.clock.advance(100_000);
    expect([agents.clock.waiting, agents.agent.stats().dialogs]).toEqual([0, 0]);
  });

  it('waits for the ACK before it sends a BYE (§15)', async () => {
    const agents = answering();
    agents.send(OFFERING);
    const session = agents.invites[0]!.accept(SDP_ANSWER);
    agents.peer.onRequest((request) => request.method === 'BYE' && agents.peer.send(responseText(request, 200)));
    const gone = session.bye({ Reason: 'Q.850;cause=16' });
    agents.clock.advance(400);
    expect(agents.peer.times('BYE')).toEqual([]);
    agents.within(session, { method: 'ACK' });
    agents.clock.advance(0);
    await gone;
    expect(agents.peer.requests[0]!.headers.get('Reason')).toBe('Q.850;cause=16');
    expect(session.ended).toBe(true);
  });

  it('hands the first ACK to its user, with the answer to a late offer', () => {
    const agents = answering();
    const bodies: string[] = [];
    const session = agents.establish({ headers: [], body: '' }, { onAck: (ack) => bodies.push(ack.body.toString()) });
    agents.within(session, { method: 'ACK', headers: ['Content-Type: application/sdp'], body: 'again' });
    expect(bodies).toEqual(['']);
  });

  it('carries Contact with feature parameters, Record-Route, and an empty Recv-Info when asked (RFC 6086 §5.2.2)', () => {
    const agents = answering({ advertise: '203.0.113.5', user: 'rec' });
    agents.establish(
      { headers: ['Record-Route: <sip:p1;lr>, <sip:p2;lr>', 'Recv-Info: x'] },
      {},
      { ...SDP_ANSWER, contactParams: { '+sip.srs': null } },
    );
    const { headers } = agents.peer.responses[0]!;
    expect(headers.get('Contact')).toBe('<sip:rec@203.0.113.5:5060>;+sip.srs');
    expect(headers.all('Record-Route')).toEqual(['<sip:p1;lr>', '<sip:p2;lr>']);
    expect(headers.get('Recv-Info') ?? '').toBe('');
    expect(headers.get('Content-Type')).toBe('application/sdp');
  });
});

describe('requests within a dialog (RFC 3261 §12.2)', () => {
  it('MUST answer 500 to a lower CSeq and go on', () => {
    const agents = answering();
    const session = agents.establish({ seq: 10 });
    agents.within(session, { method: 'INFO', seq: 12 });
    agents.within(session, { method: 'INFO', seq: 11 });
    expect(agents.peer.statuses).toEqual([200, 200, 500]);
  });

  it('tells the user of a BYE after answering it 200, and knows the dialog no more', () => {
    const agents = answering();
    const seen: string[] = [];
    const session = agents.establish({}, { onBye: () => seen.push(`bye after ${agents.peer.statuses.join()}`) });
    agents.within(session, { method: 'BYE', seq: 2 });
    agents.within(session, { method: 'INFO', seq: 3 });
    expect(seen).toEqual(['bye after 200']);
    expect(agents.peer.statuses).toEqual([200, 200, 481]);
    agents.clock.advance(40_000);
    expect([agents.clock.waiting, agents.agent.stats().dialogs]).toEqual([0, 0]);
  });

  it('answers INFO with what its user says, and 500 when that fails', async () => {
    const agents = answering();
    const session = agents.establish(
      {},
      {
        onInfo: (request) =>
          request.headers.get('Record') === 'on' ? Promise.resolve({ status: 403 }) : Promise.reject(new Error('x')),
      },
    );
    agents.within(session, { method: 'INFO', seq: 2, headers: ['Record: on'] });
    await settle();
    agents.within(session, { method: 'INFO', seq: 3 });
    await settle();
    agents.clock.advance(0);
    expect(agents.peer.statuses).toEqual([200, 403, 500]);
    expect(session.ended).toBe(false);
  });

  it('answers 500 when its user throws, or says nothing for 30 s, and goes on', async () => {
    const agents = answering();
    const session = agents.establish(
      {},
      {
        onInfo: () => {
          throw new Error('defect');
        },
        onUpdate: () => new Promise(() => undefined),
      },
    );
    agents.within(session, { method: 'INFO', seq: 2 });
    await settle();
    agents.within(session, { method: 'UPDATE', seq: 3 });
    agents.clock.advance(30_000);
    expect(agents.peer.statuses).toEqual([200, 500, 500]);
    expect(session.ended).toBe(false);
    agents.clock.advance(40_000);
    expect(agents.clock.waiting).toBe(0);
  });

  it('refuses REFER with 603, and 400 without exactly one Refer-To (RFC 3515 §2.4.2)', () => {
    const agents = answering();
    const session = agents.establish();
    agents.within(session, { method: 'REFER', seq: 2, headers: ['Refer-To: <sip:x@y.invalid>'] });
    agents.within(session, { method: 'REFER', seq: 3 });
    expect(agents.peer.statuses).toEqual([200, 603, 400]);
  });

  it('MUST send its own requests along the route set to the remote target, which a re-INVITE changes (§12.2.1.1)', async () => {
    const agents = answering();
    const session = agents.establish(
      { headers: ['Record-Route: <sip:10.0.0.1;lr>, <sip:10.0.0.7;lr>'] },
      { onReinvite: () => Promise.resolve({ status: 200, ...SDP_ANSWER }) },
    );
    void session.request('INFO', { body: 'x', contentType: 'text/plain' });
    agents.clock.advance(0);
    agents.within(session, { seq: 2, contact: '<sip:new@10.0.0.8:5062>', ...OFFERING });
    await settle();
    agents.within(session, { method: 'ACK', seq: 2 });
    void session.request('INFO');
    agents.clock.advance(0);
    const [info, next] = agents.peer.requests.filter(({ method }) => method === 'INFO') as [SipRequest, SipRequest];
    expect(info.uri).toBe('sip:alice@10.0.0.1:5060');
    expect(info.headers.all('Route')).toEqual(['<sip:10.0.0.1;lr>', '<sip:10.0.0.7;lr>']);
    expect(info.headers.get('From')).toBe(`<sip:rec@10.0.0.2>;tag=${session.localTag}`);
    expect(info.headers.get('To')).toBe('<sip:alice@10.0.0.1>;tag=a');
    expect(next.uri).toBe('sip:new@10.0.0.8:5062');
    expect(Number.parseInt(next.headers.get('CSeq')!)).toBe(Number.parseInt(info.headers.get('CSeq')!) + 1);
  });

  it('MUST put a strict router into the request URI and its target last', () => {
    const agents = answering();
    const session = agents.establish({ headers: ['Record-Route: <sip:10.0.0.1>, <sip:10.0.0.7;lr>'] });
    void session.request('INFO');
    agents.clock.advance(0);
    const [info] = agents.peer.requests as [SipRequest];
    expect(info.uri).toBe('sip:10.0.0.1');
    expect(info.headers.all('Route')).toEqual(['<sip:10.0.0.7;lr>', '<sip:alice@10.0.0.1:5060>']);
  });

  it('ends when the peer answers 481, but not when it does not answer', async () => {
    const agents = answering();
    const failures: string[] = [];
    const session = agents.establish({}, { onFailure: (reason) => failures.push(reason) });
    const silent = session.request('INFO');
    agents.clock.advance(33_000);
    expect((await silent).status).toBe(408);
    expect(session.ended).toBe(false);
    agents.peer.onRequest((request) => agents.peer.send(responseText(request, 481)));
    const refused = session.request('INFO');
    agents.clock.advance(0);
    expect((await refused).status).toBe(481);
    expect(session.ended).toBe(true);
    expect(failures).toHaveLength(1);
  });
});

describe('offers that meet (RFC 3261 §14, RFC 3311 §5)', () => {
  /** A session whose re-INVITEs and UPDATEs wait until `go` is called. */
  function waiting() {
    const agents = answering();
    const open: ((answer: RequestAnswer) => void)[] = [];
    const hold = (): Promise<RequestAnswer> => new Promise((resolve) => open.push(resolve));
    const session = agents.establish({}, { onReinvite: hold, onUpdate: hold });
    const go = async (answer: RequestAnswer = { status: 200, ...SDP_ANSWER }): Promise<void> => {
      open.shift()!(answer);
      await settle();
      agents.clock.advance(0);
    };
    return { ...agents, session, go };
  }

  it('MUST answer a re-INVITE 500 with Retry-After of 0 to 10 s while an earlier one waits', async () => {
    const agents = waiting();
    agents.within(agents.session, { seq: 2, ...OFFERING });
    agents.within(agents.session, { seq: 3, ...OFFERING });
    expect(agents.peer.statuses).toEqual([200, 500]);
    const seconds = Number(agents.peer.responses[1]!.headers.get('Retry-After'));
    expect(seconds).toBeGreaterThanOrEqual(0);
    expect(seconds).toBeLessThanOrEqual(10);
    await agents.go();
    expect(agents.peer.statuses).toEqual([200, 500, 200]);
    expect(agents.peer.responses[2]!.headers.get('CSeq')).toBe('2 INVITE');
  });

  it('MUST answer an UPDATE with an offer 500 while a re-INVITE waits, and one without at once', async () => {
    const agents = waiting();
    agents.within(agents.session, { seq: 2, ...OFFERING });
    agents.within(agents.session, { method: 'UPDATE', seq: 3, ...OFFERING });
    agents.within(agents.session, { method: 'UPDATE', seq: 4 });
    agents.within(agents.session, { method: 'UPDATE', seq: 5 });
    expect(agents.peer.statuses).toEqual([200, 500, 500]);
    await agents.go();
    await agents.go();
    expect(agents.peer.statuses.filter((status) => status === 200)).toHaveLength(3);
  });

  it('MUST answer 491 while an INVITE of its own waits', async () => {
    const agents = waiting();
    void agents.session.request('INVITE', { body: SDP, contentType: 'application/sdp' });
    agents.within(agents.session, { seq: 2, ...OFFERING });
    agents.within(agents.session, { method: 'UPDATE', seq: 3, ...OFFERING });
    expect(agents.peer.statuses).toEqual([200, 491, 491]);
    expect((await agents.session.request('INVITE', OFFERING_BODY)).status).toBe(491);
  });

  it('acknowledges the 2xx of its re-INVITE, and its copies, and tries again once after 491', async () => {
    const agents = waiting();
    const statuses = [491, 200];
    agents.peer.onRequest((request) => {
      if (request.method !== 'INVITE') return;
      const status = statuses.shift() ?? 500;
      agents.peer.send(responseText(request, status, ['Contact: <sip:alice@10.0.0.1:5060>']));
      if (status === 200) agents.peer.send(responseText(request, status, ['Contact: <sip:alice@10.0.0.1:5060>']));
    });
    const answered = agents.session.request('INVITE', OFFERING_BODY);
    agents.clock.advance(2100);
    expect((await answered).status).toBe(200);
    const own = agents.peer.requests.map((request) => request.headers.get('CSeq')!.split(' '));
    const last = own.at(-1)![0];
    expect(own.filter(([number]) => number === last).map(([, method]) => method)).toEqual(['INVITE', 'ACK', 'ACK']);
  });

  it('answers a re-INVITE that waits with 487 when a CANCEL or a BYE comes', async () => {
    const agents = waiting();
    agents.within(agents.session, { seq: 2, branch: 'z9hG4bK-r', ...OFFERING });
    agents.within(agents.session, { method: 'CANCEL', seq: 2, branch: 'z9hG4bK-r' });
    await agents.go();
    expect(agents.peer.statuses).toEqual([200, 200, 487]);
    agents.within(agents.session, { method: 'ACK', seq: 2, branch: 'z9hG4bK-r' });
    agents.within(agents.session, { seq: 3, ...OFFERING });
    agents.within(agents.session, { method: 'BYE', seq: 4 });
    await agents.go();
    expect(new Set(agents.peer.statuses.slice(3))).toEqual(new Set([200, 487]));
  });

  it('goes on with the session when a re-INVITE is refused', async () => {
    const agents = waiting();
    agents.within(agents.session, { seq: 2, contact: '<sip:elsewhere@10.0.0.9>', ...OFFERING });
    await agents.go({ status: 488 });
    expect(agents.peer.statuses).toEqual([200, 488]);
    expect(agents.session.ended).toBe(false);
    expect(agents.session.save().remoteTarget).toBe('sip:alice@10.0.0.1:5060');
  });

  const OFFERING_BODY = { body: SDP, contentType: 'application/sdp' };
});

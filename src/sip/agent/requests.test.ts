import { describe, expect, it } from 'vitest';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import { silentLog } from '../../base/log.ts';
import { requestText } from '../raw-peer.fixture.ts';
import { answerChallenge } from '../digest-client.ts';
import { answering, SDP, SDP_ANSWER } from './agents.fixture.ts';
import type { Health } from './api.ts';

const first = (agents: ReturnType<typeof answering>) => agents.peer.responses[0]!;

describe('what an agent refuses (RFC 3261 §8.2)', () => {
  it.each([
    ['405 with Allow: a method that it knows and does not take', { method: 'REGISTER' }, 405, 'Allow', /INVITE/],
    ['501: a method that nobody knows', { method: 'DANCE' }, 501, 'Allow', /INVITE/],
    ['416: a URI that is not SIP', { uri: 'http://10.0.0.2/' }, 416, null, null],
    ['420 with Unsupported', { headers: ['Require: timer, 100rel, x'] }, 420, 'Unsupported', /^100rel, x$/],
    [
      '415 with Accept: a body it cannot read',
      { headers: ['Content-Type: text/plain'], body: 'x' },
      415,
      'Accept',
      /sdp/,
    ],
    [
      '415: a coded body',
      { headers: ['Content-Type: application/sdp', 'Content-Encoding: gzip'], body: 'x' },
      415,
      'Accept-Encoding',
      /identity/,
    ],
    ['483: no hop left', { headers: ['Max-Forwards: 0'] }, 483, null, null],
    ['481: a BYE of no dialog', { method: 'BYE', to: '<sip:rec@10.0.0.2>;tag=none' }, 481, null, null],
    ['481: an INFO without a dialog', { method: 'INFO' }, 481, null, null],
    ['481: a re-INVITE of no dialog', { to: '<sip:rec@10.0.0.2>;tag=none' }, 481, null, null],
    ['400: an INVITE without Contact', { contact: null }, 400, null, null],
    [
      '422 with Min-SE: too short a session',
      { headers: ['Supported: timer', 'Session-Expires: 60'] },
      422,
      'Min-SE',
      /^90$/,
    ],
  ])('%s', (_name, parts, status, header, value) => {
    const agents = answering();
    agents.send(parts);
    expect(agents.peer.statuses).toEqual([status]);
    if (header !== null) expect(first(agents).headers.all(header).join(', ')).toMatch(value);
    expect(first(agents).headers.get('To')).toMatch(/tag=/);
    expect(agents.invites).toEqual([]);
    agents.send({ method: 'ACK', to: first(agents).headers.get('To')! });
    agents.clock.advance(40_000);
    expect(agents.clock.waiting).toBe(0);
  });

  it('505: another version of SIP', () => {
    const agents = answering();
    agents.peer.send(requestText().replace('SIP/2.0\r\nVia', 'SIP/7.0\r\nVia'));
    agents.clock.advance(0);
    expect(agents.peer.statuses).toEqual([505]);
  });

  it('takes extensions and body types that its user names', () => {
    const agents = answering({ extensions: ['siprec'], accept: ['application/sdp', 'multipart/*'] });
    agents.send({ headers: ['Require: siprec', 'Content-Type: multipart/mixed;boundary=x'], body: '--x--' });
    expect(agents.invites).toHaveLength(1);
  });

  it('403 and one line in the log a minute for a sender that no trunk names', () => {
    const lines: object[] = [];
    const agents = answering({ trunk: () => undefined, log: { ...silentLog, warn: (fields) => lines.push(fields) } });
    for (let n = 1; n <= 3; n++) agents.send({ method: 'OPTIONS', seq: n, branch: `z9hG4bK-${n}` });
    expect(agents.peer.statuses).toEqual([403, 403, 403]);
    expect(lines).toEqual([{ address: '10.0.0.1', protocol: 'udp', method: 'OPTIONS' }]);
    expect(agents.agent.stats().refused).toEqual({ '403 no trunk': 3 });
    // A stranger costs no state: a flood of them must not fill the table.
    expect([agents.agent.stats().transactions, agents.clock.waiting]).toEqual([0, 0]);
  });
});

describe('OPTIONS and health (RFC 3261 §11)', () => {
  it('answers 200 with what it can do', () => {
    const agents = answering({ extensions: ['siprec'] });
    agents.send({ method: 'OPTIONS', headers: ['Max-Forwards: 0'] });
    expect(agents.peer.statuses).toEqual([200]);
    expect(first(agents).headers.all('Allow')).toEqual(['INVITE', 'ACK', 'CANCEL', 'BYE', 'OPTIONS', 'UPDATE', 'INFO']);
    expect(first(agents).headers.all('Supported')).toEqual(['timer', 'siprec']);
    expect(first(agents).headers.get('Accept')).toBe('application/sdp');
  });

  it('answers OPTIONS and new INVITEs 503 with Retry-After while it is unfit, and goes on with running calls', () => {
    let health: Health = { ok: true };
    const agents = answering({ health: () => health });
    const session = agents.establish();
    health = { ok: false, reason: 'draining', retryAfterSeconds: 30 };
    agents.send({ method: 'OPTIONS', branch: 'z9hG4bK-o', callId: 'o' });
    agents.send({ branch: 'z9hG4bK-i', callId: 'i' });
    agents.within(session, { method: 'BYE', seq: 2 });
    expect(agents.peer.statuses).toEqual([200, 503, 503, 200]);
    expect(agents.peer.responses[1]!.headers.get('Retry-After')).toBe('30');
    expect(agents.agent.stats().refused).toEqual({ '503 draining': 2 });
  });
});

describe('digest (RFC 3261 §22.1)', () => {
  const trunk = { ...DEFAULT_TRUNK, digest: { username: 'bob', password: 'secret' } };
  const answerTo = (agents: ReturnType<typeof answering>, password: string, index = 0): string =>
    answerChallenge(
      agents.peer.responses[index]!.headers.all('WWW-Authenticate'),
      { username: 'bob', password },
      {
        method: 'INVITE',
        uri: 'sip:rec@10.0.0.2',
        cnonce: '0011223344556677',
      },
    )!;

  it('MUST challenge with 401 and let the right answer in', () => {
    const agents = answering({ trunk: () => trunk });
    agents.send();
    expect(agents.peer.statuses).toEqual([401]);
    agents.send({ method: 'ACK', to: first(agents).headers.get('To')! });
    agents.send({ seq: 2, branch: 'z9hG4bK-2', headers: [`Authorization: ${answerTo(agents, 'secret')}`] });
    expect(agents.invites).toHaveLength(1);
  });

  it('refuses a wrong password again', () => {
    const agents = answering({ trunk: () => trunk });
    agents.send();
    agents.send({ seq: 2, branch: 'z9hG4bK-2', headers: [`Authorization: ${answerTo(agents, 'guess')}`] });
    expect(agents.peer.statuses).toEqual([401, 401]);
    expect(agents.invites).toEqual([]);
  });
});

describe('an INVITE that waits for its answer', () => {
  it('is told of a CANCEL once, and answers 487', () => {
    const agents = answering();
    agents.send();
    let cancelled = 0;
    agents.invites[0]!.onCancel = () => cancelled++;
    agents.send({ method: 'CANCEL' });
    agents.send({ method: 'ACK', to: agents.peer.responses.at(-1)!.headers.get('To')! });
    expect(agents.peer.statuses).toEqual([200, 487]);
    expect([cancelled, agents.invites[0]!.pending]).toEqual([1, false]);
    expect(agents.invites[0]!.prepare(SDP_ANSWER).send()).toBe(false);
    agents.clock.advance(40_000);
    expect(agents.clock.waiting).toBe(0);
  });

  it('cancelled between prepare and send makes no session', () => {
    const agents = answering();
    agents.send({ headers: ['Session-Expires: 1800', 'Supported: timer'] });
    const prepared = agents.invites[0]!.prepare(SDP_ANSWER);
    agents.send({ method: 'CANCEL' });
    expect(prepared.send()).toBe(false);
    expect(prepared.session.ended).toBe(true);
    agents.send({ method: 'ACK', to: agents.peer.responses.at(-1)!.headers.get('To')! });
    agents.clock.advance(40_000);
    expect([agents.clock.waiting, agents.agent.stats().dialogs]).toEqual([0, 0]);
  });

  it('refused after it was prepared leaves no timer of the session behind', () => {
    const agents = answering();
    agents.send({ headers: ['Session-Expires: 1800', 'Supported: timer'] });
    const prepared = agents.invites[0]!.prepare(SDP_ANSWER);
    agents.invites[0]!.reject(503, { headers: { 'Retry-After': '10' } });
    expect(prepared.send()).toBe(false);
    agents.clock.advance(0);
    expect(agents.peer.responses[0]!.headers.get('Retry-After')).toBe('10');
    agents.send({ method: 'ACK', to: agents.peer.responses[0]!.headers.get('To')! });
    agents.clock.advance(5000);
    expect(agents.clock.waiting).toBe(0);
  });

  it('rings with the tag that its dialog will have, takes a BYE there as giving up, and no UPDATE', () => {
    const agents = answering();
    agents.send();
    agents.invites[0]!.ring();
    agents.clock.advance(0);
    const to = first(agents).headers.get('To')!;
    agents.send({
      method: 'UPDATE',
      branch: 'z9hG4bK-u',
      seq: 2,
      to,
      headers: ['Content-Type: application/sdp'],
      body: SDP,
    });
    agents.send({ method: 'BYE', branch: 'z9hG4bK-b', seq: 3, to });
    expect(agents.peer.statuses).toEqual([180, 500, 200, 487]);
    expect(agents.peer.responses[1]!.headers.has('Retry-After')).toBe(true);
    expect(agents.invites[0]!.pending).toBe(false);
  });

  it('is refused 480 when nobody answers it in three minutes', () => {
    const agents = answering();
    agents.send();
    agents.clock.advance(180_000);
    expect(agents.peer.statuses).toEqual([100, 480]);
    agents.clock.advance(60_000);
    expect(agents.clock.waiting).toBe(0);
  });

  it('answers a user who throws with 500', () => {
    const agents = answering();
    agents.agent.onInvite = () => {
      throw new Error('defect');
    };
    agents.send();
    expect(agents.peer.statuses).toEqual([500]);
  });
});

describe('responses go back (RFC 3261 §18.2, RFC 3581)', () => {
  it('MUST add received and rport when rport is asked for', () => {
    const agents = answering();
    agents.send({ method: 'OPTIONS', via: 'SIP/2.0/UDP client.invalid:9999;rport;branch=z9hG4bK-1' });
    expect(first(agents).headers.get('Via')).toMatch(/client\.invalid:9999.*;rport=5060/);
    expect(first(agents).headers.get('Via')).toContain('received=10.0.0.1');
  });

  it('MUST send to the port of sent-by at the source address without rport', () => {
    const agents = answering();
    agents.send({ method: 'OPTIONS', via: 'SIP/2.0/UDP client.invalid:7777;branch=z9hG4bK-1' });
    expect(agents.peer.statuses).toEqual([]);
    expect(agents.network.sent.at(-1)!.to).toBe('10.0.0.1:7777');
  });
});

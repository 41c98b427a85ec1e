import { describe, expect, it } from 'vitest';
import { VirtualClock } from '../../base/clock.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import { MemoryNetwork } from '../transport/memory.ts';
import { UserAgent } from './agent.ts';
import type { AgentOptions, IncomingInvite, InviteOutcome, Session } from './api.ts';

const OFFER = 'v=0\r\no=- 1 1 IN IP4 10.0.0.1\r\ns=-\r\nt=0 0\r\n';

function pair(options: Partial<AgentOptions> = {}) {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  const make = (address: string, more: Partial<AgentOptions> = {}): UserAgent => {
    const agent = new UserAgent({ clock, product: 'test', trunk: () => DEFAULT_TRUNK, ...more });
    agent.listen(network.transport(address, 5060));
    return agent;
  };
  const caller = make('10.0.0.1');
  const callee = make('10.0.0.2', options);
  return { clock, network, caller, callee };
}

const call = {
  target: 'sip:rec@10.0.0.2',
  protocol: 'udp',
  from: '<sip:alice@10.0.0.1>',
  body: OFFER,
  contentType: 'application/sdp',
} as const;

describe('a call between two agents', () => {
  it('is set up, answered, acknowledged and hung up, and leaves nothing behind', async () => {
    const { clock, network, caller, callee } = pair();
    const seen: string[] = [];
    callee.onInvite = (invite: IncomingInvite) => {
      const prepared = invite.prepare({
        body: OFFER,
        contentType: 'application/sdp',
        contactParams: { '+sip.srs': null },
      });
      prepared.session.handlers = {
        onAck: () => seen.push('ack'),
        onBye: () => seen.push('bye'),
      };
      expect(prepared.send()).toBe(true);
    };
    const outcome = caller.invite(call);
    clock.advance(0);
    clock.advance(10);
    const { session, response } = (await outcome) as InviteOutcome & { session: Session };
    expect(response.status).toBe(200);
    expect(response.headers.get('Contact')).toBe('<sip:earshot@10.0.0.2:5060>;+sip.srs');
    expect(seen).toEqual(['ack']);
    const gone = session.bye();
    clock.advance(10);
    await gone;
    expect(seen).toEqual(['ack', 'bye']);
    clock.advance(40_000);
    expect(clock.waiting).toBe(0);
    expect(caller.stats().transactions + callee.stats().transactions + caller.stats().dialogs).toBe(0);
    expect(network.sent.map(({ text }) => text.split(' ').slice(0, 2).join(' '))).toEqual([
      'INVITE sip:rec@10.0.0.2',
      'SIP/2.0 200',
      'ACK sip:earshot@10.0.0.2:5060',
      'BYE sip:earshot@10.0.0.2:5060',
      'SIP/2.0 200',
    ]);
  });
});

import { VirtualClock } from '../../base/clock.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import { RawPeer, requestText, type RequestParts } from '../raw-peer.fixture.ts';
import { MemoryNetwork } from '../transport/memory.ts';
import type { Protocol } from '../transport/types.ts';
import { UserAgent } from './agent.ts';
import type { AgentOptions, Answer, IncomingInvite, Session, SessionHandlers } from './api.ts';

export const SDP = 'v=0\r\no=- 1 1 IN IP4 10.0.0.2\r\ns=-\r\nt=0 0\r\n';
export const SDP_ANSWER: Answer = { body: SDP, contentType: 'application/sdp' };

/** An agent at 10.0.0.2, asked by a raw peer at 10.0.0.1. */
export function answering(options: Partial<AgentOptions> = {}, protocol: Protocol = 'udp') {
  const clock = new VirtualClock();
  const network = new MemoryNetwork(clock);
  const peer = new RawPeer(clock, network, '10.0.0.1', '10.0.0.2', protocol);
  const agent = new UserAgent({ clock, product: 'test', trunk: () => DEFAULT_TRUNK, ...options });
  agent.listen(network.transport('10.0.0.2', 5060, protocol));
  const invites: IncomingInvite[] = [];
  agent.onInvite = (invite) => invites.push(invite);
  const send = (parts: RequestParts = {}): void => {
    peer.send(requestText(parts));
    clock.advance(0);
  };
  /** An INVITE, its 200 and its ACK. */
  const establish = (
    parts: RequestParts = {},
    handlers: SessionHandlers = {},
    answer: Answer = SDP_ANSWER,
  ): Session => {
    send({ body: SDP, ...parts, headers: ['Content-Type: application/sdp', ...(parts.headers ?? [])] });
    const prepared = invites.at(-1)!.prepare(answer);
    prepared.session.handlers = handlers;
    prepared.send();
    clock.advance(0);
    within(prepared.session, { method: 'ACK', seq: parts.seq ?? 1 });
    return prepared.session;
  };
  let branch = 0;
  /** A request of the peer within a session. */
  const within = (session: Session, parts: RequestParts): void =>
    send({ branch: `z9hG4bK-in-${branch++}`, to: `<sip:rec@10.0.0.2>;tag=${session.localTag}`, ...parts });
  return { clock, network, peer, agent, invites, send, establish, within };
}

export function agentAt(
  clock: VirtualClock,
  network: MemoryNetwork,
  address: string,
  options: Partial<AgentOptions> = {},
) {
  const agent = new UserAgent({ clock, product: 'test', trunk: () => DEFAULT_TRUNK, ...options });
  agent.listen(network.transport(address, 5060));
  return agent;
}

/** Lets promises settle between two steps of a virtual clock. */
export async function settle(): Promise<void> {
  for (let round = 0; round < 10; round++) await Promise.resolve();
}

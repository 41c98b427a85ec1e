import { afterEach, describe, expect, it } from 'vitest';
import { systemClock } from '../../base/clock.ts';
import { silentLog } from '../../base/log.ts';
import { DEFAULT_TRUNK } from '../../base/trunks.ts';
import { openTcp } from '../transport/tcp.ts';
import { openUdp } from '../transport/udp.ts';
import { UserAgent } from './agent.ts';
import { SDP_ANSWER } from './agents.fixture.ts';
import type { Session } from './api.ts';

const clock = systemClock();
const agents: UserAgent[] = [];

afterEach(async () => {
  for (const agent of agents.splice(0)) await agent.close();
});

function agent(product: string): UserAgent {
  const made = new UserAgent({ clock, product, trunk: () => DEFAULT_TRUNK });
  agents.push(made);
  return made;
}

describe('an agent on real sockets', () => {
  it('sends its BYE over the connection of a caller that listens nowhere', async () => {
    const server = await openTcp({ host: '127.0.0.1', port: 0, clock, log: silentLog });
    const callee = agent('callee');
    callee.listen(server);
    let session: Session | undefined;
    const acknowledged = new Promise<void>((resolve) => {
      callee.onInvite = (invite) => {
        const prepared = invite.prepare(SDP_ANSWER);
        prepared.session.handlers = { onAck: () => resolve() };
        session = prepared.session;
        prepared.send();
      };
    });
    const caller = agent('caller');
    caller.listen(await openTcp({ host: '127.0.0.1', clock, log: silentLog }));
    const ended = Promise.withResolvers<void>();
    const { response } = await caller.invite({
      target: `sip:rec@127.0.0.1:${server.port};transport=tcp`,
      protocol: 'tcp',
      from: '<sip:alice@example.com>',
      ...SDP_ANSWER,
      body: 'v=0',
      contentType: 'application/sdp',
      handlers: { onBye: () => ended.resolve() },
    });
    expect(response.status).toBe(200);
    await acknowledged;
    await session!.bye();
    await ended.promise;
    expect(server.connections).toBe(1);
  });

  it('names its own address in Contact, and the advertised one when there is one', async () => {
    for (const advertise of [undefined, '203.0.113.9']) {
      const callee = new UserAgent({
        clock,
        product: 'x',
        trunk: () => DEFAULT_TRUNK,
        ...(advertise !== undefined && { advertise }),
      });
      agents.push(callee);
      const server = await openUdp({ host: '0.0.0.0', port: 0, log: silentLog });
      callee.listen(server);
      callee.onInvite = (invite) => {
        expect(invite.source.localAddress).toBe('127.0.0.1');
        invite.accept(SDP_ANSWER);
      };
      const caller = agent('caller');
      caller.listen(await openUdp({ host: '127.0.0.1', port: 0, log: silentLog }));
      const { response } = await caller.invite({
        target: `sip:rec@127.0.0.1:${server.port}`,
        protocol: 'udp',
        from: '<sip:a@example.com>',
      });
      expect(response.headers.get('Contact')).toBe(`<sip:earshot@${advertise ?? '127.0.0.1'}:${server.port}>`);
    }
  });
});

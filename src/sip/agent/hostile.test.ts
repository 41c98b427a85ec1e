import { describe, expect, it } from 'vitest';
import { silentLog } from '../../base/log.ts';
import { requestText, responseText } from '../raw-peer.fixture.ts';
import type { Session } from './api.ts';
import { answering, SDP_ANSWER, settle } from './agents.fixture.ts';

/** Numbers that look random and are the same in every run. */
function dice(seed: number): (limit: number) => number {
  let state = seed;
  return (limit) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state % limit;
  };
}

describe('whatever a peer sends', () => {
  it('neither throws, nor is logged as a defect, nor leaves a timer, nor ends a session of somebody else', async () => {
    const defects: object[] = [];
    const agents = answering({ log: { ...silentLog, error: (fields, message) => defects.push({ fields, message }) } });
    const roll = dice(20_261_120);
    const precious = agents.establish({ callId: 'precious', branch: 'z9hG4bK-precious' });
    agents.within(precious, { method: 'ACK', callId: 'precious' });
    const targets: Session[] = [];
    agents.agent.onInvite = (invite) => (roll(3) === 0 ? invite.ring() : targets.push(invite.accept(SDP_ANSWER)));
    const methods = ['INVITE', 'INVITE', 'ACK', 'BYE', 'CANCEL', 'UPDATE', 'INFO', 'OPTIONS', 'REFER', 'PRACK', 'X'];
    for (let round = 0; round < 4000; round++) {
      const method = methods[roll(methods.length)]!;
      const target = roll(2) === 0 ? targets.at(-1 - roll(4)) : undefined;
      const parts = {
        method,
        seq: 1 + roll(round + 1),
        branch: `z9hG4bK${round - roll(4)}`,
        headers: ['Refer-To: <sip:b@example.com>'],
        callId: target?.callId ?? `c${(round >> 3) + roll(2)}`,
        from: `<sip:a@10.0.0.1>;tag=${target?.remoteTag ?? roll(9)}`,
        to: `<sip:rec@10.0.0.2>${target === undefined ? '' : `;tag=${target.localTag}`}`,
      };
      const bytes = Buffer.from(requestText(parts));
      for (let change = Math.max(0, roll(8) - 4); change > 0; change--) bytes[roll(bytes.length)] = roll(256);
      const own = agents.peer.requests.at(-1);
      const answers = own !== undefined && roll(5) === 0;
      if (answers) agents.peer.send(responseText(own, 100 + roll(600)));
      else agents.peer.send(bytes.subarray(0, roll(20) === 0 ? roll(bytes.length) : bytes.length));
      agents.clock.advance(roll(300));
      if (round % 100 === 0) await settle();
    }
    expect(defects).toEqual([]);
    expect(precious.ended).toBe(false);
    // The dice reach what they are meant to reach.
    expect([...new Set(agents.peer.statuses)]).toEqual(
      expect.arrayContaining([200, 400, 405, 480, 481, 488, 500, 501, 603]),
    );
    await agents.agent.close();
    agents.clock.advance(1000);
    expect(agents.clock.waiting).toBe(0);
  });
});

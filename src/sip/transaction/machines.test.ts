import { describe, expect, it } from 'vitest';
import { IllegalTransition } from '../table.ts';
import { inviteClient } from './invite-client.ts';
import { inviteServer } from './invite-server.ts';
import type { Machine } from './machine.ts';
import { requestClient } from './request-client.ts';
import { requestServer } from './request-server.ts';

/** What a peer or the network can make happen at any time, so that it must not be illegal in any state. */
const FOREIGN: readonly (readonly [Machine<string, string>, readonly string[], readonly string[]])[] = [
  [inviteClient, ['1xx', '2xx', 'refusal', 'error'], ['calling', 'proceeding', 'accepted', 'completed']],
  [requestClient, ['1xx', 'final'], ['trying', 'proceeding', 'completed']],
  [inviteServer, ['request', 'error'], ['proceeding', 'accepted', 'completed', 'confirmed']],
  [requestServer, ['request', 'error'], ['trying', 'proceeding', 'completed']],
] as unknown as (readonly [Machine<string, string>, readonly string[], readonly string[]])[];

describe.each(FOREIGN.map(([machine, events, states]) => ({ machine, events, states })))(
  'the table of the $machine.name',
  ({ machine, events, states }) => {
    it('takes whatever a peer or the network does, in every state', () => {
      for (const state of states) {
        for (const event of events)
          expect({ state, event, taken: machine.allows(state, event) }).toEqual({ state, event, taken: true });
      }
    });

    it('throws on an event that cannot happen', () => {
      for (const event of events) expect(() => machine.transition('terminated', event)).toThrow(IllegalTransition);
      expect(() => machine.transition(machine.initial, 'nothing')).toThrow(machine.name);
    });

    it('stops each timer it started, or lets it run out, before it can no longer fire', () => {
      const running = new Map<string, Set<string>>([[machine.initial, started(machine.begin, new Set())]]);
      const queue = [machine.initial];
      const all = [...events, 'ack', '1xx', '2xx', 'refusal', 'final', ...'A B D E F G H I J K L M Try'.split(' ')];
      while (queue.length > 0) {
        const state = queue.shift()!;
        const timers = running.get(state)!;
        const stuck = [...timers].filter((timer) => !machine.allows(state, timer));
        if (state !== 'terminated') expect({ state, stuck }).toEqual({ state, stuck: [] });
        for (const event of all.filter((one) => state !== 'terminated' && machine.allows(state, one))) {
          const step = machine.transition(state, event);
          const left = started(step.actions, new Set([...timers].filter((timer) => timer !== event)));
          const known = running.get(step.next) ?? new Set();
          const size = known.size;
          for (const timer of left) known.add(timer);
          if (!running.has(step.next) || known.size > size) queue.push(step.next);
          running.set(step.next, known);
        }
      }
      expect(running.has('terminated')).toBe(true);
    });
  },
);

function started(actions: readonly string[], timers: Set<string>): Set<string> {
  for (const action of actions) {
    const [verb, timer] = action.split(' ');
    if (verb === 'start') timers.add(timer!);
    if (verb === 'stop') timers.delete(timer!);
  }
  return timers;
}

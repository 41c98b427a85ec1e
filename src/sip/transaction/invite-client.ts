import { lookUp, to, type Machine, type Step, type Table } from './machine.ts';

export type InviteClientState = 'calling' | 'proceeding' | 'accepted' | 'completed' | 'terminated';
export type InviteClientEvent = '1xx' | '2xx' | 'refusal' | 'error' | 'A' | 'B' | 'D' | 'M';

const NAME = 'INVITE client transaction';

/*
 * RFC 3261 §17.1.1 as amended by RFC 6026 §7.2.
 *
 *                        send INVITE, start A, B
 *                               |
 *                        +------v------+
 *   A: resend, start A   |   calling   |  B: timeout, error: lost -> terminated
 *                        +-+----+----+-+
 *                     1xx  |    |    |
 *              +-----------v+   |    |
 *   1xx:       | proceeding |   |    |
 *   deliver    +--+------+--+   |    |
 *         300-699 |      | 2xx  |    |
 *            +----+------+------+    |
 *  300-699:  |           |           | 2xx: deliver, start M
 *  deliver,  |           +-----------+
 *  ACK,      |                       |
 *  start D   |                       |
 *      +-----v-----+          +------v-----+
 *      | completed |          |  accepted  |  2xx: deliver (the user acknowledges it again)
 *      +-----+-----+          +------+-----+
 *  300-699:  | D, error: lost        | M
 *  ACK       |                       |
 *      +-----v-----------------------v-----+
 *      |            terminated             |
 *      +-----------------------------------+
 */
const TABLE: Table<InviteClientState, InviteClientEvent> = {
  calling: {
    A: to('calling', 'resend', 'start A'),
    B: to('terminated', 'timeout'),
    error: to('terminated', 'lost'),
    '1xx': to('proceeding', 'stop A', 'stop B', 'deliver'),
    '2xx': to('accepted', 'stop A', 'stop B', 'start M', 'deliver'),
    refusal: to('completed', 'stop A', 'stop B', 'start D', 'ack', 'deliver'),
  },
  proceeding: {
    '1xx': to('proceeding', 'deliver'),
    '2xx': to('accepted', 'start M', 'deliver'),
    refusal: to('completed', 'start D', 'ack', 'deliver'),
    error: to('proceeding'),
  },
  accepted: {
    '1xx': to('accepted'),
    '2xx': to('accepted', 'deliver'),
    refusal: to('accepted'),
    error: to('accepted'),
    M: to('terminated'),
  },
  completed: {
    '1xx': to('completed'),
    '2xx': to('completed'),
    refusal: to('completed', 'ack'),
    error: to('terminated', 'lost'),
    D: to('terminated'),
  },
  terminated: {},
};

export const inviteClient: Machine<InviteClientState, InviteClientEvent> = {
  name: NAME,
  initial: 'calling',
  begin: ['start A', 'start B', 'send'],
  transition: (state, event): Step<InviteClientState> => lookUp(NAME, TABLE, state, event),
  allows: (state, event) => TABLE[state][event] !== undefined,
  responseEvent: (status) => (status < 200 ? '1xx' : status < 300 ? '2xx' : 'refusal'),
};

import { lookUp, to, type Machine, type Step, type Table } from './machine.ts';

export type RequestServerState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type RequestServerEvent = 'request' | '1xx' | 'final' | 'error' | 'J';

const NAME = 'non-INVITE server transaction';

/*
 * RFC 3261 §17.2.2.
 *
 *                     -> request: deliver
 *                            |
 *                       +----v----+
 *                       | trying  |  -> request: absorbed
 *                       +-+-----+-+
 *              <- 1xx: send |     |
 *                  +--------v-+   | <- 200-699: send, start J
 *   -> request:    |proceeding|   |
 *   resend         +--+----+--+   |
 *         error: lost |    |      |
 *                     |   +v------v-+
 *                     |   |completed|  -> request: resend
 *                     |   +----+----+
 *                     |        | J, error: lost
 *                  +--v--------v--+
 *                  |  terminated  |
 *                  +--------------+
 */
const TABLE: Table<RequestServerState, RequestServerEvent> = {
  trying: {
    request: to('trying'),
    '1xx': to('proceeding', 'send'),
    final: to('completed', 'send', 'start J'),
    error: to('terminated', 'lost'),
  },
  proceeding: {
    request: to('proceeding', 'resend'),
    '1xx': to('proceeding', 'send'),
    final: to('completed', 'send', 'start J'),
    error: to('terminated', 'lost'),
  },
  completed: {
    request: to('completed', 'resend'),
    error: to('terminated', 'lost'),
    J: to('terminated'),
  },
  terminated: {},
};

export const requestServer: Machine<RequestServerState, RequestServerEvent> = {
  name: NAME,
  initial: 'trying',
  begin: ['deliver'],
  transition: (state, event): Step<RequestServerState> => lookUp(NAME, TABLE, state, event),
  allows: (state, event) => TABLE[state][event] !== undefined,
  responseEvent: (status) => (status < 200 ? '1xx' : 'final'),
};

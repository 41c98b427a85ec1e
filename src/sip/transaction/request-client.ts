import { lookUp, to, type Machine, type Step, type Table } from './machine.ts';

export type RequestClientState = 'trying' | 'proceeding' | 'completed' | 'terminated';
export type RequestClientEvent = '1xx' | 'final' | 'error' | 'E' | 'F' | 'K';

const NAME = 'non-INVITE client transaction';

/*
 * RFC 3261 §17.1.2.
 *
 *                      send request, start E, F
 *                            |
 *                       +----v----+
 *   E: resend, start E  | trying  |--------------+
 *                       +-+-----+-+              |
 *                    1xx  |     |                |
 *                  +------v---+ | 200-699:       | F: timeout
 *   E: resend,     |proceeding| | deliver,       | error: lost
 *   start E (T2)   +--+----+--+ | start K        |
 *   1xx: deliver      |    |    |                |
 *                     |   +v----v---+            |
 *                     |   |completed|            |
 *                     |   +----+----+            |
 *   F: timeout, error |        | K               |
 *                  +--v--------v-----------------v--+
 *                  |           terminated           |
 *                  +--------------------------------+
 */
const TABLE: Table<RequestClientState, RequestClientEvent> = {
  trying: {
    E: to('trying', 'resend', 'start E'),
    F: to('terminated', 'stop E', 'timeout'),
    error: to('terminated', 'lost'),
    '1xx': to('proceeding', 'deliver'),
    final: to('completed', 'stop E', 'stop F', 'start K', 'deliver'),
  },
  proceeding: {
    E: to('proceeding', 'resend', 'start E'),
    F: to('terminated', 'stop E', 'timeout'),
    error: to('terminated', 'lost'),
    '1xx': to('proceeding', 'deliver'),
    final: to('completed', 'stop E', 'stop F', 'start K', 'deliver'),
  },
  completed: {
    '1xx': to('completed'),
    final: to('completed'),
    error: to('completed'),
    K: to('terminated'),
  },
  terminated: {},
};

export const requestClient: Machine<RequestClientState, RequestClientEvent> = {
  name: NAME,
  initial: 'trying',
  begin: ['start E', 'start F', 'send'],
  transition: (state, event): Step<RequestClientState> => lookUp(NAME, TABLE, state, event),
  allows: (state, event) => TABLE[state][event] !== undefined,
  responseEvent: (status) => (status < 200 ? '1xx' : 'final'),
};

import { lookUp, to, type Machine, type Step, type Table } from './machine.ts';

export type InviteServerState = 'proceeding' | 'accepted' | 'completed' | 'confirmed' | 'terminated';
export type InviteServerEvent = 'request' | 'ack' | '1xx' | '2xx' | 'refusal' | 'error' | 'Try' | 'G' | 'H' | 'I' | 'L';

const NAME = 'INVITE server transaction';

/*
 * RFC 3261 §17.2.1 as amended by RFC 6026 §7.1. "->" is what arrives, "<-" what the user sends.
 *
 *                       -> INVITE: deliver, start Try
 *                                 |
 *   -> INVITE: resend     +-------v------+   <- 1xx: send
 *   Try: send a 100       |  proceeding  |
 *                         +--+--------+--+
 *      <- 300-699: send,     |        |     <- 2xx: send, start L
 *         start G, H         |        |
 *                  +---------v-+    +-v----------+  <- 2xx: send (the user retransmits it)
 *   -> INVITE,     | completed |    |  accepted  |  -> ACK: deliver
 *   G: resend      +--+-----+--+    +-----+------+  -> INVITE: absorbed
 *     -> ACK: start I |     |             |
 *               +-----v---+ | H: timeout  | L
 *  -> ACK,      |confirmed| |             |
 *  INVITE:      +-----+---+ |             |
 *  absorbed         I |     |             |
 *                  +--v-----v-------------v--+
 *                  |       terminated        |
 *                  +-------------------------+
 *
 * A transport error is told to the user and changes nothing (RFC 6026 §8.10): the retransmission may reach the peer.
 */
const TABLE: Table<InviteServerState, InviteServerEvent> = {
  proceeding: {
    request: to('proceeding', 'resend'),
    Try: to('proceeding', 'trying'),
    '1xx': to('proceeding', 'stop Try', 'send'),
    '2xx': to('accepted', 'stop Try', 'send', 'start L'),
    refusal: to('completed', 'stop Try', 'send', 'start G', 'start H'),
    error: to('proceeding', 'lost'),
  },
  accepted: {
    request: to('accepted'),
    ack: to('accepted', 'deliver'),
    '2xx': to('accepted', 'send'),
    error: to('accepted', 'lost'),
    L: to('terminated'),
  },
  completed: {
    request: to('completed', 'resend'),
    G: to('completed', 'resend', 'start G'),
    H: to('terminated', 'timeout'),
    ack: to('confirmed', 'stop G', 'stop H', 'start I'),
    error: to('completed', 'lost'),
  },
  confirmed: {
    request: to('confirmed'),
    ack: to('confirmed'),
    error: to('confirmed'),
    I: to('terminated'),
  },
  terminated: {},
};

export const inviteServer: Machine<InviteServerState, InviteServerEvent> = {
  name: NAME,
  initial: 'proceeding',
  begin: ['start Try', 'deliver'],
  transition: (state, event): Step<InviteServerState> => lookUp(NAME, TABLE, state, event),
  allows: (state, event) => TABLE[state][event] !== undefined,
  responseEvent: (status) => (status < 200 ? '1xx' : status < 300 ? '2xx' : 'refusal'),
};

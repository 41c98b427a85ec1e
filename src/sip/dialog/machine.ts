import { lookUp, to as row, type Table } from '../table.ts';

export type SessionState = 'prepared' | 'unconfirmed' | 'confirmed' | 'leaving' | 'ended';
export type SessionEvent = 'send' | 'withdrawn' | 'ack' | 'noAck' | 'hangUp' | 'peerBye' | 'expired' | 'gone';
/** `bye`: send one; the others tell the user why it is over. */
export type SessionAction = 'bye' | 'tellFailure' | 'tellExpired' | 'tellBye';

/*
 * A session from its prepared 2xx to its end (RFC 3261 §13.3.1.4, §15; RFC 4028 §10).
 *
 *              +----------+  withdrawn, hangUp, expired
 *              | prepared |---------------------------------+
 *              +----+-----+                                 |
 *              send |                                       |
 *              +----v--------+  hangUp   +---------+        |
 *              | unconfirmed |---------->| leaving |        |
 *              +----+------+-+           +----+----+        |
 *               ack |      | noAck: bye       | ack, noAck: |
 *              +----v------v-+                | bye         |
 *       ack    |  confirmed  |                |             |
 *              +------+------+                |             |
 *   hangUp, expired,  |                       |             |
 *   noAck: bye        |   peerBye, gone:      |             |
 *                +----v------------------------v------------v-+
 *                |                   ended                    |
 *                +--------------------------------------------+
 *
 * A callee may not send BYE before the ACK (§15): `leaving` waits for it. `noAck` in `confirmed` is that of a re-INVITE.
 */
const TABLE: Table<SessionState, SessionEvent, SessionAction> = {
  prepared: {
    send: row('unconfirmed'),
    withdrawn: row('ended'),
    hangUp: row('ended'),
    expired: row('ended'),
  },
  unconfirmed: {
    ack: row('confirmed'),
    noAck: row('ended', 'bye', 'tellFailure'),
    hangUp: row('leaving'),
    peerBye: row('ended', 'tellBye'),
    expired: row('ended', 'bye', 'tellExpired'),
    gone: row('ended', 'tellFailure'),
  },
  confirmed: {
    ack: row('confirmed'),
    noAck: row('ended', 'bye', 'tellFailure'),
    hangUp: row('ended', 'bye'),
    peerBye: row('ended', 'tellBye'),
    expired: row('ended', 'bye', 'tellExpired'),
    gone: row('ended', 'tellFailure'),
  },
  leaving: {
    ack: row('ended', 'bye'),
    noAck: row('ended', 'bye'),
    hangUp: row('leaving'),
    peerBye: row('ended'),
    expired: row('ended', 'bye'),
    gone: row('ended'),
  },
  ended: {
    ack: row('ended'),
    noAck: row('ended'),
    hangUp: row('ended'),
    withdrawn: row('ended'),
    peerBye: row('ended'),
    expired: row('ended'),
    gone: row('ended'),
  },
};

/** @throws IllegalTransition */
export function transition(
  state: SessionState,
  event: SessionEvent,
): { readonly next: SessionState; readonly actions: readonly SessionAction[] } {
  return lookUp('session', TABLE, state, event);
}

import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { SipRequest } from '../message.ts';
import type { ClientTransaction } from '../transaction/client.ts';
import type { ResponseDetail } from '../transaction/response.ts';
import type { ServerTransaction } from '../transaction/server.ts';
import type { TransactionTimers } from '../transaction/timers.ts';
import type { ClientUser } from '../transaction/transaction.ts';
import type { Protocol } from '../transport/types.ts';
import type { DialogSession } from './session.ts';
import type { TimerPolicy } from './session-timer.ts';

/** The way between us and a dialog's peer, as its last request came. */
export interface Path {
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  readonly localAddress: string;
  readonly localPort: number;
  readonly flow?: number | undefined;
}

/** What a session needs of the agent that holds it. */
export interface SessionHost {
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly timers: TransactionTimers;
  readonly timerPolicy: TimerPolicy;
  /** Value of our Contact for this path. */
  contact(path: Path, params: Readonly<Record<string, string | null>>): string;
  /** Allow, Supported, Accept …: what we can do, for 2xx and for requests that may carry them. */
  capabilities(of: 'request' | 'response'): Readonly<Record<string, string>>;
  respond(transaction: ServerTransaction, status: number, detail?: ResponseDetail): boolean;
  /** Sends a request of a dialog to `nextHop`. A hop that cannot be reached is told to `user` as a transport error. */
  send(
    request: SipRequest,
    nextHop: string,
    path: Path,
    user: ClientUser,
    started?: (transaction: ClientTransaction) => void,
  ): void;
  /** The CANCEL of an INVITE that has a provisional response. */
  cancel(invite: ClientTransaction, user: ClientUser): void;
  /** Sends the ACK of a 2xx, which is no transaction (RFC 3261 §13.2.2.4). */
  sendAck(ack: SipRequest, nextHop: string, path: Path): void;
  /** Sends bytes again to where they went before. */
  resend(response: Buffer, path: Path): void;
  ended(session: DialogSession): void;
}

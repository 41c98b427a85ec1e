import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { TrunkConfig } from '../../base/trunks.ts';
import type { Answer, Session, SessionHandlers } from '../dialog/api.ts';
import type { SipRequest, SipResponse } from '../message.ts';
import type { TransactionTimers } from '../transaction/timers.ts';
import type { Protocol, Source, Target } from '../transport/types.ts';
import type { OverloadLimits } from './overload.ts';
import type { Denial } from './trunks.ts';

export type { Answer, RequestAnswer, Session, SessionHandlers, SessionRequest } from '../dialog/api.ts';

export interface Refusal {
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** An INVITE that has passed all checks and waits for an answer. A 100 leaves by itself after 200 ms. */
export interface IncomingInvite {
  /** The id of the session that comes of it; see {@link Session.id}. */
  readonly id: string;
  readonly request: SipRequest;
  readonly source: Source;
  readonly trunk: TrunkConfig;
  /** False once it is answered, cancelled or lost. */
  readonly pending: boolean;
  /** Set by the user: the caller has given up, 487 has been sent. */
  onCancel: (() => void) | undefined;
  trying(): void;
  ring(headers?: Readonly<Record<string, string>>): void;
  /** Refuses with a 3xx–6xx. Without effect when it is no longer pending. */
  reject(status: number, refusal?: Refusal): void;
  /**
   * Forms the 200 and the session without sending anything, so that `session.save()` can be on disk before the 200 leaves.
   * Send it, or `reject()` instead.
   */
  prepare(answer: Answer): PreparedAnswer;
  /** `prepare` and `send` at once. */
  accept(answer: Answer): Session;
}

export interface PreparedAnswer {
  readonly session: Session;
  /** Sends the 200 and keeps sending it until its ACK. False: cancelled meanwhile; there is no session. */
  send(): boolean;
}

/** Whether we are fit for new calls; asked for each OPTIONS and each new INVITE. */
export type Health =
  { readonly ok: true } | { readonly ok: false; readonly reason: string; readonly retryAfterSeconds: number };

export interface TraceEntry {
  readonly direction: 'in' | 'out';
  readonly protocol: Protocol;
  readonly address: string;
  readonly port: number;
  /** As on the wire; mask it (`maskTrace`) before it is kept or shown. */
  readonly bytes: Buffer;
  /** Wall time, ms. */
  readonly at: number;
  readonly callId: string | undefined;
}

export interface AgentOptions {
  readonly clock: Clock;
  readonly random?: Random;
  readonly log?: Log;
  /** Server and User-Agent header. */
  readonly product: string;
  /** Whether `source` may send us requests, and under which terms; undefined = 403. Default: nobody may. */
  readonly trunk?: (source: Source) => TrunkConfig | undefined;
  /** Why no trunk takes `source`, where one has its address: for the 403 and the log. */
  readonly whyNoTrunk?: (source: Source) => Denial | undefined;
  /** Address for Via and Contact where it differs from the socket's. */
  readonly advertise?: string;
  /** User part of our Contact. */
  readonly user?: string;
  /** Option tags that `Require` may name, besides `timer`. */
  readonly extensions?: readonly string[];
  /** Types of bodies that INVITE and UPDATE may carry; anything else: 415. `type/*` allowed. */
  readonly accept?: readonly string[];
  readonly health?: () => Health;
  /** Whether there is room for one more call; asked for each new INVITE besides {@link health}. */
  readonly room?: () => Health;
  /** Default: none. */
  readonly overload?: OverloadLimits;
  /** `Min-SE` and the interval that we ask for ourselves, seconds (RFC 4028). */
  readonly minSessionSeconds?: number;
  readonly sessionSeconds?: number;
  readonly timers?: TransactionTimers;
  /** Most transactions at once; beyond it new requests are answered 503 without state. */
  readonly maxTransactions?: number;
  readonly onTrace?: (entry: TraceEntry) => void;
}

export interface OutgoingInvite {
  /** Request URI. */
  readonly target: string;
  /** Where it is sent; default: resolved from `target`. */
  readonly destination?: Target;
  readonly protocol: Protocol;
  readonly from: string;
  /** Default: `<target>`. */
  readonly to?: string;
  readonly callId?: string;
  readonly body?: string | Buffer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly contactParams?: Readonly<Record<string, string | null>>;
  readonly digest?: { readonly username: string; readonly password: string };
  /** Session timer to ask for, seconds; default none. */
  readonly sessionSeconds?: number;
  readonly handlers?: SessionHandlers;
  /** Aborting sends CANCEL once a provisional response is there. */
  readonly signal?: AbortSignal;
  readonly onProvisional?: (response: SipResponse) => void;
  /** An INVITE without a body: our answer to the offer in the 2xx, sent in the ACK. Called for each copy of the 2xx. */
  readonly answerOffer?: (response: SipResponse) => { readonly body: string | Buffer; readonly contentType: string };
}

export interface InviteOutcome {
  /** Undefined when it was refused. The ACK has been sent. */
  readonly session: Session | undefined;
  readonly response: SipResponse;
}

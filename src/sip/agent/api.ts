import type { Clock } from '../../base/clock.ts';
import type { Random } from '../../base/ids.ts';
import type { Log } from '../../base/log.ts';
import type { TrunkConfig } from '../../base/trunks.ts';
import type { DialogState } from '../dialog/state.ts';
import type { SipRequest, SipResponse } from '../message.ts';
import type { TransactionTimers } from '../transaction/timers.ts';
import type { Protocol, Source, Target } from '../transport/types.ts';

/** What an INVITE or UPDATE is answered with. Header names are as on the wire; `Contact` is the agent's own business. */
export interface Answer {
  readonly body?: string | Buffer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Feature parameters of our Contact (`{'+sip.srs': null}`); null = without a value. Kept for the dialog's later requests. */
  readonly contactParams?: Readonly<Record<string, string | null>>;
}

export interface Refusal {
  readonly reason?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** The answer to a request within a dialog. Below 300: accepted. */
export interface RequestAnswer extends Answer {
  readonly status: number;
  readonly reason?: string;
}

/** What happens in a session, told to whoever uses it. All may be left out; what is not handled is answered as the RFCs ask. */
export interface SessionHandlers {
  /** Re-INVITE. Without a handler: 488. A thrown error: 500; the session goes on. */
  onReinvite?(request: SipRequest): Promise<RequestAnswer>;
  /** UPDATE, also one without a body that only refreshes. Without a handler: 200. */
  onUpdate?(request: SipRequest): Promise<RequestAnswer>;
  /** INFO and MESSAGE (RFC 6086, 3428). Without a handler: 200 (RFC 2976 §2.2). */
  onInfo?(request: SipRequest): Promise<RequestAnswer>;
  /** The first ACK of each 2xx; its body is the answer to a late offer. */
  onAck?(request: SipRequest): void;
  /** The peer's BYE; it has been answered 200. The session is over. */
  onBye?(request: SipRequest): void;
  /** Nobody refreshed the session (RFC 4028); a BYE has been sent. The session is over. */
  onExpired?(): void;
  /** No ACK came, or the peer said that it does not know the dialog; where it helps, a BYE has been sent. The session is over. */
  onFailure?(reason: string): void;
  /** Something that must survive a restart has changed: call {@link Session.save} and keep the result. Not called for the opening. */
  onSaveNeeded?(): void;
}

export interface SessionRequest {
  readonly body?: string | Buffer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
}

/** One dialog of ours with a peer, from its 2xx on (RFC 3261 §12). */
export interface Session {
  /** Opaque and unique for ever, also across restarts. */
  readonly id: string;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  readonly ended: boolean;
  /** Set them before the prepared answer is sent; may be exchanged at any time. */
  handlers: SessionHandlers;
  /** Hangs up. Resolves when the peer has answered or will not; never rejects; idempotent. */
  bye(headers?: Readonly<Record<string, string>>): Promise<void>;
  /** A request of ours within the dialog (INFO, UPDATE, INVITE …). Resolves with its final response, made up as 408 or 503 (RFC 3261 §8.1.3.1) when none came. */
  request(method: string, options?: SessionRequest): Promise<SipResponse>;
  /** All that is needed to go on in another process, JSON-able. */
  save(): DialogState;
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
  /** Address for Via and Contact where it differs from the socket's. */
  readonly advertise?: string;
  /** User part of our Contact. */
  readonly user?: string;
  /** Option tags that `Require` may name, besides `timer`. */
  readonly extensions?: readonly string[];
  /** Types of bodies that INVITE and UPDATE may carry; anything else: 415. `type/*` allowed. */
  readonly accept?: readonly string[];
  readonly health?: () => Health;
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
}

export interface InviteOutcome {
  /** Undefined when it was refused. The ACK has been sent. */
  readonly session: Session | undefined;
  readonly response: SipResponse;
}

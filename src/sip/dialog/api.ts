import type { SipRequest, SipResponse } from '../message.ts';
import type { DialogState } from './state.ts';

/** What an INVITE or UPDATE is answered with. Header names are as on the wire; `Contact` is the agent's own business. */
export interface Answer {
  readonly body?: string | Buffer;
  readonly contentType?: string;
  readonly headers?: Readonly<Record<string, string>>;
  /** Feature parameters of our Contact (`{'+sip.srs': null}`); null = without a value. Kept for the dialog's later requests. */
  readonly contactParams?: Readonly<Record<string, string | null>>;
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

import type { Protocol } from '../transport/types.ts';

/** A dialog as it is written down to survive a restart. JSON-able; times are wall time in ms since 1970. */
export interface DialogState {
  readonly version: 1;
  /** The session's id. */
  readonly id: string;
  readonly callId: string;
  readonly localTag: string;
  readonly remoteTag: string;
  /** From and To header values without tags, ours and theirs. */
  readonly localUri: string;
  readonly remoteUri: string;
  /** Their Contact's URI: the request URI of our requests. */
  readonly remoteTarget: string;
  /** Route set, first hop first. */
  readonly routes: readonly string[];
  readonly localSeq: number;
  /** Null: they have not sent a request yet. */
  readonly remoteSeq: number | null;
  readonly contactParams: Readonly<Record<string, string | null>>;
  /** Methods of their Allow header; null = never told. */
  readonly peerAllows: readonly string[] | null;
  /** Our last session description, for a refresh by re-INVITE. */
  readonly localBody: { readonly contentType: string; readonly text: string } | null;
  readonly via: {
    readonly protocol: Protocol;
    /** Where their last request came from. */
    readonly address: string;
    readonly port: number;
    readonly localAddress: string;
    readonly localPort: number;
  };
  readonly timer: {
    readonly seconds: number;
    readonly refresher: 'us' | 'peer';
    readonly expiresAt: number;
  } | null;
  readonly invite: AnsweredInvite | null;
}

/** Their last INVITE that we accepted. */
export interface AnsweredInvite {
  readonly seq: number;
  /** Key of its server transaction (branch and sent-by). */
  readonly transaction: string;
  /** The 200 as sent, base64. */
  readonly response: string;
  readonly sentAt: number;
  readonly acked: boolean;
  /** Where the 200 goes. */
  readonly address: string;
  readonly port: number;
}

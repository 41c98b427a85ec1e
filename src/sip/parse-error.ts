import type { SipMessage, SipRequest } from './message.ts';

export interface SipParseDetail {
  /** Where: `start line`, `header 7`, a header's name, `body`. */
  readonly at: string;
  /** What could be read, null when not even the start line could. */
  readonly partial?: SipMessage | null;
  /** On a stream: the end of the message is unknown, so the connection must be closed after the answer. */
  readonly fatal?: boolean;
}

/** Input that is not a SIP message of RFC 3261. The only error that the grammar of this room throws. */
export class SipParseError extends Error {
  /** Status to answer with: 400, 505 (version), 513 (too large). */
  readonly status: number;
  /** Reason phrase for the answer: one line of printable ASCII that says what is wrong. */
  readonly reason: string;
  readonly at: string;
  readonly partial: SipMessage | null;
  readonly fatal: boolean;

  constructor(status: number, reason: string, detail: SipParseDetail) {
    super(`${reason} (${detail.at})`);
    this.name = 'SipParseError';
    this.status = status;
    this.reason = reason;
    this.at = detail.at;
    this.partial = detail.partial ?? null;
    this.fatal = detail.fatal ?? false;
  }

  /**
   * The request to answer with `status`, or null when an answer is not possible or not allowed: a response, an ACK, or one
   * without what an answer copies (Via, From, To, Call-ID, CSeq; RFC 3261 §8.2.6).
   */
  get answerable(): SipRequest | null {
    const partial = this.partial;
    if (partial?.kind !== 'request' || partial.method === 'ACK') return null;
    const copied = ['Via', 'From', 'To', 'Call-ID', 'CSeq'];
    return copied.every((name) => (partial.headers.get(name) ?? '') !== '') ? partial : null;
  }
}

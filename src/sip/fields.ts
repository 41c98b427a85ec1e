import type { Params } from './tokens.ts';

export interface CSeq {
  /** 0 to 2^32 - 1. */
  readonly number: number;
  readonly method: string;
}

/** @throws SipParseError 400 */
export function parseCSeq(text: string): CSeq {
  throw new Error(`to be filled in: ${text}`);
}

/** A value with parameters: Session-Expires, Content-Type, Content-Disposition, Reason, Event, Info-Package … */
export interface ValueParams {
  /** Text before the first `;`, trimmed. */
  readonly value: string;
  readonly params: Params;
}

/** Never throws. */
export function parseValueParams(text: string): ValueParams {
  throw new Error(`to be filled in: ${text}`);
}

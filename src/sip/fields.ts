import { SipParseError } from './parse-error.ts';
import { isToken, type Params, parseParams, splitOutside } from './tokens.ts';

export interface CSeq {
  /** 0 to 2^32 - 1. */
  readonly number: number;
  readonly method: string;
}

/** @throws SipParseError 400 (RFC 3261 §20.16; a number past 32 bits: RFC 4475 §3.1.2.4) */
export function parseCSeq(text: string): CSeq {
  const match = /^(\d{1,40})[ \t]+(\S+)$/.exec(text.trim());
  if (match === null || !isToken(match[2]!)) throw new SipParseError(400, 'Invalid CSeq', { at: 'CSeq' });
  const number = Number(match[1]);
  if (number > 0xffff_ffff) throw new SipParseError(400, 'CSeq number out of range', { at: 'CSeq' });
  return { number, method: match[2]! };
}

/** A value with parameters: Session-Expires, Content-Type, Content-Disposition, Reason, Event, Info-Package … */
export interface ValueParams {
  /** Text before the first `;`, trimmed. */
  readonly value: string;
  readonly params: Params;
}

/** Never throws. */
export function parseValueParams(text: string): ValueParams {
  const [value = '', ...rest] = splitOutside(text, ';');
  return { value, params: parseParams(rest.join(';')) };
}

/** Media type of a Content-Type, lower case and without parameters or white space; empty when there is none. Never throws. */
export function mediaType(contentType: string | undefined): string {
  return parseValueParams(contentType ?? '')
    .value.replaceAll(/\s+/g, '')
    .toLowerCase();
}

/**
 * Seconds of Expires, Min-SE, Session-Expires, Retry-After (RFC 3261 §20.19, §20.33: a comment or parameters may follow).
 * Values past 32 bits count as 2^32 - 1. Undefined when there is no number. Never throws.
 */
export function parseSeconds(text: string | undefined): number | undefined {
  const match = /^[ \t]*(\d+)[ \t]*(?:[;(]|$)/.exec(text ?? '');
  return match === null ? undefined : Math.min(Number(match[1]), 0xffff_ffff);
}

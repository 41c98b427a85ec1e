/**
 * A SIP message fit to be kept and shown: digest credentials, passwords in URIs, SRTP keys and digits that were pressed are replaced
 * by as many asterisks (so that Content-Length stays true). Works on anything, also on what is no SIP message; never throws.
 */
export function maskTrace(bytes: Uint8Array): Buffer {
  let text = Buffer.from(bytes).toString('latin1');
  for (const mask of MASKS) text = text.replaceAll(mask.pattern, mask.replace);
  return Buffer.from(maskDigitBodies(text), 'latin1');
}

interface Mask {
  readonly pattern: RegExp;
  readonly replace: (whole: string, kept: string, secret: string) => string;
}

const hide = (_whole: string, kept: string, secret: string): string => kept + stars(secret);

/** Each pattern: what stays, what is hidden. */
const MASKS: readonly Mask[] = [
  // Header with its folded lines.
  { pattern: /^((?:Proxy-)?Authorization[ \t]*:[ \t]*)([^\r\n]*(?:\r?\n[ \t]+[^\r\n]*)*)/gim, replace: hide },
  // sip:user:password@host. Lengths are bounded, or long nonsense would cost quadratic time.
  { pattern: /(sips?:[^\s@:;<>"]{1,256}:)([^\s@<>"]{1,512})(?=@)/gi, replace: hide },
  // SDES keys (RFC 4568 §6.1), MIKEY (RFC 4567), and the k= of old (RFC 4566 §5.12).
  { pattern: /(inline:)([^\s|;]+)/gi, replace: hide },
  { pattern: /^(a=key-mgmt:[ \t]*\S+[ \t]+)([^\r\n]+)/gim, replace: hide },
  { pattern: /^(k=)([^\r\n]+)/gim, replace: hide },
  // application/dtmf-relay, and Nortel's digits.
  { pattern: /^([ \t]*Signal[ \t]*=[ \t]*)([^\r\n]*)/gim, replace: hide },
  { pattern: /^([ \t]*d=)([\dA-D*#]+)(?=[ \t]*\r?$)/gim, replace: hide },
];

const DIGIT_TYPE =
  /^(?:Content-Type|c)[ \t]*:[ \t]*application\/(?:dtmf|vnd\.nortelnetworks\.digits)[ \t]*(?:;[^\r\n]*)?\r?$/im;

/** `application/dtmf`: the body is the digit itself. */
function maskDigitBodies(text: string): string {
  const type = DIGIT_TYPE.exec(text);
  if (type === null) return text;
  const blank = /\r?\n\r?\n/.exec(text.slice(type.index));
  if (blank === null) return text;
  const start = type.index + blank.index + blank[0].length;
  return text.slice(0, start) + text.slice(start).replaceAll(/[\dA-Da-d*#]/g, '*');
}

/** Line breaks of folded values stay. */
function stars(secret: string): string {
  return secret.replaceAll(/[^\r\n]/g, '*');
}

/**
 * A SIP message fit to be kept and shown: digest credentials, passwords in URIs, SRTP keys and digits that were pressed are replaced
 * by as many asterisks (so that Content-Length stays true). Works on anything, also on what is no SIP message; never throws.
 */
export function maskTrace(bytes: Buffer): Buffer {
  let text = bytes.toString('latin1');
  // Most messages have nothing of that.
  if (!SUSPECT.test(text) && !DIGIT_TYPE.test(text)) return bytes;
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
  // KPML (RFC 4730 §5.3).
  { pattern: /(<kpml-response\b[^>]{0,512}?\sdigits[ \t]*=[ \t]*["'])([^"'\r\n]{1,512})/gi, replace: hide },
];

/** What all that {@link MASKS} look for has in common with it, and little else has: one look instead of many. */
const SUSPECT =
  /authorization|sips?:[^\s@:;<>"]{1,256}:[^\s@<>"]{1,512}@|inline:|key-mgmt|^k=|signal|^[ \t]*d=|kpml-/im;

/** Bodies that tell which digit was pressed; Content-Type of the message or of a part of it. */
const DIGIT_TYPE =
  /^(?:Content-Type|c)[ \t]*:[ \t]*(?:application\/(?:x-)?(dtmf-relay|dtmf|vnd\.nortelnetworks\.digits)|audio\/(?:x-)?(telephone-event))[ \t]*(?:;[^\r\n]*)?\r?$/im;

/** From the first such type on, to the end: what stands behind one is not worth a mistake. */
function maskDigitBodies(text: string): string {
  const type = DIGIT_TYPE.exec(text);
  if (type === null) return text;
  const blank = /\r?\n\r?\n/.exec(text.slice(type.index));
  if (blank === null) return text;
  const start = type.index + blank.index + blank[0].length;
  const body = text.slice(start);
  // Four bytes of RFC 4733: also those that look like a line break are digits.
  const isBinary = type[2] !== undefined;
  const masked = isBinary ? '*'.repeat(body.length) : body.replaceAll(/^[^\r\n]+/gm, maskDigitLine);
  return text.slice(0, start) + masked;
}

/** Names of fields and how long it was pressed stay: `Signal=5`, `Duration=160`, `d=5`, or the digit itself. */
function maskDigitLine(line: string): string {
  if (/^[ \t]*duration[ \t]*[=:]/i.test(line)) return line;
  const name = /^[ \t]*[a-z-]{1,32}[ \t]*[=:][ \t]*/i.exec(line)?.[0] ?? '';
  return name + stars(line.slice(name.length));
}

/** Line breaks of folded values stay. */
function stars(secret: string): string {
  return secret.replaceAll(/[^\r\n]/g, '*');
}

import { mediaType, parseValueParams } from './fields.ts';
import { Headers } from './headers.ts';
import { EMPTY_BODY } from './message.ts';
import { isToken } from './tokens.ts';

/** One leaf of a multipart body, or the whole body when it is not multipart. */
export interface Part {
  readonly headers: Headers;
  /** Media type in lower case without parameters; empty when the part names none. */
  readonly contentType: string;
  /** Disposition type in lower case (`session`, `recording-session`); null when the part names none. */
  readonly disposition: string | null;
  /** The exact bytes. */
  readonly body: Buffer;
}

/** A recording session has two to four parts; this is where a bomb ends. */
const MAX_PARTS = 64;
const MAX_DEPTH = 4;
const MAX_PART_HEADERS = 32;
/** RFC 2046 allows 70 characters; more do no harm, without end they would. */
const MAX_BOUNDARY = 200;
const LF = 10;
const CR = 13;
const DASH = 45;

/**
 * The leaves of a body in their order (RFC 2046 §5.1, RFC 5621), nested multiparts taken apart. Tolerates what SIPREC clients
 * send: no closing boundary, LF line ends, no space or nothing behind a header's colon, preamble and epilogue, a boundary
 * parameter that is missing or does not occur. A body that is not multipart, or in which no boundary can be found, comes as
 * one part. Never throws; linear in the body's length.
 */
export function parseMultipart(contentType: string | undefined, body: Buffer): Part[] {
  const headers = Headers.from(contentType === undefined ? [] : [['Content-Type', contentType]]);
  const leaves: Part[] = [];
  collect(headers, body, 0, leaves);
  return leaves;
}

function collect(headers: Headers, body: Buffer, depth: number, leaves: Part[]): void {
  const contentType = headers.get('Content-Type');
  const cuts = mediaType(contentType).startsWith('multipart/') && depth < MAX_DEPTH ? cut(contentType!, body) : [];
  for (const bytes of cuts) {
    if (leaves.length >= MAX_PARTS) return;
    const part = readPart(bytes);
    collect(part.headers, part.body, depth + 1, leaves);
  }
  if (cuts.length === 0) leaves.push(leaf(headers, body));
}

function leaf(headers: Headers, body: Buffer): Part {
  const disposition = parseValueParams(headers.get('Content-Disposition') ?? '').value.toLowerCase();
  return {
    headers,
    contentType: mediaType(headers.get('Content-Type')),
    disposition: disposition === '' ? null : disposition,
    body,
  };
}

/** The bytes between the boundaries; by the boundary of the Content-Type, else by the first line that looks like one. */
function cut(contentType: string, body: Buffer): Buffer[] {
  const named = parseValueParams(contentType).params.get('boundary') ?? '';
  const usable = named !== '' && named.length <= MAX_BOUNDARY;
  const parts = usable ? cutAt(Buffer.from(`--${named}`, 'utf8'), body) : [];
  if (parts.length > 0) return parts;
  const guessed = guessDelimiter(body);
  return guessed === null ? [] : cutAt(guessed, body);
}

/** The first line of the body that begins with `--`, trailing blanks off. */
function guessDelimiter(body: Buffer): Buffer | null {
  for (let at = dashes(body, 0); at >= 0; at = dashes(body, at + 1)) {
    let end = at;
    while (end < body.length && body[end] !== LF && end - at <= MAX_BOUNDARY) end++;
    while (end > at && body[end - 1]! <= 32) end--;
    if (end - at > 2 && end - at <= MAX_BOUNDARY) return body.subarray(at, end);
  }
  return null;
}

/** Index of the next line, at or behind `from`, that begins with `--`; -1 for none. */
function dashes(body: Buffer, from: number): number {
  for (let at = from; at + 1 < body.length; at++) {
    if (body[at] === DASH && body[at + 1] === DASH && (at === 0 || body[at - 1] === LF)) return at;
  }
  return -1;
}

function cutAt(delimiter: Buffer, body: Buffer): Buffer[] {
  const parts: Buffer[] = [];
  let start = -1;
  for (let at = dashes(body, 0); at >= 0; at = dashes(body, at + 1)) {
    const line = startsWith(body, at, delimiter) ? delimiterLine(body, at, at + delimiter.length) : null;
    if (line === null) continue;
    if (start >= 0) parts.push(body.subarray(start, Math.max(start, line.before)));
    start = line.closing ? -1 : line.next;
    if (line.closing || parts.length >= MAX_PARTS) break;
  }
  if (start >= 0 && parts.length < MAX_PARTS) parts.push(body.subarray(start));
  return parts;
}

function startsWith(body: Buffer, at: number, delimiter: Buffer): boolean {
  for (let index = 0; index < delimiter.length; index++) {
    if (body[at + index] !== delimiter[index]) return false;
  }
  return true;
}

interface DelimiterLine {
  /** End of the part before: the line end in front of the delimiter belongs to the delimiter (RFC 2046 §5.1.1). */
  readonly before: number;
  /** First byte behind the delimiter's line. */
  readonly next: number;
  readonly closing: boolean;
}

/** What the delimiter at the start of a line is: nothing may stand behind it but `--` and blanks; null otherwise. */
function delimiterLine(body: Buffer, at: number, behind: number): DelimiterLine | null {
  const before = at > 1 && body[at - 2] === CR ? at - 2 : Math.max(0, at - 1);
  const closing = body[behind] === DASH && body[behind + 1] === DASH;
  let end = closing ? behind + 2 : behind;
  while (body[end] === 32 || body[end] === 9) end++;
  if (closing || end >= body.length) return { before, next: end, closing };
  if (body[end] === CR && body[end + 1] === LF) return { before, next: end + 2, closing };
  return body[end] === LF ? { before, next: end + 1, closing } : null;
}

/**
 * Takes the headers off a part. A part whose first line is no header (`<?xml`, `v=0`) has none, and starts there: some senders
 * leave out the blank line.
 */
function readPart(bytes: Buffer): { headers: Headers; body: Buffer } {
  const headers = new Headers();
  let pending: [string, string] | null = null;
  let at = 0;
  for (let count = 0; at < bytes.length && count < MAX_PART_HEADERS; count++) {
    const end = bytes.indexOf(LF, at);
    const line = bytes.toString('utf8', at, end < 0 ? bytes.length : end).replace(/\r$/, '');
    const next = end < 0 ? bytes.length : end + 1;
    if (line.trim() === '') {
      at = next;
      break;
    }
    const header = readLine(line, pending);
    if (header === null) break;
    if (pending !== null && header !== pending) headers.add(...pending);
    pending = header;
    at = next;
  }
  if (pending !== null) headers.add(...pending);
  return { headers, body: at >= bytes.length ? EMPTY_BODY : bytes.subarray(at) };
}

/** A header line as name and value; `pending` itself with more value when the line continues it; null when it is neither. */
function readLine(line: string, pending: [string, string] | null): [string, string] | null {
  if (pending !== null && /^[ \t]/.test(line)) {
    pending[1] += ` ${line.trim()}`;
    return pending;
  }
  const colon = line.indexOf(':');
  const name = line.slice(0, Math.max(0, colon)).trim();
  return isToken(name) ? [name, line.slice(colon + 1)] : null;
}

/** A part to be written; headers besides these two are not needed by any client we know. */
export interface PartToWrite {
  readonly contentType: string;
  readonly disposition?: string;
  readonly body: Buffer | string;
}

/**
 * Writes `multipart/mixed`.
 * @param boundary 1 to 70 letters and digits that occur in no part; the caller's random text
 */
export function writeMultipart(parts: readonly PartToWrite[], boundary: string): { contentType: string; body: Buffer } {
  const pieces: Buffer[] = [];
  for (const part of parts) {
    const disposition = part.disposition === undefined ? '' : `Content-Disposition: ${part.disposition}\r\n`;
    pieces.push(
      Buffer.from(`--${boundary}\r\nContent-Type: ${part.contentType}\r\n${disposition}\r\n`),
      typeof part.body === 'string' ? Buffer.from(part.body, 'utf8') : part.body,
      Buffer.from('\r\n'),
    );
  }
  pieces.push(Buffer.from(`--${boundary}--\r\n`));
  return { contentType: `multipart/mixed;boundary=${boundary}`, body: Buffer.concat(pieces) };
}

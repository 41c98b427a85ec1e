import { type Head, headEnd, type Problem, readHead, readStartLine } from './head.ts';
import { EMPTY_BODY, ownBytes, type SipMessage } from './message.ts';
import { contentLength, finish } from './parse.ts';
import { SipParseError } from './parse-error.ts';
import { isToken } from './tokens.ts';

export interface FramerLimits {
  /** Start line and headers, bytes. Default 65,536. */
  readonly headerBytes?: number;
  /** Body, bytes. Default 2 MiB. */
  readonly bodyBytes?: number;
}

export type Framed = SipMessage | 'keepalive' | SipParseError;

const CR = 13;
const LF = 10;

/**
 * Cuts a byte stream (TCP, TLS) into messages by Content-Length (RFC 3261 §18.3). `keepalive` is the double CRLF of
 * RFC 5626 §3.5.1, to be answered with a CRLF. After an error whose `fatal` is set nothing more comes: close the connection.
 *
 *     between ──token──► head ──blank line──► body ──Content-Length bytes──► between
 *        └── CRLF CRLF: keepalive      └── no length, too large, not SIP: dead
 *
 * The result does not depend on how the stream is cut into chunks, and the work is linear in its length.
 */
export class StreamFramer {
  readonly #headerBytes: number;
  readonly #bodyBytes: number;
  #data: Buffer = EMPTY_BODY;
  #start = 0;
  #end = 0;
  /** Whether #data is ours to write to, or a caller's chunk. */
  #owned = false;
  /** Where to go on looking for the blank line. */
  #scanned = 0;
  /** Whether the start line of the message has been seen to be SIP's. */
  #started = false;
  #lineEnds = 0;
  #head: Head | null = null;
  #bodyLength = 0;
  #dead = false;

  constructor(limits: FramerLimits = {}) {
    this.#headerBytes = limits.headerBytes ?? 65_536;
    this.#bodyBytes = limits.bodyBytes ?? 2_097_152;
  }

  push(chunk: Buffer): Framed[] {
    const framed: Framed[] = [];
    if (this.#dead) return framed;
    this.#append(chunk);
    while (this.#start < this.#end && !this.#dead && this.#step(framed));
    this.#keepRest();
    return framed;
  }

  /** Bytes of an unfinished message; not zero for long means a slow or broken sender. */
  get buffered(): number {
    return this.#end - this.#start;
  }

  /** Takes one unit off the buffer; false when more bytes are needed. */
  #step(framed: Framed[]): boolean {
    if (this.#head !== null) return this.#body(framed);
    const first = this.#data[this.#start]!;
    if (first === CR || first === LF) return this.#between(first, framed);
    this.#lineEnds = 0;
    // A TLS hello or another protocol is known by its first byte; do not wait for 64 kB of it.
    if (!isToken(String.fromCodePoint(first))) return this.#die(framed, notSip());
    return this.#headers(framed);
  }

  #between(first: number, framed: Framed[]): boolean {
    if (first === CR && this.buffered === 1) return false;
    const pair = first === CR && this.#data[this.#start + 1] === LF;
    this.#start += pair ? 2 : 1;
    this.#lineEnds = pair ? this.#lineEnds + 1 : 0;
    if (this.#lineEnds === 2) {
      this.#lineEnds = 0;
      framed.push('keepalive');
    }
    return true;
  }

  /** Leftovers of a body that was longer than its Content-Length show in the start line; nothing behind them can be trusted. */
  #startLine(framed: Framed[]): boolean {
    const end = this.#data.subarray(0, this.#end).indexOf(LF, Math.max(this.#start, this.#scanned));
    if (end < 0 || end - this.#start > this.#headerBytes) {
      this.#scanned = this.#end;
      return this.buffered > this.#headerBytes ? this.#die(framed, this.#tooLarge()) : false;
    }
    const line = this.#data.toString('utf8', this.#start, end).replace(/\r$/, '');
    const { start, problem } = readStartLine(line);
    if (start === null) return this.#die(framed, notSip(problem?.reason));
    this.#started = true;
    this.#scanned = end;
    return true;
  }

  #headers(framed: Framed[]): boolean {
    if (!this.#started && !this.#startLine(framed)) return false;
    const end = headEnd(this.#data.subarray(0, this.#end), Math.max(this.#start, this.#scanned));
    const length = (end < 0 ? this.#end : end) - this.#start;
    if (length > this.#headerBytes) return this.#die(framed, this.#tooLarge());
    if (end < 0) {
      // The last two bytes may begin the blank line: LF CR | LF.
      this.#scanned = Math.max(this.#start, this.#scanned, this.#end - 2);
      return false;
    }
    const head = readHead(this.#data.toString('utf8', this.#start, end));
    this.#start = end;
    this.#scanned = end;
    this.#started = false;
    const body = contentLength(head.headers);
    if (typeof body === 'string') {
      const reason = body === 'missing' ? 'Missing Content-Length' : 'Invalid Content-Length';
      return this.#die(framed, attempt(head, EMPTY_BODY, { status: 400, reason, at: 'Content-Length' }, true));
    }
    if (body > this.#bodyBytes) {
      return this.#die(
        framed,
        attempt(head, EMPTY_BODY, { status: 513, reason: 'Message Too Large', at: 'body' }, true),
      );
    }
    this.#head = head;
    this.#bodyLength = body;
    return this.#body(framed);
  }

  #body(framed: Framed[]): boolean {
    if (this.buffered < this.#bodyLength) return false;
    const end = this.#start + this.#bodyLength;
    framed.push(attempt(this.#head!, ownBytes(this.#data.subarray(this.#start, end)), null, false));
    this.#head = null;
    this.#start = end;
    this.#scanned = end;
    return true;
  }

  #tooLarge(): Framed {
    const text = this.#data.toString('utf8', this.#start, this.#start + this.#headerBytes);
    return attempt(readHead(text), EMPTY_BODY, { status: 513, reason: 'Message Too Large', at: 'headers' }, true);
  }

  #die(framed: Framed[], error: Framed): false {
    this.#dead = true;
    this.#start = this.#end;
    framed.push(error);
    return false;
  }

  #append(chunk: Buffer): void {
    const rest = this.buffered;
    if (rest === 0) {
      this.#data = chunk;
      this.#owned = false;
      this.#start = 0;
      this.#scanned = 0;
      this.#end = chunk.length;
      return;
    }
    if (this.#end + chunk.length > this.#data.length) this.#move(2 * (rest + chunk.length));
    this.#end += chunk.copy(this.#data, this.#end);
  }

  /** A caller may reuse its chunk, so what is left of it is copied; an empty buffer is let go. */
  #keepRest(): void {
    if (this.buffered === 0) {
      this.#data = EMPTY_BODY;
      this.#start = this.#end = this.#scanned = 0;
      this.#owned = false;
    } else if (!this.#owned) this.#move(Math.max(2048, this.buffered));
  }

  #move(capacity: number): void {
    const data = Buffer.allocUnsafeSlow(capacity);
    const end = this.#data.copy(data, 0, this.#start, this.#end);
    this.#scanned = Math.max(0, this.#scanned - this.#start);
    this.#data = data;
    this.#start = 0;
    this.#end = end;
    this.#owned = true;
  }
}

function attempt(head: Head, body: Buffer, problem: Problem | null, fatal: boolean): SipMessage | SipParseError {
  try {
    return finish(head, body, problem, fatal);
  } catch (error) {
    if (error instanceof SipParseError) return error;
    throw error;
  }
}

function notSip(reason = 'Not SIP'): SipParseError {
  return new SipParseError(400, reason, { at: 'start line', fatal: true });
}
